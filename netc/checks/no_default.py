"""An expected destination has no route to it.

## What it does
Walks the request of every `expect A -> B` from namespace to namespace, and finds the one that has no route to B: A
itself, or a router on the way. Where that namespace shares a segment with B, its address is what is wrong, and other
checks tell (N201, N202, N211). Nothing is told where policy rules, VRFs or a program of the lab may know more.

## What happens at run time
At A itself: `ping: connect: Network is unreachable`, ENETUNREACH. At a router on the way: it drops the packet and
says `Destination Net Unreachable` (ICMP type 3 code 0). Kernel net/ipv4/route.c, ip_route_output_key_hash_rcu and
ip_error.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.missing import missing_routes
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth eth0 10.1.0.2/24 -- r1:eth0 10.1.0.1/24 }
netns ns2 { veth eth0 10.2.0.2/24 -- r1:eth1 10.2.0.1/24; route default via 10.2.0.1 }
netns r1 { forward ipv4 }
expect ns1 <-> ns2
"""
GOOD = """
netns ns1 { veth eth0 10.1.0.2/24 -- r1:eth0 10.1.0.1/24; route default via 10.1.0.1 }
netns ns2 { veth eth0 10.2.0.2/24 -- r1:eth1 10.2.0.1/24; route default via 10.2.0.1 }
netns r1 { forward ipv4 }
expect ns1 <-> ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for missing in missing_routes(topology)[0]:
        end, where = missing.test.expectation, missing.walk.where
        if where == end.source.netns:
            effect = 'every ping ends in "Network is unreachable"'
        else:
            effect = f'{where.label} would answer {end.source.netns.label} with "Destination Net Unreachable"'
        yield check.find(
            end.target.span,
            f"{where.label} has no route to {missing.walk.target} of {end.target.netns.label}",
            effect=effect,
            help=missing.help,
        )


CHECK = Check("N403", "no-default", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
