"""Finds where a segment takes less than its ends send, for N318 and N319."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netc.checks.layer2 import bridge_of
from netc.reach.net import Net, net_of
from netc.reach.wire import known_mtu
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
    return tuple(found for segment in net_of(topology).segments for found in _of_segment(net_of(topology), segment))


def _of_segment(net: Net, segment: Segment) -> Iterator[Narrow]:
    topology = net.topology
    known = [(device, mtu) for device in segment.devices if (mtu := known_mtu(topology, device.key)) is not None]
    if len({mtu for _, mtu in known}) < 2:
        return
    ends = [pair for pair in known if pair[0].addresses and bridge_of(topology, pair[0]) is None]
    for end, most in sorted(ends, key=lambda pair: -pair[1]):
        narrowest = _narrowest(net, end)
        if narrowest is not None and narrowest[1] < most:
            yield Narrow(*narrowest, end, most)
            return


def _narrowest(net: Net, end: Device) -> tuple[Device, int] | None:
    """Return the device with the smallest MTU of those that drop what is larger, on the way of an end's broadcasts.

    None where they come to nobody else's address, nor into a tunnel.
    """
    topology, flood = net.topology, net.flood(end.key)
    heard = (topology.devices[key] for key in flood.heard)
    if not flood.trips and not any(other.addresses and other.netns != end.netns for other in heard):
        return None
    found = [(topology.devices[key], mtu) for key in flood.checking() if (mtu := known_mtu(topology, key)) is not None]
    return min(found, key=lambda pair: pair[1], default=None)
