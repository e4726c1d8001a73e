"""A route or a policy rule on the way of an expected ping drops it.

## What it does
Walks the request and the reply of every `expect A -> B` and finds the `blackhole`, `unreachable` or `prohibit` that
decides about them: no longer prefix of that namespace holds the destination.

## What happens at run time
`blackhole` drops without a word; `unreachable` answers `Destination Host Unreachable`, `prohibit` `Packet filtered`
(ICMP type 3 codes 1 and 13), where the namespace forwards and has a way back to the sender. Kernel net/ipv4/route.c,
ip_error; ip-route(8).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.unmet import finding_of, unmet
from netc.diagnostics import Finding, Severity
from netc.reach.hop import Stop
from netc.topology.model import Topology

BAD = """
netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24; route default via 10.1.0.1 }
netns b { veth e 10.2.0.2/24 -- r:b 10.2.0.1/24; route default via 10.2.0.1 }
netns r { forward ipv4; route blackhole 10.2.0.0/25 }
expect a <-> b
"""
GOOD = BAD.replace("10.2.0.0/25", "10.2.0.128/25")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for failure in unmet(topology, Stop.BLACKHOLED):
        yield finding_of(check, failure)


CHECK = Check("N406", "blackholed", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
