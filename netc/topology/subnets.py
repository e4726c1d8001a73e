"""Which subnets and prefixes have a route that leads to somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.topology.model import Address, DeviceKey, IPNetwork


def brings_route(address: Address) -> bool:
    """Whether the kernel makes a route to an address's subnet.

    It does not for an address alone, nor in IPv4 for a subnet that begins at 0.0.0.0 (net/ipv4/fib_frontend.c,
    fib_add_ifaddr).
    """
    network = address.interface.network
    nobody = network.version == 4 and network.network_address.is_unspecified
    return network.prefixlen < network.max_prefixlen and not nobody


def says_no(prefix: IPNetwork, device: DeviceKey) -> bool:
    """Whether what leads by a device is taken for a route that says no: in IPv6, whatever leads by lo.

    The subnet of an address is no exception (net/ipv6/route.c, fib6_is_reject).
    """
    return prefix.version == 6 and device.name == "lo"
