"""A rule of the lab's own table drops an expected ping.

## What it does
Walks the request and the reply of every `expect A -> B` through the tables of the namespaces that they come to, and
finds the `filter` that drops or rejects one of them, or, of IPv6, the neighbour discovery that goes before. It tells
each rule once. What a rule in nft's own words does, netc does not know: N414 says so.

## What happens at run time
`drop` loses the packet without a word; `reject` answers `Destination Port Unreachable`; a sender that drops its own
gets `Operation not permitted`. A reply is `established` where its request has passed the same namespace, and `invalid`
where it has not, as when the two take different ways. Kernel net/netfilter/nf_conntrack_core.c; nft(8), RULES.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netc.checks.base import Check
from netc.checks.unmet import finding_of, unmet
from netc.diagnostics import Finding, Severity
from netc.reach.hop import Stop
from netc.topology.model import Topology

if TYPE_CHECKING:
    from netc.parts.table import TableRule

BAD = """
netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24; route default via 10.1.0.1 }
netns b { veth e 10.2.0.2/24 -- r:b 10.2.0.1/24; route default via 10.2.0.1 }
netns r { forward ipv4; filter forward accept in a; filter forward drop }
expect a -> b
"""
GOOD = BAD.replace("filter forward drop", "filter forward accept established; filter forward drop")


def rules_told(topology: Topology) -> set[TableRule]:
    """Return the rules that this check tells of."""
    return {failure.walk.rule for failure in unmet(topology, Stop.FILTERED) if failure.walk.rule is not None}


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for failure in unmet(topology, Stop.FILTERED):
        yield finding_of(check, failure)


CHECK = Check("N416", "filtered", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
