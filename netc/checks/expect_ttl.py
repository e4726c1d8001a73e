"""The reply of an expected ping has another TTL than the lab says.

## What it does
Walks the request and the reply of every `expect A -> B ttl N`, and counts the namespaces that forward the reply.

## What happens at run time
ping prints another `ttl=`, and verify.sh fails. A reply starts with 64, and every namespace that forwards it takes
one away; bridges and tunnels take none (kernel net/ipv4/ip_forward.c, ip_decrease_ttl).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.reach.pings import tests_of
from netc.reach.story import path
from netc.topology.model import Topology

BAD = """
netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24; route default via 10.1.0.1 }
netns b { veth e 10.2.0.2/24 -- r:b 10.2.0.1/24; route default via 10.2.0.1 }
netns r { forward ipv4 }
expect a <-> b ttl 64
"""
GOOD = BAD.replace("ttl 64", "ttl 63")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    told: set[object] = set()
    for test in tests_of(topology):
        ping, ends = test.ping, test.expectation
        if not test.wanted or ends.ttl is None or not ping.answered or ping.ttl == ends.ttl:
            continue
        if (ends.origin, ping.ttl) not in told and ping.back is not None:
            told.add((ends.origin, ping.ttl))
            yield check.find(
                ends.target.span,
                f"the reply of {ends.target.netns.label} comes with TTL {ping.ttl}, not {ends.ttl}",
                effect=f"it would come by {path(ping.back)}, and ping would print ttl={ping.ttl}",
                help=f"write `ttl {ping.ttl}`, or change the way",
            )


CHECK = Check("N411", "expect-ttl", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
