"""What tunnels carry: the journey of their outer packets, and who takes them at its end.

A tunnel's kind says what it wraps a frame or a packet into, and which outer packets it takes for its own
(netc/kinds/overlay.py). The outer packet is one that the tunnel's namespace sends, with routes, neighbours, filters
and a TTL of its own. Sources: kernel drivers/net/vxlan/vxlan_core.c (vxlan_xmit, vxlan_xmit_one, vxlan_rcv,
vxlan_snoop), net/ipv4/ip_tunnel.c (ip_tunnel_xmit, ip_tunnel_lookup), net/ipv6/ip6_tunnel.c.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netc.kinds import kinds
from netc.kinds.common import MAC
from netc.kinds.handshake import Handshaking
from netc.kinds.overlay import Overlay
from netc.parts.fdb import EVERYTHING, FdbEntry
from netc.reach.entry import EntryType
from netc.reach.flows import bind_to
from netc.reach.fou import unopened
from netc.reach.handshake import Handshakes, Heard
from netc.reach.hop import TTL, Stop
from netc.reach.joined import walks
from netc.reach.limits import is_followed
from netc.reach.rules import Flow
from netc.reach.sockets import bound_to, deaf
from netc.reach.trip import Trip
from netc.reach.walk import walk
from netc.topology.frames import Far, Frame, Load, Wrapping
from netc.topology.model import DeviceKey

if TYPE_CHECKING:
    from netc.reach.hop import Walk
    from netc.reach.net import Net
    from netc.topology.model import Device, IPAddress, NetnsKey

BROADCAST = "ff:ff:ff:ff:ff:ff"
_DEEPEST = 8  # tunnels in tunnels: net/core/dev.h, XMIT_RECURSION_LIMIT


@dataclass
class Carrier:
    """Follows the outer packets of a lab, each once. What is found while a tunnel waits for itself is not kept."""

    net: Net
    _trips: dict[tuple[DeviceKey, Wrapping], tuple[Trip, ...]] = field(default_factory=dict)
    _waiting: list[tuple[DeviceKey, Wrapping]] = field(default_factory=list)
    _answering: set[tuple[DeviceKey, DeviceKey]] = field(default_factory=set)
    _circular: bool = False

    @cached_property
    def tunnels(self) -> Mapping[NetnsKey, tuple[Device, ...]]:
        """The tunnels whose outer packets are a namespace's."""
        found: dict[NetnsKey, list[Device]] = {}
        for device in self.net.topology.devices.values():
            kind = kinds()[device.kind]
            if isinstance(kind, Overlay):
                found.setdefault(kind.outer_netns(device), []).append(device)
        return {netns: tuple(devices) for netns, devices in found.items()}

    @cached_property
    def fdb(self) -> Mapping[DeviceKey, Mapping[str, tuple[Far, ...]]]:
        """The far ends in the tunnels' own FDBs, by MAC address."""
        found: dict[DeviceKey, dict[str, tuple[Far, ...]]] = {}
        for entry in self.net.topology.parts_of(FdbEntry):
            if entry.dst is not None and not entry.at_bridge and entry.src_vni is None:
                macs = found.setdefault(entry.device, {})
                macs[entry.mac] = (*macs.get(entry.mac, ()), Far(entry.dst, entry.port, entry.vni))
        return found

    def frames(self, device: Device, frame: Frame) -> Iterator[Trip]:
        """Yield the outer packets of a frame that a tunnel sends."""
        kind = kinds()[device.kind]
        if not isinstance(kind, Overlay) or not kind.carries_frames:
            return
        for far in self._fars(kind, device, frame):
            wrapping = kind.wraps(device, Load(), far, self.net.topology)
            if wrapping is not None and wrapping.device is None:
                wrapping = replace(wrapping, device=bound_to(self.net, device))
            for trip in self._all(kind, device, wrapping):
                yield trip if trip.taker is None else self._taken(trip, frame)

    def packet(self, device: DeviceKey, load: Load, heard: Heard) -> Trip | None:
        """Return the outer packet of an IP packet that a tunnel sends; None where it is a tunnel of frames, or none.

        `heard` is what the tunnels that shake hands have heard in the same exchange.
        """
        found = self.net.topology.devices[device]
        kind = kinds()[found.kind]
        if not isinstance(kind, Overlay) or kind.carries_frames or not is_followed(self.net.topology, found):
            return None
        if isinstance(kind, Handshaking):
            handshakes = Handshakes(self.net.topology, lambda sender, wrapping: self._all(kind, sender, wrapping)[0])
            return handshakes.packet(kind, found, load, heard)
        wrapping = kind.wraps(found, load, None, self.net.topology)
        return self._all(kind, found, wrapping)[0]

    def _fars(self, kind: Overlay, device: Device, frame: Frame) -> tuple[Far | None, ...]:
        """Return where a frame is sent, None for the device's own far end (vxlan_xmit).

        What has no entry goes to those of 00:00:00:00:00:00, of which the device's own far end is one.
        """
        if not kind.has_fdb:
            return (None,)
        entries = self.fdb.get(device.key, {})
        target = frame.target
        mac = BROADCAST if target is None else MAC.of(self.net.topology.devices[target])
        if mac is not None and mac in entries:
            return entries[mac]
        if target is not None and kind.learns(device):
            learnt = self._learnt(device, frame)
            if learnt is not None:
                return (learnt,)
        own = kind.wraps(device, Load(), None, self.net.topology)
        return (*(() if own is None else (None,)), *entries.get(EVERYTHING, ()))

    def _learnt(self, device: Device, frame: Frame) -> Far | None:
        """Return the far end that a device has learned for a frame's target (vxlan_snoop); it is bound to no device.

        It learns it from the target's broadcasts, such as its ARP requests, else from what it answers to the sender.
        """
        sender, target = frame.source, frame.target
        assert target is not None
        far = _source_of(device.key, self.net.flood(target).trips)
        if far is not None or (sender, target) in self._answering or target not in self.net.flood(sender).heard:
            return far
        self._answering.add((target, sender))
        try:
            return _source_of(device.key, self.net.flood(target, sender).trips)
        finally:
            self._answering.discard((target, sender))

    def _taken(self, trip: Trip, frame: Frame) -> Trip:
        """Return the trip of a frame, which its taker may drop (vxlan_set_mac).

        It drops what it has sent itself, and, where it learns, what comes from elsewhere than its static entry says.
        """
        assert trip.taker is not None
        assert trip.walk is not None
        if frame.target is not None and trip.taker == trip.tunnel and self._turns_back(trip):
            return self._turned_back(trip)
        if frame.source == trip.taker:
            return replace(trip, taker=None, why=f"{trip.taker.label} drops what has its own MAC address")
        if trip.taker == trip.tunnel:
            why = f"what {trip.tunnel.label} sends comes back to it, and its bridge learns there where senders are"
            return replace(trip, taker=None, why=why, unknown=True, returns=True)
        taker = self.net.topology.devices[trip.taker]
        kind = kinds()[taker.kind]
        mac = MAC.of(self.net.topology.devices[frame.source])
        said = self.fdb.get(taker.key, {}).get(mac or "", ())
        if isinstance(kind, Overlay) and kind.learns(taker) and said and said[0].ip != trip.walk.source:
            why = f"{taker.key.label} has an FDB entry that says that {mac} is at {said[0].ip}"
            return replace(trip, taker=None, why=f"{why}, and drops what comes from {trip.walk.source}")
        return trip

    def _turns_back(self, trip: Trip) -> bool:
        kind = kinds()[self.net.topology.devices[trip.tunnel].kind]
        assert trip.walk is not None
        return isinstance(kind, Overlay) and kind.turns_back and len(trip.walk.hops) == 1

    def _turned_back(self, trip: Trip) -> Trip:
        """Return the trip of a frame for one device that comes in where it was sent, as if it were for that device."""
        net, tunnel = self.net, self.net.topology.devices[trip.tunnel]
        goes_on = any(net.switches.forwards(tunnel.key, family) for family in (4, 6))
        if goes_on or tunnel.master is not None or net.topology.children_of(tunnel.key):
            why = f"{trip.tunnel.label} sends to its own namespace, which may pass it on, and does so again and again"
            return replace(trip, taker=None, why=why, unknown=True)
        why = f"{trip.tunnel.label} sends to its own namespace, which does not forward it"
        return replace(trip, taker=None, why=why)

    def _all(self, kind: Overlay, device: Device, wrapping: Wrapping | None) -> tuple[Trip, ...]:
        """Return the trips of an outer packet, one at least: of one to a group, one for each that has joined it."""
        if wrapping is None:
            return (Trip(device.key, None),)
        place = device.key, wrapping
        if place in self._trips:
            return self._trips[place]
        if place in self._waiting:
            self._circular = True
            return (Trip(device.key, wrapping, why=f"the outer packets of {device.key.label} go into itself"),)
        if len(self._waiting) >= _DEEPEST or any(waiting == device.key for waiting, _ in self._waiting):
            self._circular = True
            why = f"outer packets of {device.key.label} go through tunnels that need {device.key.label}"
            return (Trip(device.key, wrapping, why=why, unknown=True),)
        floods, trips = len(self.net.floods), len(self._trips)
        self._waiting.append(place)
        try:
            found = self._follow(kind, device, wrapping)
        finally:
            self._waiting.pop()
        if self._circular and not self._waiting:
            _forget(self.net.floods, floods)
            _forget(self._trips, trips)
            self._circular = False
        self._trips[place] = found
        return found

    def _follow(self, kind: Overlay, device: Device, wrapping: Wrapping) -> tuple[Trip, ...]:
        """Return the trips of an outer packet."""
        net, netns, source = self.net, kind.outer_netns(device), wrapping.source
        owned = wrapping.owned or (source is not None and source.version == 4)
        if source is not None and owned and not net.owns(wrapping.device or DeviceKey(netns, "lo"), source):
            why = f"{netns.label} does not have the address {source} to send from"
            return (Trip(device.key, wrapping, why=why),)
        if wrapping.target.is_multicast and wrapping.device is not None and not net.is_vrf(wrapping.device):
            return self._to_group(device.key, wrapping, wrapping.device)
        strict = bound_to(net, device) is not None
        entry = net.fibs[netns].lookup(bind_to(net, Flow(wrapping.target, source), wrapping.device, strict=strict))
        if entry is not None and entry.device == device.key and entry.type is EntryType.UNICAST:
            return (Trip(device.key, wrapping, why=f"the outer packets of {device.key.label} go into itself"),)
        carrier, by = wrapping.carrier, wrapping.device
        found = walk(net, netns, wrapping.target, source, bound=by, strict=strict, carrier=carrier)
        if found.stop is Stop.DELIVERED and wrapping.ttl is not None and TTL - found.ttl >= wrapping.ttl:
            why = f"the TTL of {wrapping.ttl} ends on the way to {found.where.label}"
            return (Trip(device.key, wrapping, found, why=why),)
        return (self._walked(device.key, wrapping, found),)

    def _to_group(self, tunnel: DeviceKey, wrapping: Wrapping, by: DeviceKey) -> tuple[Trip, ...]:
        """Return the trips of an outer packet that goes to a multicast group by a device."""
        found = walks(self.net, by, wrapping.target, wrapping.source, self.members.get(wrapping.target, ()))
        trips = tuple(self._walked(tunnel, wrapping, walk) for walk in found)
        why = f"no other device on the link of {by.label} has joined the group {wrapping.target}"
        return trips or (Trip(tunnel, wrapping, why=why),)

    @cached_property
    def members(self) -> Mapping[IPAddress, tuple[DeviceKey, ...]]:
        """The devices that have joined a multicast group, for a tunnel that sends to it."""
        found: dict[IPAddress, dict[DeviceKey, None]] = {}
        for device in (device for devices in self.tunnels.values() for device in devices):
            kind = kinds()[device.kind]
            assert isinstance(kind, Overlay)
            own = kind.wraps(device, Load(), None, self.net.topology)
            if own is not None and own.target.is_multicast and own.device is not None:
                found.setdefault(own.target, {})[own.device] = None
        return {group: tuple(doors) for group, doors in found.items()}

    def _walked(self, tunnel: DeviceKey, wrapping: Wrapping, found: Walk) -> Trip:
        """Return the trip of an outer packet whose walk is known, with the tunnel that takes it where it arrives."""
        trip = Trip(tunnel, wrapping, found)
        if (why := _taught(found)) is not None:
            return replace(trip, unknown=True, why=why)
        if found.stop is not Stop.DELIVERED:
            return replace(trip, unknown=found.stop is Stop.UNKNOWN, why=found.why)
        wrapping, where = replace(wrapping, source=found.source), found.where
        if (closed := unopened(self.net, wrapping, found)) is not None:
            return replace(trip, unknown=closed.unknown, why=closed.why)
        ranked: list[tuple[int, int, DeviceKey]] = []
        for device in self.tunnels.get(where, ()):
            kind = kinds()[device.kind]
            assert isinstance(kind, Overlay)
            if is_followed(self.net.topology, device):
                rank = kind.unwraps(device, wrapping, self.net.topology)
                if rank is not None and (why := deaf(self.net, device, found.hops[-1].entered)):
                    trip = replace(trip, why=trip.why or why)
                elif rank is not None:
                    ranked.append((rank, len(ranked), device.key))
            elif kind.may_take(wrapping):
                why = f"netc does not know whether {device.key.label} takes {wrapping.text}"
                clause = kind.doubt(device, self.net.topology)
                why += f": {clause}" if clause else f", nor {kind.unknown(device)}"
                trip = replace(trip, unknown=True, why=why)
        if ranked:
            return replace(trip, taker=min(ranked)[2], unknown=False, why="")
        return trip if trip.why else replace(trip, why=f"{where.label} has no tunnel that takes {wrapping.text}")


def _taught(found: Walk) -> str | None:
    """Return why a neighbour that does not answer may be known all the same: its own question, for an earlier packet.

    What two far ends send each other is not one ping, so that nobody can say who has asked first (random labs, routes
    2145).
    """
    answer = found.hops[-1].answer
    if answer is None or answer.device is None or found.stop not in {Stop.FILTERED, Stop.NO_NEIGHBOUR}:
        return None
    return (
        f"{found.where.label} may know {answer.device.label}, which does not answer it, by what that has asked itself"
    )


def _source_of(taker: DeviceKey, trips: list[Trip]) -> Far | None:
    """Return the source of the outer packet that a tunnel takes of these."""
    walks = (trip.walk for trip in trips if trip.taker == taker)
    return next((Far(walk.source) for walk in walks if walk is not None and walk.source is not None), None)


def _forget(cache: dict[Any, Any], kept: int) -> None:
    """Take out of a cache what came after the first `kept`."""
    for key in list(cache)[kept:]:
        del cache[key]
