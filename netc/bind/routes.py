"""Finds the devices of routes that name only a gateway."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, TypeAlias

from netc.topology.model import MAIN_TABLE
from netc.topology.subnets import brings_route, says_no

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, IPAddress, IPNetwork, NetnsKey, Route, Topology


def find_devices(topology: Topology) -> tuple[Route, ...]:
    """Return the topology's routes, each gateway with the device that it is on-link at, where there is one.

    A gateway is on-link where a device of the namespace has an address whose subnet holds it, or where a route without
    a gateway leads to it, in the table of its own route or in the main one (kernel net/ipv4/fib_semantics.c,
    fib_check_nh_v4_gw). Whatever IPv6 has by lo leads to nobody (net/ipv6/route.c, fib6_is_reject).
    """
    known: dict[NetnsKey, _OnLink] = {}
    for route in topology.routes:
        known.setdefault(route.netns, _OnLink()).routes.append(route)
    for netns, on_link in known.items():
        on_link.fill(topology, netns)
    return tuple(
        replace(route, device=known[route.netns].device(route.gateway, route))
        if route.gateway is not None and route.device is None
        else route
        for route in topology.routes
    )


_Place: TypeAlias = "tuple[int, DeviceKey | None]"
_MAIN: _Place = (MAIN_TABLE, None)


class _OnLink:
    """What one namespace reaches without a gateway: the longest prefix wins, then the first in the text."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self._devices: dict[_Place, dict[IPNetwork, DeviceKey]] = {_MAIN: {}}
        self._lengths: dict[tuple[_Place, int], list[int]] = {}

    def fill(self, topology: Topology, netns: NetnsKey) -> None:
        """Take up the subnets of the namespace's addresses, and then its routes without a gateway."""
        for address, device in topology.addresses_of(netns):
            network = address.interface.network
            if brings_route(address) and not says_no(network, device.key):
                self._devices[_MAIN].setdefault(network, device.key)
        for route in self.routes:
            if route.gateway is None and route.device is not None and not says_no(route.prefix, route.device):
                self._devices.setdefault(_place(route), {}).setdefault(route.prefix, route.device)
        for place, devices in self._devices.items():
            for version in (4, 6):
                lengths = {network.prefixlen for network in devices if network.version == version}
                self._lengths[place, version] = sorted(lengths, reverse=True)

    def device(self, gateway: IPAddress, route: Route) -> DeviceKey | None:
        """Return the device that a gateway of a route is on-link at, or None."""
        if gateway.version == 6 and gateway.is_link_local:
            return None
        for place in dict.fromkeys((_place(route), _MAIN)):
            for length in self._lengths.get((place, gateway.version), ()):
                found = self._devices[place].get(ip_network((gateway, length), strict=False))
                if found is not None:
                    return found
        return None


def _place(route: Route) -> _Place:
    """Return the table that a route is in: its number, or the VRF whose table it is."""
    return route.table, route.vrf
