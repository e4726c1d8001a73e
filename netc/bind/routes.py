"""Finds the devices of routes that name only a gateway."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, Route, Topology


def find_devices(topology: Topology) -> tuple[Route, ...]:
    """Return the topology's routes, each gateway with the device that it is on-link at, where there is one.

    A gateway is on-link where a device of the namespace has an address whose subnet holds it, or where a route of
    `scope link` leads to it (kernel net/ipv4/fib_semantics.c, fib_check_nh).
    """
    return tuple(
        replace(route, device=_on_link(topology, route))
        if route.gateway is not None and route.device is None
        else route
        for route in topology.routes
    )


def _on_link(topology: Topology, route: Route) -> DeviceKey | None:
    gateway = route.gateway
    assert gateway is not None
    if gateway.version == 6 and gateway.is_link_local:
        return None
    found: list[tuple[int, DeviceKey]] = []
    for address, device in topology.addresses_of(route.netns):
        network = address.interface.network
        if gateway in network and network.prefixlen < gateway.max_prefixlen:
            found.append((network.prefixlen, device.key))
    for other in topology.routes:
        if (
            other.netns == route.netns
            and other.gateway is None
            and other.device is not None
            and gateway in other.prefix
        ):
            found.append((other.prefix.prefixlen, other.device))
    return max(found, key=lambda pair: pair[0])[1] if found else None
