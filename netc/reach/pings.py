"""What the lab expects, walked: the request there, and the reply back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netc.reach.net import Net, net_of
from netc.reach.walk import Stop, Walk, source_of, walk
from netc.topology.model import End, Expectation, Expected, IPAddress, Topology


@dataclass(frozen=True, slots=True)
class Ping:
    """One ping of an expectation; `back` is None where the request does not arrive, or its source is unknown."""

    expectation: Expectation
    target: IPAddress
    there: Walk
    back: Walk | None

    @property
    def answered(self) -> bool:
        """Whether the lab expects an answer."""
        return self.expectation.expected is Expected.ANSWERED

    @property
    def walks(self) -> tuple[Walk, ...]:
        """The walks that are known: there, and perhaps back."""
        return (self.there,) if self.back is None else (self.there, self.back)


@lru_cache(maxsize=2)
def pings_of(topology: Topology) -> tuple[Ping, ...]:
    """Return the pings of every expectation: one for each family that both ends have."""
    net = net_of(topology)
    return tuple(ping for expectation in topology.expectations for ping in _pings(net, expectation))


def _pings(net: Net, expectation: Expectation) -> Iterator[Ping]:
    sources, targets = (_addresses(net.topology, end) for end in (expectation.source, expectation.target))
    said = expectation.source.device is not None or expectation.source.ip is not None
    for family in sorted(sources.keys() & targets.keys()):
        target = targets[family]
        there = walk(net, expectation.source.netns, target)
        source = sources[family] if said else source_of(net, expectation.source.netns, target)
        arrived = there.stop is Stop.DELIVERED and there.where == expectation.target.netns
        back = walk(net, there.where, source) if arrived and source is not None else None
        yield Ping(expectation, target, there, back)


def _addresses(topology: Topology, end: End) -> dict[int, IPAddress]:
    """Return an end's first address of each family."""
    if end.ip is not None:
        return {end.ip.version: end.ip}
    found: dict[int, IPAddress] = {}
    for address, device in topology.addresses_of(end.netns):
        if end.device in {None, device.key}:
            found.setdefault(address.ip.version, address.ip)
    return found
