"""Bridges are joined in a circle, and none of them runs the spanning tree protocol.

## What it does
Follows the veth links whose two ends are ports of bridges, each VLAN by itself where bridges filter them, and finds
the one that closes a circle of bridges, or that has both ends on one bridge, where `stp on` stands at none of them.
One bridge with STP is enough: the others hand its messages on, so that it sees the circle and blocks a port.

## What happens at run time
The first broadcast, an ARP request or the multicast that every interface sends when it starts, circles without an
end, in both directions, and is copied at every bridge: half a million frames in three seconds were counted, one
processor busy, every namespace on the bridges flooded. Ethernet frames have no TTL. Kernel
Documentation/networking/bridge.rst; mstpd issue #133.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.kinds import kinds
from netc.kinds.segments import at_master, tag_stacks
from netc.topology.model import Device, DeviceKey, Topology

BAD = """
bridge br0
bridge br1
veth br0:left0 -- br1:left1
veth br0:right0 -- br1:right1
"""
GOOD = """
bridge br0 { stp on }
bridge br1
veth br0:left0 -- br1:left1
veth br0:right0 -- br1:right1
"""
Place = tuple[Any, ...]  # a bridge, and what else tells its frames apart: a VLAN, or the tags that they carry
Links = dict[Place, list[Place]]


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    links: Links = {}
    group: dict[Place, Place] = {}

    def find(place: Place) -> Place:
        while group.setdefault(place, place) != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    tags_known = tag_stacks(topology)
    for one, two in _cables(topology):
        for tags in tags_known:
            left, right = at_master(topology, one, tags), at_master(topology, two, tags)
            if left is None or right is None:
                continue
            if find(left) == find(right):
                yield _finding(check, one, [place[0] for place in _path(links, left, right)])
                break
            group[find(left)] = find(right)
            links.setdefault(left, []).append(right)
            links.setdefault(right, []).append(left)


def _cables(topology: Topology) -> Iterator[tuple[Device, Device]]:
    """Yield the links between ports of bridges without STP, in the order of the text."""
    for device in topology.devices.values():
        peer = None if device.peer is None else topology.devices[device.peer]
        if peer is None or device.master is None or peer.master is None or _at(device) > _at(peer):
            continue
        bridges = [topology.devices[key] for key in (device.master, peer.master)]
        if not any(_blocks_circles(bridge) for bridge in bridges):
            yield device, peer


def _blocks_circles(bridge: Device) -> bool:
    """Whether a device stops frames from circling: a bridge with STP, or what is no bridge."""
    stp = kinds()[bridge.kind].all_options.get("stp")
    return stp is None or bool(stp.of(bridge))


def _at(device: Device) -> tuple[int, int, DeviceKey]:
    return device.span.line, device.span.column, device.key


def _path(links: Links, start: Place, end: Place) -> list[Place]:
    """Return the bridges on the way from `start` to `end` over the links so far."""
    came: dict[Place, Place] = {start: start}
    queue = deque([start])
    while queue and end not in came:
        key = queue.popleft()
        for other in links.get(key, ()):
            if other not in came:
                came[other] = key
                queue.append(other)
    path = [end]
    while path[-1] != start:
        path.append(came[path[-1]])
    return path[::-1]


def _finding(check: Check, device: Device, path: list[DeviceKey]) -> Finding:
    names = [key.name if key.netns.is_root else key.label for key in path]
    if len(names) == 1:
        message = f"both ends of this link are ports of {names[0]}"
    else:
        shown = ", ".join(names[:-1]) + f" and {names[-1]}"
        message = f"this link closes a loop of bridges: {shown if len(names) < 8 else f'{len(names)} of them'}"
    return check.find(
        device.origin.span,
        message,
        effect="the first broadcast would circle for ever, and fill the links as fast as the machine can copy it",
        help=f"remove the link, or write `stp on; forward-delay 2` at {names[0]}",
    )


CHECK = Check("N301", "bridge-loop", Severity.ERROR, _run, BAD, GOOD)
