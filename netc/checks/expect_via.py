"""An expected ping does not come through the namespace that the lab says.

## What it does
Walks the request and the reply of every `expect A -> B via X`, and finds those of which neither comes into X.

## What happens at run time
The ping is answered, and no packet of it is seen in X: verify.sh counts them there, and fails. Source: the walk that
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
netns a { veth e1 10.1.0.2/24 -- r1:a 10.1.0.1/24; veth e2 10.3.0.2/24 -- r2:a 10.3.0.1/24; route default via 10.1.0.1 }
netns b { veth e1 10.2.0.2/24 -- r1:b 10.2.0.1/24; veth e2 10.4.0.2/24 -- r2:b 10.4.0.1/24; route default via 10.2.0.1 }
netns r1 { forward ipv4 }
netns r2 { forward ipv4 }
expect a -> b via r2
"""
GOOD = BAD.replace("via r2", "via r1")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for test in tests_of(topology):
        ping, ends = test.ping, test.expectation
        if not test.wanted or ends.via is None or not ping.answered:
            continue
        if test.comes_by is False:
            way = path(ping.there)
            yield check.find(
                ends.target.span,
                f"no packet between {ends.source.text} and {ends.target.text} comes through {ends.via.label}",
                effect=f"the request would go {way}, and the ping be answered without {ends.via.label}",
                help=f"give a namespace on the way a route that leads through {ends.via.label}, or name one of {way}",
            )


CHECK = Check("N412", "expect-via", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
