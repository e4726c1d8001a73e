"""Packets that stay inside a subnet are masqueraded as if they left it.

## What it does
Finds a `masquerade`, or a `nat` of sources, that takes a subnet and leaves by a device that a route of the namespace
uses to reach another part of the same subnet, with no `nat return` before it for these packets.

## What happens at run time
What one part of the subnet sends to the other comes there from the router's own address: answers still find their way,
but who asks cannot be told any more, and filters and logs by address are wrong. flannel and the CNI bridge plugin leave
such packets alone for that reason (flannel pkg/trafficmngr, `-s POD -d CLUSTER RETURN`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.parts.match import Match, OneOf
from netc.parts.table import Chain, Nat, Translation
from netc.topology.model import IPNetwork, NetnsKey, Route, Topology

BAD = """
netns r1 {
  forward ipv4
  veth wan 192.168.0.1/24 -- r2:wan 192.168.0.2/24
  route 10.244.2.0/24 via 192.168.0.2
  masquerade 10.244.0.0/16 out wan
}
netns r2
"""
GOOD = """
netns r1 {
  forward ipv4
  veth wan 192.168.0.1/24 -- r2:wan 192.168.0.2/24
  route 10.244.2.0/24 via 192.168.0.2
  masquerade 10.244.0.0/16 out wan daddr not 10.244.0.0/16
}
netns r2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    before: dict[NetnsKey, list[Nat]] = {}
    routes: dict[NetnsKey, list[Route]] = {}
    for route in topology.routes:
        routes.setdefault(route.netns, []).append(route)
    for rule in topology.parts_of(Nat):
        if rule.chain is not Chain.SRCNAT:
            continue
        if rule.translation is not Translation.RETURN:
            found = (
                (inside, route)
                for route in routes.get(rule.netns, ())
                if (inside := _inside(rule, route)) is not None
                and not any(other.match.covers(_packets(rule, inside, route)) for other in before.get(rule.netns, ()))
            )
            yield from (_finding(check, rule, *first) for first in islice(found, 1))
        before.setdefault(rule.netns, []).append(rule)


def _finding(check: Check, rule: Nat, inside: IPNetwork, route: Route) -> Finding:
    return check.find(
        rule.origin.span,
        f"packets from {inside} to {route.prefix}, which lies inside it, are translated too",
        effect=f"{route.prefix} would see {rule.netns.label} as the sender of it all",
        help=f"write `{rule.origin.title} daddr not {inside}`"
        if rule.origin.title.startswith("masquerade ")
        else f"leave them out: add `daddr not {inside}`",
        labels=[Label(route.origin.span, "the route there")],
    )


def _inside(rule: Nat, route: Route) -> IPNetwork | None:
    """Return the source that a rule translates and that a route's destination is a part of, if packets meet both."""
    match = rule.match
    if match.source is None or match.source.negated or match.destination is not None:
        return None
    if route.device is None or not _leaves(match, route):
        return None
    prefix = route.prefix
    for source in match.source.values:
        if source.version == prefix.version and source.prefixlen < prefix.prefixlen and source.overlaps(prefix):
            return source
    return None


def _leaves(match: Match, route: Route) -> bool:
    return match.out_device is None or (route.device in match.out_device.values) != match.out_device.negated


def _packets(rule: Nat, source: IPNetwork, route: Route) -> Match:
    """Return those packets of a rule that go from a subnet to a part of it."""
    assert route.device is not None
    return replace(
        rule.match, source=OneOf((source,)), destination=OneOf((route.prefix,)), out_device=OneOf((route.device,))
    )


CHECK = Check("N431", "nat-double", Severity.WARNING, _run, BAD, GOOD)
