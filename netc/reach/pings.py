"""Pings: the request there, and the reply back, of what the lab expects and of any other pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.reach.entry import EntryType
from netc.reach.forks import MOST, Forks
from netc.reach.hooks import Hooks
from netc.reach.hop import Stop, Walk
from netc.reach.neighbour import Memory
from netc.reach.net import Net, net_of
from netc.reach.story import reason
from netc.reach.walk import Exchange, walk
from netc.topology.model import End, Expectation, Expected, IPAddress, NetnsKey, Topology

if TYPE_CHECKING:
    from netc.reach.ends import Place
    from netc.topology.model import DeviceKey


@dataclass(frozen=True, slots=True)
class Ping:
    """A request's walk, and its reply's; `back` is None where the request does not arrive.

    `ways` are all that it may come to where routes on its way have several next hops.
    """

    there: Walk
    back: Walk | None
    ways: tuple[Ping, ...] = ()

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
        return self.ping.answered and self.is_meant

    @property
    def is_meant(self) -> bool:
        """Whether the request ends in the namespace that the lab means, or in one that it translates it to."""
        there = self.ping.there
        return there.where == self.expectation.target.netns or there.came_to != there.target

    @property
    def comes_by(self) -> bool | None:
        """Whether packets come through the namespace that the lab says; None where next hops decide about that."""
        via = self.expectation.via
        ways = self.ping.ways or (self.ping,)
        found = {any(hop.netns == via for walk in way.walks for hop in walk.hops) for way in ways}
        return found.pop() if len(found) == 1 else None


def ping(net: Net, start: NetnsKey, target: IPAddress, source: IPAddress | None = None) -> Ping:
    """Return the ping of `target` by a namespace, from `source` or from the address that the kernel chooses.

    The reply is sent by what takes the request, in the VRF of the device that it came in by, to the request's source;
    for an anycast address, it comes from another that is chosen as for any packet, and leaves by the device that the
    request came in by, or not at all (kernel net/ipv4/icmp.c, icmp_reply; net/ipv6/icmp.c, icmpv6_echo_reply;
    net/ipv6/route.c, ip6_route_output_flags_noref). ping(8) takes a reply for its own by what it carries, whoever it
    comes from (iputils ping/ping.c, ping4_parse_reply: "DIFFERENT ADDRESS!").
    Where routes have several next hops, each is followed: if all come to the same, that is the answer.
    """
    forks: Forks | None = Forks()
    found: list[tuple[Ping, Forks]] = []
    while forks is not None:
        found.append((_ping(net, start, target, source, forks), forks))
        forks = forks.next()
        if forks is not None and len(found) == MOST:
            first = found[0][0]
            return replace(first, there=_unsure(first.there, "there are too many combinations of next hops"), back=None)
    return found[0][0] if len(found) == 1 else settle(net, found)


def _ping(net: Net, start: NetnsKey, target: IPAddress, source: IPAddress | None, forks: Forks) -> Ping:
    memory = Memory()
    exchange = Exchange(Hooks(net), forks)
    there = walk(net, start, target, source, memory=memory, exchange=exchange)
    if there.stop is not Stop.DELIVERED or there.came_from is None:
        return Ping(there, None)
    near, exchange = _answers_by(net, there), replace(exchange, is_reply=True)
    entry = there.hops[-1].entry
    if entry is not None and entry.type is EntryType.ANYCAST:  # without a source it is bound to the device
        near = near or entry.device
        back = walk(net, there.where, there.came_from, memory=memory, bound=near, strict=True, exchange=exchange)
    else:
        back = walk(net, there.where, there.came_from, there.came_to, memory=memory, reply_to=near, exchange=exchange)
    return Ping(there, back)


def _answers_by(net: Net, there: Walk) -> DeviceKey | None:
    """Return the device near which an answer starts: that which the request came in by.

    Of what comes in by a VRF, IPv6 takes the one that has the address (net/ipv6/icmp.c, icmpv6_iif).
    """
    last = there.hops[-1]
    through_vrf = last.entered is not None and net.table(last.entered) is not None
    return last.entry.device if through_vrf and there.target.version == 6 and last.entry else last.entered


def settle(net: Net, found: list[tuple[Ping, Forks]]) -> Ping:
    """Return what becomes of a ping that may go several ways: what all come to, or that it is unknown."""
    first, forks = found[0]
    ways = tuple(one for one, _ in found)
    other = next(((one, taken) for one, taken in found if _result(one) != _result(first)), None)
    if other is None:
        return replace(first, ways=ways)
    parting = forks.parting(other[1])
    assert parting is not None
    netns, *entries = parting
    ends = zip(entries, (first, other[0]), strict=True)
    told = [f"by {entry.gateway or entry.device} {_told(net, one)}" for entry, one in ends]
    why = f"{netns.label} has several next hops for {entries[0].prefix}: {', '.join(told)}"
    ping = other[0] if first.answered else first
    if ping.back is None:
        return replace(ping, there=_unsure(ping.there, why), ways=ways)
    return replace(ping, back=_unsure(ping.back, why), ways=ways)


def _unsure(walk: Walk, why: str) -> Walk:
    return replace(walk, stop=Stop.UNKNOWN, why=why)


def _result(ping: Ping) -> tuple[bool, bool, int]:
    return ping.unknown, ping.answered, ping.ttl if ping.answered else 0


def _told(net: Net, ping: Ping) -> str:
    if ping.answered:
        return f"a ping is answered with TTL {ping.ttl}"
    told = reason(net, ping.last, back=ping.back is not None).text
    return f"it is not known: {told}" if ping.unknown else f"it is not answered: {told}"


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
