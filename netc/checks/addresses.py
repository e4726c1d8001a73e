"""What several checks of addresses ask: which address is free, which ones stand in a subnet, who is kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from netc.diagnostics import Edit
from netc.topology.model import (
    Address,
    Device,
    Expected,
    IPAddress,
    IPNetwork,
    Made,
    NetnsKey,
    Topology,
)
from netc.topology.segments import Segment


@lru_cache(maxsize=2)
def taken(topology: Topology) -> frozenset[IPAddress]:
    """Return every address that a device has or that a route names as its gateway."""
    addresses = {address.ip for device in topology.devices.values() for address in device.addresses}
    return frozenset(addresses | {route.gateway for route in topology.routes if route.gateway is not None})


def next_free(topology: Topology, network: IPNetwork) -> str:
    """Return the lowest free host address of a subnet, with its prefix length, or "" where there is none."""
    used = taken(topology)
    ip = next((host for host in network.hosts() if host not in used), None)
    return "" if ip is None else f"{ip}/{network.prefixlen}"


def suggestion(topology: Topology, network: IPNetwork) -> str:
    """Return a help sentence that asks for an address of a subnet and names the next free one."""
    free = next_free(topology, network)
    return f"use an address of {network}" + (f"; the next free one is {free}" if free else "")


def to_next_free(topology: Topology, address: Address, device: Device, network: IPNetwork) -> list[Edit]:
    """Return the edit that puts the next free address of a subnet in place of one."""
    free = next_free(topology, network)
    return rewritten(address, device, free) if free else []


def rewritten(address: Address, device: Device, text: str) -> list[Edit]:
    """Return the edit that puts a text in place of an address, where the lab chooses it and writes it out.

    An uplink has its addresses already, and `auto` is not written as one.
    """
    return [] if address.auto or device.made is Made.OTHERS else [Edit(address.span, text)]


def has_subnet(address: Address) -> bool:
    """Whether an address comes with a subnet on its device: not a /32 or /128, and not link-local IPv6."""
    alone = address.interface.network.prefixlen == address.ip.max_prefixlen
    return not alone and not is_link_local(address.ip)


def is_link_local(ip: IPAddress) -> bool:
    """Whether an address is an IPv6 link-local one, which every link has for itself."""
    return ip.version == 6 and ip.is_link_local


def subnet_addresses(topology: Topology) -> Iterator[tuple[Address, Device]]:
    """Yield the addresses that stand in a subnet: those of lo, and addresses alone, do not."""
    for device in topology.devices.values():
        if device.made is not Made.KERNEL:
            yield from ((address, device) for address in device.addresses if has_subnet(address))


@lru_cache(maxsize=2)
def kept_apart(topology: Topology) -> frozenset[tuple[NetnsKey, NetnsKey]]:
    """Return the pairs of namespaces that the lab expects not to reach each other, in both orders."""
    found = set()
    for expectation in topology.expectations:
        if expectation.expected is Expected.UNANSWERED:
            source, target = expectation.source.netns, expectation.target.netns
            found |= {(source, target), (target, source)}
    return frozenset(found)


def owner_of_subnet(device: Device) -> str:
    """Return whose a subnet is that is declared at a device: a bridge's, a segment's, or a link's."""
    if device.segment is not None:
        return f"{device.segment}'s"
    return f"{device.name}'s" if device.peer is None else "the link's"


def owner_of(topology: Topology, netns: NetnsKey, ip: IPAddress) -> tuple[Address, Device] | None:
    """Return the address, and its device, that makes one a namespace's own: of lo, the whole IPv4 subnet is.

    None if none does, as for what the kernel alone has (an IPv6 subnet's anycast address).
    """
    own = topology.addresses_of(netns)
    same = (pair for pair in own if pair[0].ip == ip)
    wide = (pair for pair in own if pair[1].name == "lo" and ip.version == 4 and ip in pair[0].interface.network)
    return next(chain(same, wide), None)


def others_of(segment: Segment, netns: NetnsKey, version: int) -> Iterator[tuple[Address, Device]]:
    """Yield a segment's addresses of a family that other namespaces have."""
    for address, device in segment.addresses():
        if address.ip.version == version and device.netns != netns:
            yield address, device
