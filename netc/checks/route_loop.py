"""Packets of an expected ping go round in a circle.

## What it does
Walks the request and the reply of every `expect A -> B` and finds those that come to a namespace a second time by the
same device: each of the namespaces on the circle takes the next for the way to the destination.

## What happens at run time
The packets go round until their TTL is used up; the namespace where that happens answers `Time to live exceeded`
(ICMP type 11 code 0). Kernel net/ipv4/ip_forward.c, net/ipv6/ip6_output.c.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.unmet import finding_of, unmet
from netc.diagnostics import Finding, Severity
from netc.reach.hop import Stop
from netc.topology.model import Topology

BAD = """
netns a { veth e 10.1.0.2/24 -- r1:a 10.1.0.1/24; route default via 10.1.0.1 }
netns r1 { forward ipv4; veth x 10.9.0.1/24 -- r2:x 10.9.0.2/24; route default via 10.9.0.2 }
netns r2 { forward ipv4; route default via 10.9.0.1 }
netns b { address lo 10.2.0.2/32; veth e 10.3.0.2/24 -- r2:b 10.3.0.1/24; route default via 10.3.0.1 }
expect a -> b:lo
"""
GOOD = BAD.replace("route default via 10.9.0.1 }", "route default via 10.9.0.1; route 10.2.0.2 via 10.3.0.2 }")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for failure in unmet(topology, Stop.LOOP):
        yield finding_of(check, failure)


CHECK = Check("N405", "route-loop", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
