"""A packet's walk from a namespace to an address, hop by hop, as far as the lab lets it be known.

Sources: kernel net/ipv4/route.c (ip_route_output_key_hash_rcu for what a namespace sends; ip_route_input_slow for what
comes in: local delivery first, then forwarding of the device that it came in by, then the route, then its source),
net/ipv6/route.c, net/ipv6/ip6_output.c (ip6_forward), net/ipv4/ip_forward.c (the TTL).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from netc.reach.fib import Entry, EntryType
from netc.reach.limits import deciders
from netc.reach.neighbour import Answer, Memory, Reply, ask, is_unsettled
from netc.reach.rules import Flow
from netc.reach.source import Refusal, Refused, refused, select6, select_source

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey

TTL = 64  # include/uapi/linux/ip.h IPDEFTTL, and net.ipv6 hop_limit


class Stop(Enum):
    """Where a walk ends, and why."""

    DELIVERED = "the namespace has the address"
    UNKNOWN = "the model cannot tell what comes next"
    NO_ROUTE = "the namespace has no route to it"
    NO_SOURCE = "the namespace has no address to send from"
    BLACKHOLED = "a route of the namespace says to drop it"
    NO_FORWARD = "the namespace does not forward"
    REFUSED = "the namespace does not take packets with this source from there"
    NO_NEIGHBOUR = "nobody on the segment answers for the next hop"
    NO_PROXY_ROUTE = "proxy ARP for the next hop has no route to it"
    NO_PROXY_FORWARD = "proxy ARP for the next hop is at a device that does not forward"
    LOST = "it is sent, and does not get to the next hop"
    LOOP = "the packet has been here before"


_UNANSWERED = {
    Reply.UNKNOWN: Stop.UNKNOWN,
    Reply.NO_PROXY_ROUTE: Stop.NO_PROXY_ROUTE,
    Reply.NO_PROXY_FORWARD: Stop.NO_PROXY_FORWARD,
    Reply.ASTRAY: Stop.LOST,
    Reply.LOST: Stop.LOST,
}
_DROPS = {EntryType.BLACKHOLE, EntryType.UNREACHABLE, EntryType.PROHIBIT}


@dataclass(frozen=True, slots=True)
class Hop:
    """A namespace on the way: the device that the packet came in by, and the entry that decides about it there.

    `ttl` is what the packet has left when it is there; `next_hop` is who is asked for on the link of the entry's
    device, and `answer` what comes of it.
    """

    netns: NetnsKey
    entered: DeviceKey | None
    entry: Entry | None
    ttl: int
    next_hop: IPAddress | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk. `source` is None where the sender has no address, or no route to choose one by.

    `refusal` goes with REFUSED, and `why` with UNKNOWN.
    """

    source: IPAddress | None
    target: IPAddress
    stop: Stop
    hops: tuple[Hop, ...]
    refusal: Refused | None = None
    why: str = ""

    @property
    def where(self) -> NetnsKey:
        """The namespace in which it ends."""
        return self.hops[-1].netns

    @property
    def ttl(self) -> int:
        """The TTL that is left at its end."""
        return self.hops[-1].ttl

    @property
    def asked(self) -> DeviceKey | None:
        """The device that answers for the last next hop, or would if it were set up right."""
        answer = self.hops[-1].answer
        return None if answer is None else answer.device


@dataclass(frozen=True, slots=True)
class _Ending:
    """Why a walk ends at a hop."""

    stop: Stop
    refusal: Refused | None = None
    why: str = ""


def walk(
    net: Net,
    start: NetnsKey,
    target: IPAddress,
    source: IPAddress | None = None,
    *,
    entered: DeviceKey | None = None,
    memory: Memory | None = None,
    reply_to: DeviceKey | None = None,
    bound: DeviceKey | None = None,
) -> Walk:
    """Return the walk of a packet for `target`.

    It is sent by `start`, from `source` or from the address that the kernel chooses, or it has been handed to it by
    the device `entered`. `reply_to` is the device that the request came in by that this packet answers, and `bound` the
    one that the sender has bound it to.
    """
    hops: list[Hop] = []
    seen: set[tuple[NetnsKey, DeviceKey | None]] = set()
    netns, ttl, memory = start, TTL, {} if memory is None else memory
    while True:
        flow = _flow(net, target, source, entered, reply_to)
        if bound is not None and entered is None:
            flow = replace(flow, bound=bound, table=net.table(bound))
        entry = net.fibs[netns].lookup(flow)
        if source is None and entered is None:
            entry, source = _choose_source(net, netns, flow, entry)
        hops.append(Hop(netns, entered, entry, ttl))
        ending = _ending(net, hops[-1], flow, source)
        if ending is None and (netns, entered) in seen:
            ending = _Ending(Stop.LOOP)
        if ending is not None:
            return Walk(source, target, ending.stop, tuple(hops), ending.refusal, ending.why)
        seen.add((netns, entered))
        assert entry is not None
        assert entry.device is not None
        ttl -= int(entered is not None)
        next_hop = entry.gateway or target
        answer = _hand_over(net, entry.device, next_hop, source, target, memory)
        hops[-1] = replace(hops[-1], next_hop=next_hop, answer=answer)
        if answer.reply is not Reply.ANSWERED:
            stop = _UNANSWERED.get(answer.reply, Stop.NO_NEIGHBOUR)
            return Walk(source, target, stop, tuple(hops), why=answer.why)
        assert answer.device is not None
        netns, entered = answer.device.netns, answer.device


def _choose_source(net: Net, netns: NetnsKey, flow: Flow, entry: Entry | None) -> tuple[Entry | None, IPAddress | None]:
    """Return the entry that decides about what a namespace sends, and the address that it sends from.

    IPv6 forgets a route that says no, chooses a source all the same, and looks again with it
    (net/ipv6/ip6_output.c, ip6_dst_lookup_tail).
    """
    if flow.target.version == 6 and (entry is None or entry.type not in {EntryType.UNICAST, EntryType.LOCAL}):
        source = select6(net, netns, flow.target, None)
        return net.fibs[netns].lookup(replace(flow, source=source)), source
    return entry, None if entry is None else select_source(net, netns, flow.target, entry)


def _flow(
    net: Net, target: IPAddress, source: IPAddress | None, entered: DeviceKey | None, reply_to: DeviceKey | None
) -> Flow:
    near = reply_to if entered is None else entered
    table = None if near is None else net.table(near)
    return Flow(target, source, entered, table, near if target.version == 6 else None)


def _hand_over(
    net: Net, device: DeviceKey, next_hop: IPAddress, source: IPAddress | None, target: IPAddress, memory: Memory
) -> Answer:
    """Return who takes a packet that leaves by a device; what leaves by lo comes in there again."""
    if device.name == "lo":
        return Answer(Reply.ANSWERED, device)
    answer = ask(net, device, next_hop, source, memory)
    if answer.device is not None and answer.reply is Reply.ANSWERED and answer.trip is None:
        guard = net.guard(device, answer.device, (source, target))
        if guard is not None:
            return Answer(Reply.UNKNOWN, why=f"{guard} passes only packets from and to its uplinks' own addresses")
    return answer


def _ending(net: Net, hop: Hop, flow: Flow, source: IPAddress | None) -> _Ending | None:
    """Return why the walk ends in a namespace, or None where the packet goes on."""
    if (why := deciders(net.topology).get(hop.netns)) is not None:
        return _Ending(Stop.UNKNOWN, why=why)
    found = _sent(net, hop, flow, source) if hop.entered is None else _received(net, hop, flow, source)
    if found is None or found.stop is Stop.DELIVERED or found.stop is Stop.UNKNOWN:
        return found
    if is_unsettled(net, hop.netns):
        return _Ending(Stop.UNKNOWN, why=f"{hop.netns.label} runs a program that may change routes")
    return found


def _sent(net: Net, hop: Hop, flow: Flow, source: IPAddress | None) -> _Ending | None:
    entry = hop.entry
    if entry is not None and entry.type is EntryType.LOCAL:
        return _Ending(Stop.DELIVERED)
    ending = _routed(net, hop, flow)
    if ending is None and source is None:
        return _Ending(Stop.NO_SOURCE)
    return ending


def _received(net: Net, hop: Hop, flow: Flow, source: IPAddress | None) -> _Ending | None:
    entry, entered, family = hop.entry, hop.entered, flow.target.version
    assert entered is not None
    checks_source = family == 4 and source is not None
    if entry is not None and entry.type is EntryType.LOCAL:
        refusal = refused(net, entered, source, flow.target, None) if checks_source and source else None
        return _refused(refusal) or _Ending(Stop.DELIVERED)
    if entry is not None and entry.type is EntryType.UNKNOWN:
        return _routed(net, hop, flow)
    # IPv4 asks first whether it forwards, IPv6 only of a packet that a route leads on.
    ending = _routed(net, hop, flow)
    if (family == 4 or ending is None) and not net.switches.forwards(entered, family):
        return _Ending(Stop.NO_FORWARD)
    if ending is not None:
        return ending
    assert entry is not None
    refusal = refused(net, entered, source, flow.target, entry.device) if checks_source and source else None
    return _refused(refusal)


def _refused(refusal: Refused | None) -> _Ending | None:
    if refusal is None:
        return None
    if refusal.why is Refusal.UNKNOWN:
        return _Ending(Stop.UNKNOWN, why="a policy rule decides about the source")
    return _Ending(Stop.REFUSED, refusal)


def _routed(net: Net, hop: Hop, flow: Flow) -> _Ending | None:
    """Return why the routes of a namespace end a walk there, or None where they lead on."""
    entry, netns = hop.entry, hop.netns
    if entry is None or entry.type is EntryType.NO_ROUTE:
        # The host's own routes are not in the lab; they matter only where they can lead back into it.
        if netns.is_root and netns.machine in net.attached:
            return _Ending(Stop.UNKNOWN, why=f"{netns.label} may have routes that the lab does not declare")
        return _Ending(Stop.NO_ROUTE)
    if entry.type is EntryType.UNKNOWN:
        return _Ending(Stop.UNKNOWN, why=f"a policy rule of {netns.label} decides about {flow.target}")
    if entry.type is EntryType.BROADCAST:
        return _Ending(Stop.UNKNOWN, why=f"{flow.target} is a broadcast address of {netns.label}")
    if entry.type in _DROPS:
        return _Ending(Stop.BLACKHOLED)
    if entry.type is EntryType.THROW or not entry.is_plain:
        return _Ending(Stop.UNKNOWN, why=f"a route of {netns.label} has several next hops, or wraps what it sends")
    if entry.device is None:
        return _Ending(Stop.UNKNOWN, why=f"the kernel would refuse the gateway {entry.gateway} of {netns.label}")
    return None


def source_of(net: Net, netns: NetnsKey, target: IPAddress) -> IPAddress | None:
    """Return the address that a namespace sends from to `target` where nobody says one, or None if unknown."""
    entry = net.fibs[netns].lookup(Flow(target))
    return None if entry is None else select_source(net, netns, target, entry)
