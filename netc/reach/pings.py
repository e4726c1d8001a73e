"""Pings: the request there, and the reply back, of what the lab expects and of any other pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.reach.neighbour import Memory
from netc.reach.net import Net, net_of
from netc.reach.walk import Stop, Walk, walk
from netc.topology.model import End, Expectation, Expected, IPAddress, NetnsKey, Topology

if TYPE_CHECKING:
    from netc.reach.ends import Place


@dataclass(frozen=True, slots=True)
class Ping:
    """A request's walk, and its reply's; `back` is None where the request does not arrive."""

    there: Walk
    back: Walk | None

    @property
    def walks(self) -> tuple[Walk, ...]:
        """The walks that are known: there, and perhaps back."""
        return (self.there,) if self.back is None else (self.there, self.back)

    @property
    def last(self) -> Walk:
        """The walk that decides."""
        return self.there if self.back is None else self.back

    @property
    def answered(self) -> bool:
        """Whether the reply comes back to where the request was sent."""
        return (
            self.back is not None and self.back.stop is Stop.DELIVERED and self.back.where == self.there.hops[0].netns
        )

    @property
    def unknown(self) -> bool:
        """Whether the model cannot tell."""
        return self.last.stop is Stop.UNKNOWN

    @property
    def ttl(self) -> int:
        """The reply's TTL as ping prints it, where there is a reply."""
        return self.last.ttl


@dataclass(frozen=True, slots=True)
class Test:
    """One ping of an expectation."""

    expectation: Expectation
    ping: Ping

    @property
    def wanted(self) -> bool:
        """Whether the lab expects an answer."""
        return self.expectation.expected is Expected.ANSWERED

    @property
    def arrives(self) -> bool:
        """Whether the answer comes, and from the namespace that the lab means."""
        return self.ping.answered and self.ping.there.where == self.expectation.target.netns


def ping(net: Net, start: NetnsKey, target: IPAddress, source: IPAddress | None = None) -> Ping:
    """Return the ping of `target` by a namespace, from `source` or from the address that the kernel chooses.

    The reply is sent by what takes the request, in the VRF of the device that it came in by, to the request's source
    (kernel net/ipv4/icmp.c, icmp_reply; net/ipv6/icmp.c, icmpv6_echo_reply).
    """
    memory: Memory = {}
    there = walk(net, start, target, source, memory=memory)
    if there.stop is not Stop.DELIVERED or there.source is None:
        return Ping(there, None)
    entered = there.hops[-1].entered
    return Ping(there, walk(net, there.where, there.source, target, memory=memory, reply_to=entered))


@lru_cache(maxsize=2)
def tests_of(topology: Topology) -> tuple[Test, ...]:
    """Return the pings of every expectation: one for each family that both ends have."""
    net = net_of(topology)
    return tuple(test for expectation in topology.expectations for test in _tests(net, expectation))


def _tests(net: Net, expectation: Expectation) -> Iterator[Test]:
    sources, targets = (addresses_of(net.topology, end) for end in (expectation.source, expectation.target))
    said = expectation.source.device is not None or expectation.source.ip is not None
    for family in sorted(targets):
        if family in sources:
            source = sources[family] if said else None
            yield Test(expectation, ping(net, expectation.source.netns, targets[family], source))
        elif not sources:  # it has no address at all, which an expectation of no answer may rely on
            yield Test(expectation, ping(net, expectation.source.netns, targets[family]))


def addresses_of(topology: Topology, end: End | Place) -> dict[int, IPAddress]:
    """Return an end's first address of each family."""
    if end.ip is not None:
        return {end.ip.version: end.ip}
    found: dict[int, IPAddress] = {}
    for address, device in topology.addresses_of(end.netns):
        if end.device in {None, device.key}:
            found.setdefault(address.ip.version, address.ip)
    return found
