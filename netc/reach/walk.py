"""A packet's walk from a namespace to an address, hop by hop, as far as the lab lets it be known.

Sources: kernel net/ipv4/route.c (ip_route_output_key_hash_rcu for what a namespace sends; ip_route_input_slow for what
comes in: local delivery first, then forwarding of the device that it came in by, then the route, then its source),
net/ipv6/route.c, net/ipv6/ip6_output.c (ip6_forward), net/ipv4/ip_forward.c (the TTL).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from netc.kinds.sharing import is_routed
from netc.reach import link_local
from netc.reach.conntrack import Packet
from netc.reach.fib import Entry, EntryType
from netc.reach.flows import bind_to, flow_of
from netc.reach.hooks import Change, Halt, Hooks, tables
from netc.reach.ipvlan import filter_of, hand_over, owner_of
from netc.reach.limits import deciders
from netc.reach.match import Kind
from netc.reach.narrow import USUAL4, squeezed
from netc.reach.neighbour import Answer, Memory, Reply, ask, is_unsettled
from netc.reach.source import Refusal, Refused, refused, select6, select_source
from netc.topology.model import DeviceKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.parts.table import Filter
    from netc.reach.forks import Forks
    from netc.reach.net import Net
    from netc.reach.rules import Flow
    from netc.topology.model import IPAddress, NetnsKey

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
    FILTERED = "a rule of the namespace's table drops it"


_UNANSWERED = {
    Reply.UNKNOWN: Stop.UNKNOWN,
    Reply.NO_PROXY_ROUTE: Stop.NO_PROXY_ROUTE,
    Reply.NO_PROXY_FORWARD: Stop.NO_PROXY_FORWARD,
    Reply.ASTRAY: Stop.LOST,
    Reply.LOST: Stop.LOST,
    Reply.TOO_LARGE: Stop.LOST,
    Reply.FILTERED: Stop.FILTERED,
}
_DROPS = {EntryType.BLACKHOLE, EntryType.UNREACHABLE, EntryType.PROHIBIT}


@dataclass(frozen=True, slots=True)
class Hop:
    """A namespace on the way: the device that the packet came in by, and the entry that decides about it there.

    `ttl` is what the packet has left when it is there; `next_hop` is who is asked for on the link of the entry's
    device, and `answer` what comes of it. `changes` are the addresses that the namespace rewrites.
    """

    netns: NetnsKey
    entered: DeviceKey | None
    entry: Entry | None
    ttl: int
    next_hop: IPAddress | None = None
    answer: Answer | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk. `source` is None where the sender has no address, or no route to choose one by.

    `refusal` goes with REFUSED, `rule` with FILTERED, and `why` with UNKNOWN. `packet` is the packet at its end.
    """

    source: IPAddress | None
    target: IPAddress
    stop: Stop
    hops: tuple[Hop, ...]
    refusal: Refused | None = None
    why: str = ""
    rule: Filter | None = None
    packet: Packet | None = None

    @property
    def came_from(self) -> IPAddress | None:
        """The source that the packet has at its end."""
        return self.source if self.packet is None else self.packet.source

    @property
    def came_to(self) -> IPAddress:
        """The destination that the packet has at its end."""
        return self.target if self.packet is None else self.packet.target

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
    rule: Filter | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the packets of a ping have in common: `hooks` are the tables that they pass, `forks` picks next hops."""

    hooks: Hooks
    forks: Forks
    is_reply: bool = False


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
    strict: bool = False,
    exchange: Exchange | None = None,
    carrier: tuple[object, ...] = (),
) -> Walk:
    """Return the walk of a packet for `target`.

    It is sent by `start`, from `source` or from the address that the kernel chooses, or it has been handed to it by
    the device `entered`. `reply_to` is the device that the request came in by that this packet answers, and `bound` the
    one that the sender has bound it to, over IPv6 perhaps `strict`. In an `exchange` it is a packet of a ping. Without
    one it is any other packet, of which `carrier` says the protocol and the port: nothing is known of it where there
    are several next hops, or where a rule asks for more.
    """
    kind = Kind.OTHER if exchange is None else Kind.REPLY if exchange.is_reply else Kind.REQUEST
    hooks = Hooks(net) if exchange is None else exchange.hooks
    forks = None if exchange is None else exchange.forks
    packet = Packet(kind, source, target, carrier=carrier)
    return _Walker(net, packet, Memory() if memory is None else memory, hooks, forks, reply_to, bound, strict).walk(
        start, entered
    )


@dataclass(slots=True)
class _Walker:
    """A packet that walks."""

    net: Net
    packet: Packet
    memory: Memory
    hooks: Hooks
    forks: Forks | None
    reply_to: DeviceKey | None
    bound: DeviceKey | None
    strict: bool
    hops: list[Hop] = field(default_factory=list)
    sent: tuple[IPAddress | None, IPAddress] | None = None
    size: int = USUAL4

    def walk(self, netns: NetnsKey, entered: DeviceKey | None) -> Walk:
        """Walk to the end."""
        ttl, packet = TTL, self.packet
        seen: set[tuple[object, ...]] = set()
        while True:
            ending = self._routed(netns, entered, ttl)
            place = (netns, entered, packet.source, packet.target)
            if ending is None and (place in seen or ttl < 1):
                ending = _Ending(Stop.LOOP)
            seen.add(place)
            if ending is None or ending.stop is Stop.DELIVERED:
                ending = self._filtered(ending)
            if ending is not None:
                return self._end(ending)
            ttl -= int(entered is not None and not self.net.is_vrf(entered))
            answer = self._handed_over()
            if answer.reply is not Reply.ANSWERED:
                stop = _UNANSWERED.get(answer.reply, Stop.NO_NEIGHBOUR)
                return self._end(_Ending(stop, why=answer.why, rule=answer.rule))
            assert answer.device is not None
            entered = owner_of(self.net, answer.device, packet.target)
            netns = entered.netns

    def _end(self, ending: _Ending) -> Walk:
        source, target = self.sent or (self.packet.source, self.packet.target)
        hops = tuple(self.hops)
        return Walk(source, target, ending.stop, hops, ending.refusal, ending.why, ending.rule, self.packet)

    def _routed(self, netns: NetnsKey, entered: DeviceKey | None, ttl: int) -> _Ending | None:
        """Look up where a packet goes that a namespace sends, or that has come in."""
        net, packet = self.net, self.packet
        ending: _Ending | None = None
        changes: tuple[Change, ...] = ()
        has_table = netns in tables(net.topology)
        if entered is not None and has_table:
            ending, changes = _sorted(self.hooks.came(entered, packet))
        flow = flow_of(net, packet.target, packet.source, entered, self.reply_to)
        flow = bind_to(net, flow, self.bound, strict=self.strict) if entered is None else flow
        near = link_local.entry_of(net, packet.target, entered, self.reply_to)
        entry = near or self._lookup(netns, flow)
        if packet.source is None and entered is None:
            entry, packet.source = self._choose_source(netns, flow, entry)
        self.sent = self.sent or (packet.source, packet.target)
        self.hops.append(Hop(netns, entered, entry, ttl, changes=changes))
        if ending is None and entered is not None and entry is not None and entered == entry.device:
            ending = self._turned(entered)
        return ending or _ending(net, self.hops[-1], flow, packet.source)

    def _turned(self, entered: DeviceKey) -> _Ending | None:
        """Return what becomes of a packet that is translated where it comes in, and is to leave by the same device."""
        if not self.hops[-1].changes or not self.hooks.turns(entered):
            return None
        why = f"{entered.label} may bridge what {entered.netns.label} translates, where br_netfilter is loaded"
        return _Ending(Stop.UNKNOWN, why=why)

    def _lookup(self, netns: NetnsKey, flow: Flow) -> Entry | None:
        entry = self.net.fibs[netns].lookup(flow)
        if entry is None or not entry.others or self.forks is None:
            return entry
        return self.forks.take(netns, entry, flow)

    def _choose_source(self, netns: NetnsKey, flow: Flow, entry: Entry | None) -> tuple[Entry | None, IPAddress | None]:
        """Return the entry that decides about what a namespace sends, and the address that it sends from.

        IPv6 forgets a route that says no, chooses a source all the same, and looks again with it
        (net/ipv6/ip6_output.c, ip6_dst_lookup_tail).
        """
        if flow.target.version == 6 and (entry is None or entry.type not in {EntryType.UNICAST, EntryType.LOCAL}):
            source = select6(self.net, netns, flow.target, None)
            return self._lookup(netns, replace(flow, source=source)), source
        return entry, None if entry is None else select_source(self.net, netns, flow.target, entry)

    def _filtered(self, ending: _Ending | None) -> _Ending | None:
        """Let a packet that has been routed pass the namespace's hooks, and return why it ends there, if it does."""
        if self.hops[-1].netns not in tables(self.net.topology):
            return ending
        hop, hooks, packet = self.hops[-1], self.hooks, self.packet
        entered, entry = hop.entered, hop.entry
        if ending is not None:
            by = None if entry is None or entry.device is None else self.net.vrf_at(entry.device)
            loopback = by or DeviceKey(hop.netns, "lo")
            way = hooks.inside(hop.netns, loopback, packet) if entered is None else hooks.delivered(entered, packet)
            return self._apply(way) or ending
        assert entry is not None
        assert entry.device is not None
        next_hop = entry.next_hop(packet.target)
        if entered is None:
            return self._apply(hooks.sent(entry.device, packet, next_hop))
        if self.net.is_vrf(entered):
            return self._apply(hooks.routed_again(entry.device, packet, next_hop))
        return self._apply(hooks.passes(entered, entry.device, packet, next_hop))

    def _apply(self, found: Iterator[Change | Halt]) -> _Ending | None:
        """Note what hooks change, and return why they end the walk, if they do."""
        ending, changes = _sorted(found)
        if changes:
            self.hops[-1] = replace(self.hops[-1], changes=(*self.hops[-1].changes, *changes))
        return ending

    def _handed_over(self) -> Answer:
        """Return who takes a packet that leaves by a device.

        What leaves by lo comes in there again, and what leaves by a VRF is routed once more, as what is sent in the VRF
        (drivers/net/vrf.c, vrf_process_v4_outbound and vrf_process_v6_outbound).
        """
        hop, packet = self.hops[-1], self.packet
        assert hop.entry is not None
        assert hop.entry.device is not None
        device, next_hop = hop.entry.device, hop.entry.next_hop(packet.target)
        if device.name == "lo" or self.net.is_vrf(device):
            answer = Answer(Reply.ANSWERED, device)
        elif is_routed(self.net.topology.devices[device]):
            answer = hand_over(self.net, device, packet.target, packet.source, self.memory, self.hooks)
        else:
            answer = ask(self.net, device, next_hop, packet.source, self.memory, self.hooks, packet.target)
        if answer.device is not None and answer.reply is Reply.ANSWERED and answer.trip is None:
            answer = self._passed(answer.by or device, answer.device) or answer
        self.hops[-1] = Hop(hop.netns, hop.entered, hop.entry, hop.ttl, next_hop, answer, hop.changes)
        return answer

    def _passed(self, device: DeviceKey, door: DeviceKey) -> Answer | None:
        """Return what is in the way from one device to another, if something is."""
        packet = self.packet
        if why := filter_of(self.net, door, packet.target):
            return Answer(Reply.UNKNOWN, why=why)
        guard = self.net.guard(device, door, (packet.source, packet.target)) if device != door else None
        if guard is not None:
            return Answer(Reply.UNKNOWN, why=f"{guard} passes only packets from and to its uplinks' own addresses")
        halt = next(self.hooks.crossed(self.hooks.way(device, door), packet), None)
        if halt is not None:
            return Answer(Reply.UNKNOWN, door, why=halt.why)
        self.size, answer = squeezed(self.net, self.hops[-1], packet.kind, self.size, (device, door))
        return answer


def _sorted(found: Iterator[Change | Halt]) -> tuple[_Ending | None, tuple[Change, ...]]:
    """Return why hooks end a walk, if they do, and what they have changed before."""
    changes: list[Change] = []
    for one in found:
        if isinstance(one, Halt):
            stop = Stop.UNKNOWN if one.rule is None else Stop.FILTERED
            return _Ending(stop, why=one.why, rule=one.rule), tuple(changes)
        changes.append(one)
    return None, tuple(changes)


def _ending(net: Net, hop: Hop, flow: Flow, source: IPAddress | None) -> _Ending | None:
    """Return why the walk ends in a namespace, or None where the packet goes on."""
    if (why := deciders(net.topology).get(hop.netns)) is not None:
        return _Ending(Stop.UNKNOWN, why=why)
    sent = hop.entered is None or net.is_vrf(hop.entered)
    found = _sent(net, hop, flow, source) if sent else _received(net, hop, flow, source)
    if found is None or found.stop is Stop.DELIVERED or found.stop is Stop.UNKNOWN:
        return found
    if is_unsettled(net, hop.netns):
        return _Ending(Stop.UNKNOWN, why=f"{hop.netns.label} runs a program that may change routes")
    return found


def _sent(net: Net, hop: Hop, flow: Flow, source: IPAddress | None) -> _Ending | None:
    entry = hop.entry
    if entry is not None and entry.type is EntryType.LOCAL:
        if hop.entered is None or entry.device is None or net.table(entry.device) == flow.table:
            return _Ending(Stop.DELIVERED)
        return _Ending(
            Stop.UNKNOWN, why=f"{hop.entered.label} sends to {flow.target}, which is in no VRF or in another"
        )
    ending = _routed(net, hop, flow)
    if ending is None and source is None:
        if hop.netns in tables(net.topology):  # which sees 0.0.0.0, and may give the packet an address
            return _Ending(Stop.UNKNOWN, why=f"{hop.netns.label} has no address to send from, and a table")
        return _Ending(Stop.NO_SOURCE)
    if ending is None and entry is not None and (why := link_local.unknown(net, entry.device, source)):
        return _Ending(Stop.UNKNOWN, why=why)
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
    if not checks_source or source is None:
        return _refused(link_local.refused(source))
    return _refused(refused(net, entered, source, flow.target, entry.device))


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
    if not entry.is_plain:
        return _Ending(Stop.UNKNOWN, why=f"{netns.label} has {entry.oddity}")
    if entry.device is None:
        return _Ending(Stop.UNKNOWN, why=f"the kernel would refuse the gateway {entry.gateway} of {netns.label}")
    return None
