"""Finds where a segment takes less than its ends send, for N318 and N319."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netc.checks.layer2 import bridge_of, mtu_of
from netc.reach.net import net_of
from netc.topology.model import Device, Topology
from netc.topology.segments import Segment


@dataclass(frozen=True, slots=True)
class Narrow:
    """A device that takes packets of `mtu` bytes, and an end that sends up to `most`."""

    device: Device
    mtu: int
    end: Device
    most: int


@lru_cache(maxsize=2)
def narrows(topology: Topology) -> tuple[Narrow, ...]:
    """Return the narrowest device of each segment that takes less than the widest of its ends sends."""
    return tuple(found for segment in net_of(topology).segments for found in _of_segment(topology, segment))


def _of_segment(topology: Topology, segment: Segment) -> Iterator[Narrow]:
    known = [(device, mtu) for device in segment.devices if (mtu := mtu_of(topology, device)) is not None]
    ends = [pair for pair in known if pair[0].addresses and bridge_of(topology, pair[0]) is None]
    if len({device.netns for device, _ in ends}) < 2 and not any(device.kind == "vxlan" for device, _ in known):
        return
    places = [*ends, *(pair for pair in known if bridge_of(topology, pair[0]) is not None)]
    if not ends or not places:
        return
    widest = max(ends, key=lambda pair: pair[1])
    narrowest = min(places, key=lambda pair: pair[1])
    if narrowest[1] < widest[1]:
        yield Narrow(*narrowest, *widest)
