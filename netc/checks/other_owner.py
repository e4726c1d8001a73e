"""An expected ping, or its reply, ends in another namespace than the lab means.

## What it does
Walks the request and the reply of every `expect A -> B`, and finds those that come to a namespace that has the address
as well: the request is answered by somebody else, or the reply goes to somebody else than A. A request that a
`nat dnat` of the lab sends elsewhere is meant to end there.

## What happens at run time
ping cannot tell who answers: it prints an answer of the wrong namespace. A reply that goes to another namespace is
dropped there, and A waits in vain: `100% packet loss`. The kernel takes whatever is for one of its own addresses
(net/ipv4/route.c, ip_route_input_slow), and what it sends itself by a route by lo (__mkroute_output).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netc.checks.addresses import owner_of
from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.reach.hop import Stop, Walk
from netc.reach.pings import tests_of
from netc.reach.story import path
from netc.topology.model import NetnsKey, Topology

BAD = """
netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24; route default via 10.1.0.1 }
netns b { veth e 10.2.0.2/24 -- r:b 10.2.0.1/24; route default via 10.2.0.1 }
netns r { forward ipv4; address lo 10.2.0.2/32 }
expect a -> b
"""
GOOD = BAD.replace("10.2.0.2/32", "10.2.9.2/32")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for test in tests_of(topology):
        ends, ping = test.expectation, test.ping
        if not test.wanted or ping.there.stop is not Stop.DELIVERED:
            continue
        meant, walk = ends.target.netns, ping.there
        if test.is_meant:
            if ping.back is None or ping.back.stop is not Stop.DELIVERED or ping.answered:
                continue
            meant, walk = ends.source.netns, ping.back
        how, help, cause = _how(topology, walk, meant)
        finding = check.find(
            ends.target.span if walk is ping.there else ends.source.span,
            f"{walk.where.label} {how}, and takes what is meant for {meant.label}",
            effect=f"the {'request' if walk is ping.there else 'reply'} would go {path(walk)}, and end there",
            help=help,
        )
        yield replace(finding, symptom=cause)


def _how(topology: Topology, walk: Walk, meant: NetnsKey) -> tuple[str, str, object]:
    """Return how a namespace comes to take a packet, what to write instead, and what another check may tell of."""
    here, ip, entry = walk.where, walk.came_to, walk.hops[-1].entry
    if entry is not None and entry.is_taken:
        return f"has a route to {ip} by lo", f"remove it from {here.label}", None
    owner = owner_of(topology, here, ip)
    if owner is None:
        return f"has {ip} as every router of the subnet", f"give {meant.label} another address", None
    return f"has {ip} as well", f"give {here.label} another address", (here, owner[0].interface)


CHECK = Check("N415", "other-owner", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
