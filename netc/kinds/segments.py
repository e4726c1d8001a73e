"""The segments of a topology, as its kinds join them.

A device is followed with the tags that frames carry on it: a VLAN device is its parent with one tag more, a bridge
that filters VLANs joins ports by VLAN, and everything else passes tags on as they are.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

from netc.kinds import kinds
from netc.topology.segments import Segment, Tag, segments

if TYPE_CHECKING:
    from netc.kinds.base import Membership
    from netc.source import Span
    from netc.topology.model import Device, DeviceKey, IPNetwork, Topology

Tags = tuple[Tag, ...]
Joint = tuple[Hashable, Hashable]
_DEEPEST = 4  # tags: a VLAN in a VLAN in a provider's is three


def segments_of(topology: Topology) -> tuple[Segment, ...]:
    """Return the layer-2 segments of a topology."""

    def subnets(device: Device) -> tuple[tuple[IPNetwork, Span], ...]:
        declared = () if device.segment is None else topology.segments[device.segment].subnets
        return (
            *((subnet.network, subnet.span) for subnet in declared),
            *((network, word.span) for network, word in kinds()[device.kind].subnets(device)),
        )

    return segments(topology, _joints(topology), subnets)


def _joints(topology: Topology) -> Iterator[Joint]:
    """Yield what is joined: a device with the tags that frames carry there, and the like."""
    found = tag_stacks(topology)
    for device in topology.devices.values():
        kind = kinds()[device.kind]
        others = [key for key in kind.joined(device) if key != device.master]
        tag = kind.tag(device)
        for tags in found:
            yield from (((device.key, tags), (other, tags)) for other in others)
            if device.segment is not None:
                yield (device.key, tags), (device.segment, tags)
            if tag is not None and device.parent is not None:
                yield (device.key, tags), (device.parent, (tag, *tags))
            yield from _at_master(topology, device, tags)
            own = kind.membership(device, device)
            if own is not None and (inside := _inside(device.key, own, tags)) is not None:
                yield (device.key, tags), inside


def _at_master(topology: Topology, port: Device, tags: Tags) -> Iterator[Joint]:
    """Yield what a port's frames with these tags are joined to at its master."""
    inside = at_master(topology, port, tags)
    if inside is not None:
        yield (port.key, tags), inside


def at_master(topology: Topology, port: Device, tags: Tags) -> tuple[Any, ...] | None:
    """Return where a port's frames with these tags are at its master, which comes first; None if it drops them."""
    if port.master is None:
        return None
    master = topology.devices[port.master]
    kind = kinds()[master.kind]
    if not kind.bridges_ports:
        return None
    member = kind.membership(master, port)
    return (master.key, tags) if member is None else _inside(master.key, member, tags)


def _inside(bridge: DeviceKey, member: Membership, tags: Tags) -> tuple[Any, ...] | None:
    """Return the VLAN of a bridge that frames belong to which come with these tags, or None.

    kernel net/bridge/br_vlan.c, __allowed_ingress: a tag of another protocol than the bridge's is payload.
    """
    if tags and tags[0][0] == member.protocol:
        return (bridge, tags[0][1], tags[1:]) if tags[0][1] in member.tagged else None
    return None if member.untagged is None else (bridge, member.untagged, tags)


def tag_stacks(topology: Topology) -> tuple[Tags, ...]:
    """Return the stacks of tags that a frame of the lab can carry somewhere, the empty one first.

    They are those of VLAN devices on VLAN devices, and these below the tag of a VLAN that some port adds.
    """
    found: dict[Tags, None] = {(): None}
    added: dict[Tag, None] = {}
    for device in topology.devices.values():
        stack = _stack_of(topology, device)
        for start in range(len(stack)):
            found.update({stack[start:end]: None for end in range(start + 1, len(stack) + 1)})
        for member in _memberships(topology, device):
            if member.untagged is not None:
                added[member.protocol, member.untagged] = None
    below = list(found)
    found.update({(tag, *stack): None for tag in added for stack in below if not stack or stack[0][0] != tag[0]})
    return tuple(found)


def _stack_of(topology: Topology, device: Device) -> Tags:
    """Return the tags that a device's frames carry at the lowest of its parents, the outermost first."""
    tags: Tags = ()
    while len(tags) < _DEEPEST and (tag := kinds()[device.kind].tag(device)) is not None and device.parent is not None:
        tags = (tag, *tags)
        device = topology.devices[device.parent]
    return tags


def _memberships(topology: Topology, device: Device) -> Iterator[Membership]:
    own = kinds()[device.kind].membership(device, device)
    if own is not None:
        yield own
    if device.master is not None:
        master = topology.devices[device.master]
        member = kinds()[master.kind].membership(master, device)
        if member is not None:
            yield member
