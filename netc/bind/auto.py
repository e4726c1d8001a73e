"""Gives the `auto` addresses: the lowest free ones of their segments."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_interface
from typing import TYPE_CHECKING

from netc.bind.draft import AutoAddress, Draft
from netc.diagnostics import error
from netc.kinds.segments import segments_of
from netc.topology.model import Address, DeviceKey, IPAddress, IPNetwork, Topology
from netc.topology.values import BindError

if TYPE_CHECKING:
    from collections.abc import Iterator


def assign_addresses(draft: Draft) -> Topology:
    """Return the draft's topology with every `auto` replaced by an address; tells where there is none.

    Fixed addresses and the gateways of routes are set aside first; then each request, in the order of the text, takes
    the lowest free host address of its segment's subnet, in every family that the segment has exactly one of.
    """
    topology = draft.topology()
    if not draft.autos:
        return topology
    homes: dict[DeviceKey, dict[int, list[IPNetwork]]] = {}
    for segment in segments_of(topology):
        networks = {version: segment.networks(version) for version in (4, 6)}
        homes |= {device.key: networks for device in segment.devices}
    taken: set[IPAddress] = {address.ip for device in topology.devices.values() for address in device.addresses}
    taken |= {route.gateway for route in topology.routes if route.gateway is not None}
    added: dict[DeviceKey, list[Address]] = {}
    pools: dict[IPNetwork, Iterator[IPAddress]] = {}
    for request in sorted(draft.autos, key=lambda auto: auto.order):
        try:
            for network in _networks(homes[request.device], request):
                pool = pools.setdefault(network, _free(network, taken))
                ip = next(pool, None)
                if ip is None:
                    raise BindError(
                        error(
                            "N012",
                            request.span,
                            f"{network} has no free address left",
                            help=_relief(network, topology),
                        )
                    )
                interface = ip_interface((ip, network.prefixlen))
                added.setdefault(request.device, []).append(
                    Address(interface, request.span, request.order, auto=True, origin=request.origin)
                )
        except BindError as bad:
            draft.findings.add(bad.finding)
    devices = dict(topology.devices)
    for key, addresses in added.items():
        both = sorted((*devices[key].addresses, *addresses), key=lambda address: address.order)
        devices[key] = replace(devices[key], addresses=tuple(both))
    return replace(topology, devices=devices)


def _networks(known: dict[int, list[IPNetwork]], request: AutoAddress) -> list[IPNetwork]:
    found: list[IPNetwork] = []
    for networks in known.values():
        if len(networks) > 1:
            names = ", ".join(str(network) for network in networks)
            raise BindError(
                error(
                    "N012",
                    request.span,
                    f"`auto` could mean any of {names}",
                    help="write the address, or declare one `subnet` for the segment",
                )
            )
        found += networks
    if not found:
        message = f"there is no subnet to take an address for {request.device.label} from"
        raise BindError(
            error(
                "N012",
                request.span,
                message,
                help="declare one, at the bridge or the link: `{ subnet 10.0.0.0/24 }`",
            )
        )
    return found


def _relief(network: IPNetwork, topology: Topology) -> str:
    """Return what to do about a subnet that is used up, which the gateways of routes may have done."""
    gateways = {route.gateway for route in topology.routes if route.gateway is not None and route.gateway in network}
    held = {address.ip for device in topology.devices.values() for address in device.addresses}
    waiting = sorted(str(gateway) for gateway in gateways - held)
    if not waiting:
        return "declare a larger subnet"
    names = ", ".join(waiting)
    return f"routes name {names} as a gateway, so `auto` leaves it alone: write it at the device that is to have it"


def _free(network: IPNetwork, taken: set[IPAddress]) -> Iterator[IPAddress]:
    hosts: Iterator[IPAddress] = iter(network.hosts())
    return (ip for ip in hosts if ip not in taken)
