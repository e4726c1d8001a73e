"""Finds the pings that end for want of a route, for N402 and N403."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network

from netc.checks.strangers import is_told
from netc.reach.advice import missing_route
from netc.reach.hop import Stop, Walk
from netc.reach.net import net_of
from netc.reach.pings import Ping, Test, tests_of
from netc.topology.model import IPAddress, NetnsKey, Topology


@dataclass(frozen=True, slots=True)
class Missing:
    """A ping, its walk that ends for want of a route, and the `route` statement that would let it go on."""

    test: Test
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
    expected = [test for test in tests_of(topology) if test.wanted]
    told: set[tuple[NetnsKey, str]] = set()
    there = tuple(_causes(topology, [(test, test.ping.there) for test in expected], told))
    answers = [(t, t.ping.back) for t in expected if t.ping.back is not None and not _wants_translation(t.ping)]
    back = tuple(_causes(topology, answers, told))
    return there, back


def missing_translations(topology: Topology) -> Iterator[Missing]:
    """Yield the answers from public addresses that find no way back to a private one: who asked has to be translated.

    Where the way there lacks a route as well, the checks of routes tell.
    """
    expected = [test for test in tests_of(topology) if test.wanted and _wants_translation(test.ping)]
    lacking = {(missing.walk.where, missing.route) for missing in missing_routes(topology)[0]}
    yield from _causes(topology, [(t, t.ping.back) for t in expected if t.ping.back is not None], lacking)


def _wants_translation(ping: Ping) -> bool:
    """Whether a private address asks a public one through a router: documentation's prefixes count as public."""
    if ping.back is None or len(ping.there.hops) < 3:
        return False
    return is_private(ping.back.target) and not is_private(ping.there.target)


def is_private(ip: IPAddress) -> bool:
    """Whether an address is for use inside one house alone: RFC 1918, RFC 4193."""
    return any(ip in network for network in _PRIVATE if network.version == ip.version)


_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def _causes(topology: Topology, walks: list[tuple[Test, Walk]], told: set[tuple[NetnsKey, str]]) -> Iterator[Missing]:
    net = net_of(topology)
    for test, walk in walks:
        if walk.stop is not Stop.NO_ROUTE or is_told(topology, walk.where, walk.came_to):
            continue
        route = missing_route(net, walk.where, walk.came_to)
        if (walk.where, route) not in told:
            told.add((walk.where, route))
            yield Missing(test, walk, route)
