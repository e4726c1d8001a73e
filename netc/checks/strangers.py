"""Which addresses are out of place on their segment: outside its declared subnets, or in one that nobody shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netc.checks.addresses import has_subnet, kept_apart
from netc.reach.net import Net, net_of
from netc.topology.model import Address, Device, DeviceKey, IPAddress, Made, NetnsKey, Topology
from netc.topology.segments import DeclaredSubnet, Segment

Pairs = list[tuple[Address, Device]]


@dataclass(frozen=True, slots=True)
class Stranger:
    """An address that is out of place.

    `declared` are the segment's subnets, none where the lab declares none; `usual` is an address of somebody who is
    in place, or the first of the segment where nobody is; `peer` one that has no on-link route to this one.
    """

    address: Address
    device: Device
    declared: tuple[DeclaredSubnet, ...]
    usual: tuple[Address, Device] | None
    peer: tuple[Address, Device] | None


@lru_cache(maxsize=2)
def strangers(topology: Topology) -> tuple[Stranger, ...]:
    """Return the addresses of a topology that are out of place, in the order of segments and of the text."""
    net = net_of(topology)
    return tuple(stranger for segment in net.segments for stranger in _of_segment(net, segment))


def _of_segment(net: Net, segment: Segment) -> Iterator[Stranger]:
    addresses = segment.addresses()
    for version in (4, 6):
        declared = tuple(subnet for subnet in segment.subnets if subnet.network.version == version)
        found = [(a, d) for a, d in addresses if a.ip.version == version and has_subnet(a)]
        if declared:
            for address, device in found:
                if not any(address.ip in subnet.network for subnet in declared):
                    yield Stranger(address, device, declared, None, _peer(addresses, address, device))
        elif len(found) > 1 and not _goes_on(segment):
            yield from _lone(net, segment, found)


def _goes_on(segment: Segment) -> bool:
    """Whether a segment goes on beyond an uplink, where others may share a subnet that is alone in the lab."""
    return any(device.made is Made.OTHERS for device in segment.devices)


def _lone(net: Net, segment: Segment, found: Pairs) -> Iterator[Stranger]:
    """Yield the ends that share a subnet with nobody: all but the first, where every end is one of them."""
    friends, apart = _friends(found), kept_apart(net.topology)
    first = next((pair for pair in found if pair[1].key in friends), found[0])
    told = {first[1].netns}
    for address, device in found:
        if device.key in friends or device.netns in told or (device.key, address.ip.version) in net.unnumbered:
            continue
        told.add(device.netns)
        if not apart or not any((device.netns, other.netns) in apart for other in segment.devices):
            yield Stranger(address, device, (), first, _peer(found, address, device))


def _friends(found: Pairs) -> set[DeviceKey]:
    """Return the devices with an address in the subnet of another namespace, or with one of its in theirs."""
    lengths = {address.interface.network.prefixlen for address, _ in found}
    owners: dict[tuple[int, int], set[NetnsKey]] = {}
    inside: dict[tuple[int, int], set[NetnsKey]] = {}
    for address, device in found:
        owners.setdefault(_head(address, address.interface.network.prefixlen), set()).add(device.netns)
        for length in lengths:
            inside.setdefault(_head(address, length), set()).add(device.netns)
    friends = set()
    for address, device in found:
        groups = [owners.get(_head(address, length), set()) for length in lengths]
        groups.append(inside[_head(address, address.interface.network.prefixlen)])
        if any(netnses - {device.netns} for netnses in groups):
            friends.add(device.key)
    return friends


def _head(address: Address, length: int) -> tuple[int, int]:
    return length, int(address.ip) >> (address.ip.max_prefixlen - length)


def _peer(addresses: Pairs, address: Address, device: Device) -> tuple[Address, Device] | None:
    """Return somebody else on the segment who is not in the subnet of `address`."""
    version, network = address.ip.version, address.interface.network
    return next(
        ((a, d) for a, d in addresses if a.ip.version == version and d.netns != device.netns and a.ip not in network),
        None,
    )


@lru_cache(maxsize=2)
def _astray(topology: Topology) -> frozenset[DeviceKey]:
    return frozenset(stranger.device.key for stranger in strangers(topology))


def is_told(topology: Topology, netns: NetnsKey, ip: IPAddress) -> bool:
    """Whether the checks of addresses tell why a namespace on the segment of `ip` has no route to it."""
    net = net_of(topology)
    astray = _astray(topology)
    for holder in net.holders.get(ip, ()):
        doors = [topology.devices[door] for door in net.doors.get((net.home[holder.key], netns), ())]
        if any(_explains(net, astray, door, holder, ip) for door in doors):
            return True
    return False


def _explains(net: Net, astray: frozenset[DeviceKey], door: Device, holder: Device, ip: IPAddress) -> bool:
    if door.key in astray or holder.key in astray:  # N201
        return True
    own = [address for address in door.addresses if address.ip.version == ip.version]
    subnet = next(address.interface.network for address in holder.addresses if address.ip == ip)
    if any(address.ip in subnet for address in own):  # N202, or N211
        return True
    return any(
        bool(device.addresses)
        and not any(has_subnet(address) for address in device.addresses)
        and (device.key, ip.version) not in net.unnumbered
        for device in (door, holder)
    )  # N211
