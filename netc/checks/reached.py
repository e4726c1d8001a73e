"""The lab expects no answer to a ping, and there is one.

## What it does
Walks the request and the reply of every `expect A -/> B`, and finds those that are answered all the same.

## What happens at run time
verify.sh pings, gets an answer, and fails. What is meant to keep two namespaces apart does not. Source: the walk that
the finding shows; `netc trace` tells every hop.
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
expect a -/> b
"""
GOOD = BAD.replace("forward ipv4", "forward ipv4; route blackhole 10.2.0.2")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for test in tests_of(topology):
        if test.wanted or not test.ping.answered:
            continue
        ends, there = test.expectation, test.ping.there
        yield check.find(
            ends.target.span,
            f"{ends.source.netns.label} reaches {there.target} of {ends.target.netns.label}: {path(there)}",
            effect=f"the ping would be answered, with TTL {test.ping.ttl}, and verify.sh would fail",
            help="expect an answer (`->`), or take away a route on this way, or drop it with `route blackhole`",
        )


CHECK = Check("N410", "reached", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
