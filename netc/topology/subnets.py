"""What an address says of the subnet that it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.topology.model import Address


def brings_route(address: Address) -> bool:
    """Whether the kernel makes a route to an address's subnet.

    It does not for an address alone, nor in IPv4 for a subnet that begins at 0.0.0.0 (net/ipv4/fib_frontend.c,
    fib_add_ifaddr).
    """
    network = address.interface.network
    nobody = network.version == 4 and network.network_address.is_unspecified
    return network.prefixlen < network.max_prefixlen and not nobody
