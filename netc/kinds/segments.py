"""The segments of a topology, as its kinds join them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.topology.segments import Segment, segments

if TYPE_CHECKING:
    from netc.source import Span
    from netc.topology.model import Device, DeviceKey, IPNetwork, Topology


def segments_of(topology: Topology) -> tuple[Segment, ...]:
    """Return the layer-2 segments of a topology."""

    def subnets(device: Device) -> tuple[tuple[IPNetwork, Span], ...]:
        return tuple((network, word.span) for network, word in kinds()[device.kind].subnets(device))

    def joined(device: Device) -> tuple[DeviceKey, ...]:
        found = kinds()[device.kind].joined(device)
        routed = device.master is not None and not kinds()[topology.devices[device.master].kind].bridges_ports
        return tuple(key for key in found if key != device.master) if routed else found

    return segments(topology, joined, subnets)
