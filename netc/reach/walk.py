"""A packet's walk from a namespace to an address, hop by hop, as far as the lab lets it be known.

Sources: kernel net/ipv4/route.c (ip_route_output_key_hash_rcu for what a namespace sends; ip_route_input_slow for what
comes in: local delivery first, then forwarding of the device that it came in by, then the route, then its source),
net/ipv6/route.c, net/ipv6/ip6_output.c (ip6_forward), net/ipv4/ip_forward.c (the TTL).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from netc.kinds.sharing import is_routed
from netc.reach import link_local
from netc.reach.conntrack import Packet
from netc.reach.entry import Entry
from netc.reach.flows import bind_to, flow_of
from netc.reach.guard import Guard, Shell
from netc.reach.hooks import Change, Halt, Hooks, tables
from netc.reach.hop import TTL, Ending, Hop, Stop, Walk
from netc.reach.ipvlan import filter_of, hand_over, owner_of
from netc.reach.match import Kind
from netc.reach.narrow import USUAL4, cramped, squeezed
from netc.reach.neighbour import Answer, Memory, Reply, ask
from netc.reach.source import by_chance, select6, select_source
from netc.reach.verdict import ending_at
from netc.topology.model import DeviceKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.reach.forks import Forks
    from netc.reach.net import Net
    from netc.reach.rules import Flow
    from netc.topology.model import IPAddress, NetnsKey

_UNANSWERED = {
    Reply.UNKNOWN: Stop.UNKNOWN,
    Reply.NO_PROXY_ROUTE: Stop.NO_PROXY_ROUTE,
    Reply.NO_PROXY_FORWARD: Stop.NO_PROXY_FORWARD,
    Reply.ASTRAY: Stop.LOST,
    Reply.LOST: Stop.LOST,
    Reply.TOO_LARGE: Stop.LOST,
    Reply.FILTERED: Stop.FILTERED,
}


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
    shell: Shell | None = None,
) -> Walk:
    """Return the walk of a packet for `target`.

    It is sent by `start`, from `source` or from the address that the kernel chooses, or it has been handed to it by
    the device `entered`. `reply_to` is the device that the request came in by that this packet answers, and `bound` the
    one that the sender has bound it to, over IPv6 perhaps `strict`. In an `exchange` it is a packet of a ping. Without
    one it is any other packet, of which `carrier` says the protocol and the port: nothing is known of it where there
    are several next hops, or where a rule asks for more. `shell` is what IPsec has put around it already.
    """
    kind = Kind.OTHER if exchange is None else Kind.REPLY if exchange.is_reply else Kind.REQUEST
    hooks = Hooks(net) if exchange is None else exchange.hooks
    forks = None if exchange is None else exchange.forks
    packet = Packet(kind, source, target, carrier=carrier)
    guard = Guard(net, packet, 0 if shell is None else shell.depth)
    if shell is not None:
        guard.put_on(shell.states)
    memory = Memory() if memory is None else memory
    return _Walker(net, packet, memory, hooks, forks, reply_to, bound, strict, guard).walk(start, entered)


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
    guard: Guard
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
                ending = Ending(Stop.LOOP)
            seen.add(place)
            if ending is None or ending.stop is Stop.DELIVERED:
                ending = self._held(ending) or self._filtered(ending)
            if ending is not None:
                return self._end(ending)
            ttl -= int(entered is not None and not self.net.is_vrf(entered))
            answer = self._handed_over()
            if answer.reply is not Reply.ANSWERED:
                stop = _UNANSWERED.get(answer.reply, Stop.NO_NEIGHBOUR)
                return self._end(Ending(stop, why=answer.why, rule=answer.rule))
            assert answer.device is not None
            entered = answer.device if self.guard.tunnel else owner_of(self.net, answer.device, packet.target)
            netns = entered.netns

    def _end(self, ending: Ending) -> Walk:
        source, target = self.sent or (self.packet.source, self.packet.target)
        hops = tuple(self.hops)
        found = Walk(source, target, ending.stop, hops, ending.refusal, ending.why, ending.rule, self.packet)
        return found if ending.held is None else replace(found, held=ending.held)

    def _routed(self, netns: NetnsKey, entered: DeviceKey | None, ttl: int) -> Ending | None:
        """Look up where a packet goes that a namespace sends, or that has come in."""
        net, packet = self.net, self.packet
        ending: Ending | None = None
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
            if why := by_chance(net, packet.target, entry, packet.source):
                ending = Ending(Stop.UNKNOWN, why=why)
        self.sent = self.sent or (packet.source, packet.target)
        self.hops.append(Hop(netns, entered, entry, ttl, changes=changes))
        if ending is None and entered is not None and entry is not None and entered == entry.device:
            ending = self._turned(entered)
        return ending or ending_at(net, self.hops[-1], flow, packet)

    def _turned(self, entered: DeviceKey) -> Ending | None:
        """Return what becomes of a packet that is translated where it comes in, and is to leave by the same device."""
        if not self.hops[-1].changes or not self.hooks.turns(entered):
            return None
        why = f"{entered.label} may bridge what {entered.netns.label} translates, where br_netfilter is loaded"
        return Ending(Stop.UNKNOWN, why=why)

    def _lookup(self, netns: NetnsKey, flow: Flow) -> Entry | None:
        entry = self.net.fibs[netns].lookup(flow)
        if entry is None or not entry.others or self.forks is None:
            return entry
        return self.forks.take(netns, entry, flow)

    def _choose_source(self, netns: NetnsKey, flow: Flow, entry: Entry | None) -> tuple[Entry | None, IPAddress | None]:
        """Return the entry that decides about what a namespace sends, and the address that it sends from.

        IPv6 forgets a route that says no, chooses a source all the same, and looks again with it
        (net/ipv6/ip6_output.c, ip6_dst_lookup_tail). One by lo says no without an error, and is kept
        (net/ipv6/route.c, ip6_rt_init_dst_reject).
        """
        if flow.target.version == 6 and (entry is None or not entry.is_kept):
            source = select6(self.net, netns, flow.target, None)
            return self._lookup(netns, replace(flow, source=source)), source
        return entry, None if entry is None else select_source(self.net, netns, flow.target, entry)

    def _filtered(self, ending: Ending | None) -> Ending | None:
        """Let a packet that has been routed pass the namespace's hooks, and return why it ends there, if it does."""
        if self.hops[-1].netns not in tables(self.net.topology):
            return ending
        hop, hooks, packet = self.hops[-1], self.hooks, self.packet
        entered, entry = hop.entered, hop.entry
        if ending is not None:
            by = None if entry is None else self.net.vrf_at(entry.device)
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

    def _held(self, ending: Ending | None) -> Ending | None:
        """Let IPsec look at a packet that has been routed, and return why it holds it back, if it does."""
        hop, packet = self.hops[-1], self.packet
        if ending is None and packet.source is not None:
            assert hop.entry is not None
            assert hop.entry.device is not None
            held = self.guard.leaves(hop.netns, hop.entered, hop.entry.device)
        else:
            held = self.guard.arrives(hop.netns, hop.entered)
        if held is None:
            return None
        return Ending(Stop.UNKNOWN, why=held.text) if held.unknown else Ending(Stop.HELD, held=held)

    def _apply(self, found: Iterator[Change | Halt]) -> Ending | None:
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
        if self.guard.tunnel:
            answer = self._tunnelled(device)
        elif device.name == "lo" or self.net.is_vrf(device):
            answer = Answer(Reply.ANSWERED, device)
        elif is_routed(self.net.topology.devices[device]):
            answer = hand_over(self.net, device, packet.target, packet.source, self.memory, self.hooks)
        else:
            answer = ask(self.net, device, next_hop, packet.source, self.memory, self.hooks, packet.target)
        if answer.device is not None and answer.reply is Reply.ANSWERED and answer.trip is None:
            answer = self._passed(answer.by or device, answer.device) or answer
        self.hops[-1] = Hop(hop.netns, hop.entered, hop.entry, hop.ttl, next_hop, answer, hop.changes, packet.layers)
        return answer

    def _tunnelled(self, device: DeviceKey) -> Answer:
        """Return who opens the packet that IPsec puts this one into, and where it comes out of it."""
        shell = self.guard.shell()
        if shell is None:
            return Answer(Reply.UNKNOWN, why=f"packets of {device.netns.label} go round through IPsec's tunnels")
        state = shell.states[0]
        outer = walk(self.net, device.netns, state.destination, state.source, carrier=(state.protocol,), shell=shell)
        trip = self.guard.trip(device, shell, outer)
        if outer.stop is Stop.DELIVERED:
            trip = self.guard.comes_out(trip, outer)
        unknown = trip.unknown or outer.stop is Stop.UNKNOWN
        reply = Reply.ANSWERED if trip.taker is not None else Reply.UNKNOWN if unknown else Reply.LOST
        return Answer(reply, trip.taker, why=trip.why or outer.why, trip=trip)

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
        tight = cramped(self.net, self.hops[-1], (device, door), packet.layers)
        if tight is not None:
            return Answer(Reply.UNKNOWN, why=tight)
        self.size, answer = squeezed(self.net, self.hops[-1], packet.kind, self.size, (device, door))
        return answer


def _sorted(found: Iterator[Change | Halt]) -> tuple[Ending | None, tuple[Change, ...]]:
    """Return why hooks end a walk, if they do, and what they have changed before."""
    changes: list[Change] = []
    for one in found:
        if isinstance(one, Halt):
            stop = Stop.UNKNOWN if one.rule is None else Stop.FILTERED
            return Ending(stop, why=one.why, rule=one.rule), tuple(changes)
        changes.append(one)
    return None, tuple(changes)
