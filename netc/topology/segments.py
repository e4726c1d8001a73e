"""Layer-2 segments: which devices hear each other's broadcasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from netc.topology.model import Address, Device, DeviceKey, IPNetwork, Topology

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from netc.source import Span


@dataclass(frozen=True, slots=True)
class DeclaredSubnet:
    """A subnet that the lab declares for a segment, where it says so, and by the statement of which device."""

    network: IPNetwork
    span: Span
    device: Device


@dataclass(frozen=True, slots=True)
class Segment:
    """Devices on one segment, in the order of the text, and the subnets that the lab declares for it."""

    devices: tuple[Device, ...]
    subnets: tuple[DeclaredSubnet, ...]

    def addresses(self) -> list[tuple[Address, Device]]:
        """Return the segment's addresses with their devices, in the order of the text."""
        pairs = [(address, device) for device in self.devices for address in device.addresses]
        return sorted(pairs, key=lambda pair: pair[0].order)

    def networks(self, version: int) -> list[IPNetwork]:
        """Return the segment's subnets of a family: those declared, else those that its addresses imply."""
        declared = [subnet.network for subnet in self.subnets if subnet.network.version == version]
        implied = [
            address.interface.network
            for address, _ in self.addresses()
            if address.ip.version == version and address.interface.network.prefixlen < address.ip.max_prefixlen
        ]
        return list(dict.fromkeys(declared or implied))


Tag: TypeAlias = tuple[str, int]  #: a VLAN tag: its protocol and its number
#: Frames as they pass a device, with the tags that they carry there, the outermost first.
Node: TypeAlias = tuple[DeviceKey, tuple[Tag, ...]]


def segments(
    topology: Topology,
    joints: Iterable[tuple[Hashable, Hashable]],
    subnets: Callable[[Device], tuple[tuple[IPNetwork, Span], ...]],
) -> tuple[Segment, ...]:
    """Return the segments of a topology: of what `joints` join, devices count by the frames without a tag."""
    leader: dict[Hashable, Hashable] = {}

    def find(node: Hashable) -> Hashable:
        while (above := leader.setdefault(node, node)) != node:
            leader[node] = leader[above]
            node = leader[node]
        return node

    for one, other in joints:
        leader[find(other)] = find(one)
    groups: dict[Hashable, list[Device]] = {}
    for device in topology.devices.values():
        groups.setdefault(find((device.key, ())), []).append(device)
    return tuple(_segment(devices, subnets) for devices in groups.values())


def _segment(devices: list[Device], subnets: Callable[[Device], tuple[tuple[IPNetwork, Span], ...]]) -> Segment:
    found: dict[tuple[IPNetwork, int, int], DeclaredSubnet] = {}
    for device in devices:
        for network, span in subnets(device):
            found.setdefault((network, span.line, span.column), DeclaredSubnet(network, span, device))
    return Segment(tuple(devices), tuple(found.values()))
