"""The request of an expected ping arrives, and the reply finds no way back.

## What it does
Walks the reply of every `expect A -> B` whose request arrives, and finds the namespace that has no route back to A's
address: B itself, or a router on the way. Where the lab expects the way back on its own (`A <-> B`), N403 tells.

## What happens at run time
The request arrives, and tcpdump at B shows it; the reply is dropped where the route is missing, and A waits in vain:
`100% packet loss`. A reply needs a route like any other packet, it does not take the request's way back (RFC 1812,
section 5.2; kernel net/ipv4/icmp.c, icmp_reply).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.missing import missing_routes
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth eth0 10.1.0.2/24 -- r1:eth0 10.1.0.1/24; route default via 10.1.0.1 }
netns ns2 { veth eth0 10.2.0.2/24 -- r1:eth1 10.2.0.1/24 }
netns r1 { forward ipv4 }
expect ns1 -> ns2
"""
GOOD = """
netns ns1 { veth eth0 10.1.0.2/24 -- r1:eth0 10.1.0.1/24; route default via 10.1.0.1 }
netns ns2 { veth eth0 10.2.0.2/24 -- r1:eth1 10.2.0.1/24; route default via 10.2.0.1 }
netns r1 { forward ipv4 }
expect ns1 -> ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for missing in missing_routes(topology)[1]:
        source, target = missing.test.expectation.source, missing.test.expectation.target
        yield check.find(
            source.span,
            f"{missing.walk.where.label} has no route back to {missing.walk.target} of {source.netns.label}",
            effect=f"the request would arrive at {target.netns.label}, but no reply at {source.netns.label}",
            help=missing.help,
        )


CHECK = Check("N402", "no-return", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
