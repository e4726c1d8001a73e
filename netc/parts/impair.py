"""Links made worse on purpose, the data of `impair`, and what it means for a ping that goes there and back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from netc.kinds import kinds
from netc.source import Span
from netc.topology.model import DeviceKey, NetnsKey, Part, Topology

#: Where a distribution's tail ends, in units of the jitter: tables hold 16 bits of 1/8192 (net/sched/sch_netem.c).
_TAIL = 4


@dataclass(frozen=True, slots=True)
class Impair(Part):
    """What happens to the packets of a device, in one direction or both.

    Times are in microseconds, shares in percent, `rate` in bits per second, `burst` in bytes, `limit` in packets.
    `ifb` is the device that takes the packets which come in; None where only those that go out are meant. `spans` says
    where each value stands.
    """

    device: DeviceKey
    egress: bool
    ifb: DeviceKey | None
    spans: Mapping[str, Span]
    delay: int | None = None
    jitter: int | None = None
    distribution: str | None = None
    loss: float | None = None
    duplicate: float | None = None
    reorder: float | None = None
    corrupt: float | None = None
    rate: int | None = None
    burst: int | None = None
    latency: int | None = None
    limit: int | None = None

    @property
    def directions(self) -> int:
        """How many of the two directions are meant."""
        return int(self.egress) + int(self.ifb is not None)

    @property
    def arriving(self) -> float:
        """The share of packets, from 0 to 1, that come through one direction unharmed."""
        return (1 - (self.loss or 0) / 100) * (1 - (self.corrupt or 0) / 100)

    def slowest(self, octets: int) -> float:
        """Return how long one packet of so many octets takes in one direction at most, in seconds."""
        waiting = (self.delay or 0) + _TAIL * (self.jitter or 0)
        return waiting / 1e6 + (octets * 8 / self.rate if self.rate is not None else 0)


def in_flight(delay: int, rate: int) -> int:
    """Return how many packets of 1500 bytes go by a rate in bits per second within a delay in microseconds."""
    return math.ceil(delay / 1e6 * rate / 8 / 1500)


@dataclass(frozen=True, slots=True)
class Journey:
    """What impairments may do to one ping and its answer: how long both take, and how often they come through."""

    seconds: float
    arriving: float

    @property
    def attempts(self) -> int:
        """How many pings it takes until one is answered, but for a chance of one in a million; at most 100."""
        if self.arriving >= 1:
            return 1
        if self.arriving <= 0:
            return 100
        return min(100, math.ceil(math.log(1e-6) / math.log(1 - self.arriving)))


def journey(topology: Topology, source: NetnsKey, target: NetnsKey, octets: int) -> Journey:
    """Return the worst that a ping of so many octets may meet: a device is passed once in each direction."""
    seconds, arriving = 0.0, 1.0
    for impair in _between(topology, source, target):
        seconds += impair.directions * impair.slowest(octets)
        arriving *= impair.arriving**impair.directions
    return Journey(seconds, arriving)


def _between(topology: Topology, source: NetnsKey, target: NetnsKey) -> Iterator[Impair]:
    """Yield the impairments that may lie on the way: not those on links to namespaces that let nothing through."""
    known = _by_ends(topology)
    for ends in {frozenset[NetnsKey](), frozenset({source}), frozenset({target}), frozenset({source, target})}:
        yield from known.get(ends, ())


@lru_cache(maxsize=2)
def _by_ends(topology: Topology) -> Mapping[frozenset[NetnsKey], tuple[Impair, ...]]:
    """Return the impairments by those namespaces at their links' ends that let nothing of others through."""
    ends = {netns for netns in topology.netnses if _is_end(topology, netns)}
    found: dict[frozenset[NetnsKey], list[Impair]] = {}
    for impair in topology.parts_of(Impair):
        peer = topology.devices[impair.device].peer
        sides = {impair.device.netns} if peer is None else {impair.device.netns, peer.netns}
        found.setdefault(frozenset(sides & ends), []).append(impair)
    return {sides: tuple(impairs) for sides, impairs in found.items()}


def _is_end(topology: Topology, netns: NetnsKey) -> bool:
    """Whether no packet of others can pass a namespace: it neither forwards nor bridges, and is not the host's own."""
    forwards = any(topology.forwards_in(netns, family) for family in (4, 6))
    devices = topology.devices_in(netns)
    bridges = any(kinds()[device.kind].can_have_ports or "forwarding" in device.settings for device in devices)
    return not (netns.is_root or forwards or bridges or netns in _unsure(topology))


@lru_cache(maxsize=2)
def _unsure(topology: Topology) -> frozenset[NetnsKey]:
    """Return the namespaces where a parameter or a program may turn forwarding on."""
    said = {sysctl.netns for sysctl in topology.sysctls if sysctl.path[-1] == "forwarding"}
    return frozenset(said | {process.netns for process in topology.processes})
