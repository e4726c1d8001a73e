"""Packets of an expected ping come in where their source is refused.

## What it does
Walks the request and the reply of every `expect A -> B` and finds the namespace that drops them for their source:
reverse-path filtering is on there, and its own route to the source leaves by another device, or there is none. The
larger of `rp-filter` of the device and of `all` holds. Loose filtering (2) is as strict as 1 at a device without an
IPv4 address. A source that the namespace has itself is refused, too, unless `accept-local` is on.

## What happens at run time
The packets are dropped without a message to the sender; `nstat -az TcpExtIPReversePathFilter` counts them, and with
net.ipv4.conf.all.log_martians the kernel's log names them. The same decides whether an ARP request is answered. Kernel
net/ipv4/fib_frontend.c, fib_validate_source; Documentation/networking/ip-sysctl.rst, rp_filter.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.unmet import finding_of, unmet
from netc.diagnostics import Finding, Severity
from netc.reach.hop import Stop
from netc.topology.model import Topology

BAD = """
# a sends by r1, and b answers by r2: a does not take what comes in by its second link
netns a {
  veth e1 10.1.0.2/24 { rp-filter 1 } -- r1:a 10.1.0.1/24
  veth e2 10.2.0.2/24 { rp-filter 1 } -- r2:a 10.2.0.1/24
  route 10.9.0.0/24 via 10.1.0.1
}
netns r1 { forward ipv4; veth out 10.8.0.1/24 -- b:e1 10.8.0.2/24; route 10.9.0.2 via 10.8.0.2 }
netns r2 { forward ipv4; veth out 10.9.0.1/24 -- b:e2 10.9.0.2/24; route 10.1.0.2 via 10.2.0.2 }
netns b { route 10.1.0.0/24 via 10.9.0.1 }
expect a -> b:e2
"""
GOOD = BAD.replace("10.2.0.2/24 { rp-filter 1 }", "10.2.0.2/24 { rp-filter 2 }")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for failure in unmet(topology, Stop.REFUSED):
        yield finding_of(check, failure)


CHECK = Check("N404", "rp-strict", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
