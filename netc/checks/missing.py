"""Finds the pings that end for want of a route, for N402 and N403."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netc.checks.strangers import is_told
from netc.reach.advice import missing_route
from netc.reach.net import net_of
from netc.reach.pings import Ping, pings_of
from netc.reach.walk import Stop, Walk
from netc.topology.model import NetnsKey, Topology


@dataclass(frozen=True, slots=True)
class Missing:
    """A ping, its walk that ends for want of a route, and the `route` statement that would let it go on."""

    ping: Ping
    walk: Walk
    route: str

    @property
    def help(self) -> str:
        """What to write, and where."""
        where = self.walk.where
        return f"add `{self.route}` " + ("at the top level of the file" if where.is_root else f"to {where.label}")


@lru_cache(maxsize=2)
def missing_routes(topology: Topology) -> tuple[tuple[Missing, ...], tuple[Missing, ...]]:
    """Return what is missing on the way there, and what is missing on the way back alone.

    A cause is a namespace and the route that it lacks, and is told once. Where the two ends are on one segment and
    an address of theirs is the mistake, the checks of addresses tell.
    """
    expected = [ping for ping in pings_of(topology) if ping.answered]
    told: set[tuple[NetnsKey, str]] = set()
    there = tuple(_causes(topology, [(ping, ping.there) for ping in expected], told))
    back = tuple(_causes(topology, [(ping, ping.back) for ping in expected if ping.back is not None], told))
    return there, back


def _causes(topology: Topology, walks: list[tuple[Ping, Walk]], told: set[tuple[NetnsKey, str]]) -> Iterator[Missing]:
    net = net_of(topology)
    for ping, walk in walks:
        if walk.stop is not Stop.NO_ROUTE or is_told(topology, walk.where, walk.target):
            continue
        route = missing_route(net, walk.where, walk.target)
        if (walk.where, route) not in told:
            told.add((walk.where, route))
            yield Missing(ping, walk, route)
