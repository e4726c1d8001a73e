"""Where a frame may go: from a device that sends it to the IP stacks that receive it.

The kinds say how a frame passes (`sends`, `takes`, `catches` of netc/kinds/base.py); this module follows it. What came
in at a device goes, in this order (kernel net/core/dev.c, __netif_receive_skb_core): with a VLAN tag, to the child
with that tag; to the device that has taken this one over, as a bridge does with its ports; else to the namespace.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.common import MTU
from netc.reach.limits import is_followed, is_partly_followed, open_devices
from netc.topology.frames import Frame, Passing, Way
from netc.topology.model import Made

if TYPE_CHECKING:
    from netc.reach.trip import Trip
    from netc.topology.model import Device, DeviceKey, Topology

#: What the kernel lets pass above a device's MTU on layer 2, in bytes: a VLAN tag (include/linux/netdevice.h,
#: __is_skb_forwardable).
TAG_SIZE = 4
#: A ping's packet in bytes, IPv4 and IPv6: RFC 791, 8200, 792, 4443, and the 56 bytes of ping(8).
USUAL_SIZE = 104


@dataclass(frozen=True, slots=True)
class Passage:
    """How a frame comes from one device to another: the devices on its way, both ends included.

    `limit` is the size in bytes of the largest IP packet that passes, and `narrow` the device that sets it; None where
    nothing does. `trips` are those of the outer packets that carry it through tunnels.
    """

    devices: tuple[DeviceKey, ...]
    limit: int | None = None
    narrow: DeviceKey | None = None
    trips: tuple[Trip, ...] = ()


@dataclass(slots=True)
class Flood:
    """Where frames from one device get to; `unknown` are devices on their way that this model does not know.

    `carry` follows what tunnels make of them, and `trips` is all of that.
    """

    topology: Topology
    carry: Callable[[Device, Frame], Iterator[Trip]]
    heard: dict[DeviceKey, Passing] = field(default_factory=dict)
    unknown: list[DeviceKey] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)
    _from: dict[Passing, Passing | None] = field(default_factory=dict)
    _by: dict[Passing, Trip] = field(default_factory=dict)

    def passage(self, device: DeviceKey) -> Passage:
        """Return how a frame gets to a device that hears it."""
        way: list[Passing] = []
        place: Passing | None = self.heard[device]
        while place is not None:
            way.append(place)
            place = self._from[place]
        way.reverse()
        bounds = [(mtu_of(self.topology, p.device) + TAG_SIZE, p.device) for p in way if p.checked]
        limit, narrow = min(bounds, default=(None, None), key=lambda bound: bound[0])
        trips = tuple(self._by[p] for p in way if p in self._by)
        return Passage(tuple(dict.fromkeys(p.device for p in way)), limit, narrow, trips)

    def checking(self) -> Iterator[DeviceKey]:
        """Yield the devices that a frame comes to, and that drop it if it exceeds their MTU."""
        return (place.device for place in self._from if place.checked)

    def spread(self, start: Passing) -> None:
        """Follow a frame from `start` to wherever it goes."""
        places = deque([start])
        self._from[start] = None
        while places:
            place = places.popleft()
            for onward in self._onward(place):
                if onward not in self._from:
                    self._from[onward] = place
                    places.append(onward)

    def _onward(self, place: Passing) -> Iterator[Passing]:
        device = self.topology.devices[place.device]
        kind = kinds()[device.kind]
        if not is_followed(self.topology, device):
            self.unknown.append(device.key)
            if not is_partly_followed(self.topology, device):
                return
        if place.way is Way.IN:
            yield from self._received(device, place)
            return
        yield from kind.sends(device, place.frame, self.topology)
        for trip in self.carry(device, place.frame):
            self.trips.append(trip)
            if trip.taker is not None:
                onward = Passing(trip.taker, Way.IN, place.frame)
                self._by.setdefault(onward, trip)
                yield onward
            elif trip.unknown:
                self.unknown.append(device.key)

    def _received(self, device: Device, place: Passing) -> Iterator[Passing]:
        frame = place.frame
        for child in children(self.topology, device):
            if not is_followed(self.topology, child):
                self.unknown.append(child.key)
                if not is_partly_followed(self.topology, child):
                    if kinds()[child.kind].hides_parent(child, self.topology):
                        return
                    continue
            catch = kinds()[child.kind].catches(child, frame, self.topology)
            if catch is not None:
                yield from catch.onward
                if catch.all:
                    return
        if is_port(self.topology, device):
            assert device.master is not None
            master = self.topology.devices[device.master]
            if is_followed(self.topology, master):
                yield from kinds()[master.kind].takes(master, device, frame, self.topology)
            else:
                self.unknown.append(master.key)
        elif not frame.tags and frame.target in {None, device.key}:
            self.heard.setdefault(device.key, place)


def flood(
    topology: Topology, carry: Callable[[Device, Frame], Iterator[Trip]], device: DeviceKey, target: DeviceKey | None
) -> Flood:
    """Return where a frame gets to that `device` sends, to the MAC address of `target` or to everybody."""
    found = Flood(topology, carry)
    found.spread(Passing(device, Way.OUT, Frame(device, target)))
    return found


def is_port(topology: Topology, device: Device) -> bool:
    """Whether what comes in by a device goes to its bridge or bond, and not to its namespace's IP stack."""
    return device.master is not None and kinds()[topology.devices[device.master].kind].bridges_ports


def passes_all(topology: Topology, device: Device) -> bool:
    """Whether every frame goes on from a device, and from the bridge that it is a port of."""
    devices = [device, *([topology.devices[device.master]] if is_port(topology, device) and device.master else [])]
    devices += [child for child in children(topology, device) if not is_followed(topology, child)]
    return open_devices(topology).issuperset(device.key for device in devices)


def children(topology: Topology, device: Device) -> list[Device]:
    """Return the devices that take frames of a device for their own; a tunnel that is bound to it does not."""
    return [child for child in topology.children_of(device.key) if kinds()[child.kind].parent_word == "link"]


def mtu_of(topology: Topology, device: DeviceKey) -> int:
    """Return a device's MTU in bytes: what the lab says, else what its kind gets from the kernel."""
    return _mtus(topology)(device)


def known_mtu(topology: Topology, device: DeviceKey) -> int | None:
    """Return a device's MTU; None where it hangs on that of an uplink of which the lab does not say it."""
    mtus = _mtus(topology)
    mtu = mtus(device)
    return None if device in mtus.supposed else mtu


@lru_cache(maxsize=2)
def _mtus(topology: Topology) -> _Mtus:
    return _Mtus(topology)


class _Mtus:
    """The MTUs of a topology, each worked out once; `supposed` are the devices with one that rests on Ethernet's.

    Those are uplinks of which the lab does not say it, circles of devices, and what gets its MTU from one of these.
    """

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._known: dict[DeviceKey, int] = {}
        self.supposed: set[DeviceKey] = set()

    def __call__(self, key: DeviceKey) -> int:
        """Return the MTU of a device."""
        if key not in self._known:
            device = self._topology.devices[key]
            self._known[key] = 1500
            self.supposed.add(key)
            asked: list[DeviceKey] = []

            def of(other: DeviceKey) -> int:
                asked.append(other)
                return self(other)

            said = MTU.of(device)
            kind = kinds()[device.kind]
            own = kind.kernel_mtu(device, of, self._topology) if said is None else said
            cap = kind.mtu_cap(device, of, self._topology)
            self._known[key] = own if cap is None else min(own, cap)
            if not (self.supposed.intersection(asked) or (said is None and device.made is Made.OTHERS)):
                self.supposed.discard(key)
        return self._known[key]
