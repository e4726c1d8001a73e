"""A packet on its way through IPsec: what is put around it, and who takes that off.

A state in transport mode protects what is in a packet, which goes on as it would have; one in tunnel mode puts it into
another, which walks by itself. Sources: kernel net/ipv4/xfrm4_output.c, net/xfrm/xfrm_output.c (xfrm_output_resume),
net/xfrm/xfrm_input.c (xfrm_input: what is opened comes in again by the device that brought it), net/ipv4/ip_forward.c
(the policies `fwd`, then `out`), net/ipv4/icmp.c (icmp_rcv: the policies `in`; icmp_reply: its type is 0 in any case).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.guarded import Guarded, Seal
from netc.reach.hooks import tables
from netc.reach.ipsec import Held, Session
from netc.reach.match import Kind
from netc.reach.trip import Trip
from netc.topology.frames import Wrapping

if TYPE_CHECKING:
    from netc.parts.ipsec import State
    from netc.reach.conntrack import Packet
    from netc.reach.hop import Walk
    from netc.reach.net import Net
    from netc.topology.model import Device, DeviceKey, IPAddress, NetnsKey

_DEEPEST = 4  # packets of IPsec in others: include/net/xfrm.h, XFRM_MAX_DEPTH is 6 for all states
_SOLICITED = IPv6Address("ff02::1:ff00:0")  # RFC 4291, 2.7.1
_PLAIN = Seal()
_TYPES = {Kind.REQUEST: {4: 8, 6: 128}, Kind.REPLY: {4: 0, 6: 129}}


@dataclass(frozen=True, slots=True)
class Shell:
    """States around a packet that is sent, the innermost first, and how many such packets it is in."""

    states: tuple[State, ...]
    depth: int = 0


@dataclass(slots=True)
class Guard:
    """What IPsec does to one packet; `tunnel` are the states of the packet that it is to be put into."""

    net: Net
    packet: Packet
    depth: int = 0
    tunnel: tuple[State, ...] = ()
    _fresh: bool = False  # whether the policies of who sends it have been asked

    def put_on(self, states: tuple[State, ...]) -> None:
        """Begin with states around the packet."""
        self.packet.protect(states)
        self._fresh = True

    def leaves(self, netns: NetnsKey, entered: DeviceKey | None, leaving: DeviceKey) -> Held | None:
        """Ask the policies about a packet that leaves a namespace, and protect it; return why it does not leave."""
        ipsec, fresh = self.net.ipsec, self._fresh
        path, self.packet.path = self.packet.path, ()
        self._fresh, self.tunnel = False, ()
        if fresh or not (netns in ipsec.netnses or path or self._guarded(leaving)):
            return None
        session = self._session()
        held = None if entered is None else ipsec.coming(netns, "fwd", self._session(self._seal(entered, path)), path)
        found = ipsec.leaving(netns, session) if held is None else held
        if isinstance(found, Held):
            return found
        first = next((number for number, state in enumerate(found) if state.mode == "tunnel"), len(found))
        self.packet.protect(found[:first])
        self.tunnel = found[first:]
        if self.tunnel or not self._guarded(leaving):
            return None
        return self._sealed(leaving)

    def arrives(self, netns: NetnsKey, entered: DeviceKey | None) -> Held | None:
        """Open a packet that is a namespace's own, and ask the policies about it; return why it is not taken."""
        packet, ipsec = self.packet, self.net.ipsec
        if packet.layers:
            if netns in tables(self.net.topology):
                return Held(f"{netns.label} has a table, and opens packets of IPsec", unknown=True)
            if (held := self._open(netns)) is not None:
                return held
            if packet.path[-1].mode == "tunnel":
                return None
        if netns not in ipsec.netnses and not packet.path:
            return None
        if entered is None:  # by lo, which asks IPv4's policies for nothing (net/ipv4/devinet.c, inetdev_init)
            asked = packet.target.version == 6 and packet.source is not None
            decides = asked and any(ipsec.decides(netns, way, self._session()) for way in ("out", "in"))
            return Held(f"{netns.label} has a policy for packets to itself", unknown=True) if decides else None
        if packet.source is None:
            return None
        return ipsec.coming(netns, "in", self._session(self._seal(entered, packet.path)), packet.path)

    def shell(self) -> Shell | None:
        """Return what is around the packet that this one is put into; None where there are too many already."""
        return None if self.depth >= _DEEPEST else Shell(self.tunnel, self.depth + 1)

    def comes_out(self, trip: Trip, outer: Walk) -> Trip:
        """Return the trip of that packet where it has arrived and been opened, with the device that it comes out at."""
        assert outer.packet is not None
        door = outer.packet.door or outer.hops[-1].entered
        if door is None:
            return replace(trip, unknown=True, why=f"a tunnel of IPsec ends in {outer.where.label}, where it begins")
        if trip.why:
            return trip
        kind = kinds()[self.net.topology.devices[door].kind]
        self.packet.path = outer.packet.path
        if isinstance(kind, Guarded) and not kind.is_opened:
            seal = kind.seal(self.net.topology.devices[door], "in")
            held = self.net.ipsec.coming(door.netns, "in", self._session(seal), self.packet.path)
            self.packet.path = ()
            if held is not None:
                return replace(trip, unknown=held.unknown, why=held.text)
        return replace(trip, taker=door)

    def trip(self, device: DeviceKey, shell: Shell, outer: Walk) -> Trip:
        """Return the trip of that packet, wherever it has ended."""
        name = shell.states[-1].protocol.upper()
        wrapping = Wrapping(outer.target, (name,), name, 0, outer.source)
        entry = outer.hops[0].entry
        trip = Trip(device, wrapping, outer, states=shell.states)
        if entry is not None and entry.device == device and self._guarded(device):
            return replace(trip, why=f"the outer packets of {device.label} go into itself")
        return trip

    def _sealed(self, device: DeviceKey) -> Held | None:
        """Ask the policies that a device's own mark or number is for, and return why it sends nothing."""
        topology, found = self.net.topology, self.net.topology.devices[device]
        kind = _kind(found)
        states = self.net.ipsec.leaving(device.netns, self._session(kind.seal(found, "out")))
        if isinstance(states, Held):
            return replace(states, told=False)
        help = f"let a policy `dir out` and a state have the addresses and the number of {device.label}"
        if not states:
            return Held(f"no policy of {device.netns.label} is for what {device.label} sends", help)
        first = states[0]
        if first.mode != "tunnel" or not kind.sends_by(found, first.source, first.destination, topology):
            return Held(f"the state of what {device.label} sends is not in tunnel mode with its addresses", help)
        self.tunnel = states
        return None

    def _open(self, netns: NetnsKey) -> Held | None:
        device = self._taker(netns)
        mark = 0
        if device is not None:  # before it opens the packet, it asks the policies about it as it is
            if (held := self.net.ipsec.coming(netns, "in", self._session(), ())) is not None:
                return held
            mark = _kind(device).seal(device, "in").mark
        states: list[State] = []
        for sent in reversed(self.packet.layers):
            found = self.net.ipsec.opened(netns, self.packet.target, sent, mark)
            if isinstance(found, Held):
                return found
            states.append(found)
        if device is not None and states[-1].mode != "tunnel":
            return Held(f"{device.key.label} takes what is not in tunnel mode", unknown=True)
        if device is None and states[-1].if_id and states[-1].mode == "tunnel":
            seal = Seal(if_id=states[-1].if_id)
            device = next((one for one in self._devices(netns) if _kind(one).seal(one, "in") == seal), None)
        self.packet.open(tuple(states))
        self.packet.door = None if device is None else device.key
        return None

    def _taker(self, netns: NetnsKey) -> Device | None:
        """Return the device that takes an outer packet by its addresses, before it is opened."""
        source, target = self.packet.source, self.packet.target
        ranked: list[tuple[int, int, Device]] = []
        for number, device in enumerate(self._devices(netns)):
            assert source is not None
            rank = _kind(device).takes_from(device, source, target, self.net.topology)
            if rank is not None:
                ranked.append((rank, number, device))
        return min(ranked, key=lambda one: one[:2])[2] if ranked else None

    def _devices(self, netns: NetnsKey) -> tuple[Device, ...]:
        return tuple(
            device for device in self.net.carrier.tunnels.get(netns, ()) if isinstance(kinds()[device.kind], Guarded)
        )

    def _guarded(self, device: DeviceKey) -> bool:
        return isinstance(kinds()[self.net.topology.devices[device].kind], Guarded)

    def _seal(self, entered: DeviceKey, path: tuple[State, ...]) -> Seal:
        """Return what policies have to have for what has come out of IPsec by a device (xfrmi_decode_session)."""
        device = self.net.topology.devices[entered]
        kind = kinds()[device.kind]
        return kind.seal(device, "in") if path and isinstance(kind, Guarded) and kind.is_opened else Seal()

    def _session(self, seal: Seal = _PLAIN) -> Session:
        packet = self.packet
        assert packet.source is not None
        version = packet.target.version
        if packet.kind in _TYPES:
            protocol = "icmp" if version == 4 else "ipv6-icmp"
            type_ = _TYPES[packet.kind][version]
            return Session(packet.source, packet.target, protocol, type_, seal.mark, seal.if_id)
        protocol = str(packet.carrier[0]) if packet.carrier else ""
        return Session(packet.source, packet.target, protocol, None, seal.mark, seal.if_id)


def _kind(device: Device) -> Guarded:
    kind = kinds()[device.kind]
    assert isinstance(kind, Guarded)
    return kind


def discovery(net: Net, asking: DeviceKey, asked: DeviceKey, source: IPAddress, ip: IPAddress) -> NetnsKey | None:
    """Return a namespace whose policies may be for the question for an IPv6 address, or for its answer.

    Both are packets like any other to them (net/ipv6/route.c, icmp6_dst_alloc; net/ipv6/icmp.c, icmpv6_rcv).
    """
    group = IPv6Address(int(_SOLICITED) + int(ip) % 2**24)
    question, answer = Session(source, group, "ipv6-icmp", 135), Session(ip, source, "ipv6-icmp", 136)
    for netns, way, session in (
        (asking.netns, "out", question),
        (asked.netns, "in", question),
        (asked.netns, "out", answer),
        (asking.netns, "in", answer),
    ):
        if net.ipsec.decides(netns, way, session):
            return netns
    return None
