"""Finds an address that two devices of one segment have, for N203 and N204."""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import has_subnet, next_free, to_next_free
from netc.checks.base import Check
from netc.diagnostics import Finding, Label
from netc.reach.net import net_of
from netc.topology.model import Address, Device, IPAddress, IPNetwork, Topology
from netc.topology.segments import Segment


def duplicates(check: Check, topology: Topology, version: int, effect: str) -> Iterator[Finding]:
    """Yield a finding for every address of a family that its segment, or its device, has already."""
    for segment in net_of(topology).segments:
        seen: dict[IPAddress, tuple[Address, Device]] = {}
        for address, device in segment.addresses():
            if address.ip.version != version:
                continue
            if address.ip in seen:
                yield _finding(check, topology, segment, address, device, seen[address.ip], effect)
            else:
                seen[address.ip] = (address, device)


def _finding(
    check: Check,
    topology: Topology,
    segment: Segment,
    address: Address,
    device: Device,
    first: tuple[Address, Device],
    effect: str,
) -> Finding:
    same_device = first[1].key == device.key
    if same_device:
        message = f"{device.key.label} is given {address.ip} twice"
        effect = "the kernel would refuse the second, and up.sh would undo everything"
    else:
        message = f"{address.ip} of {device.key.label} is also the address of {first[1].key.label}"
    free = next_free(topology, _network(segment, address))
    help = "leave one of them out" if same_device else f"use another address, such as {free}" if free else "use another"
    return check.find(
        address.span,
        message,
        labels=[Label(first[0].span, "first used here")],
        effect=effect,
        help=help,
        edits=[] if same_device else to_next_free(topology, address, device, _network(segment, address)),
        stops=same_device,
    )


def _network(segment: Segment, address: Address) -> IPNetwork:
    """Return the subnet to take another address from."""
    declared = (subnet.network for subnet in segment.subnets if address.ip in subnet.network)
    return next(declared, address.interface.network) if not has_subnet(address) else address.interface.network
