"""A veth of its own between each namespace and its host, as the CNI plugin `ptp` builds it: routed, without a bridge.

    network pods ptp 10.89.0.0/16
    join pods 10.89.1.0/24
    netns a { attach eth0 to pods }
    netns b { attach eth0 to pods }

The first address of the host's subnet stands at the host's end of every veth, alone (/32), and the host has a route
to each namespace. A namespace reaches the gateway on its link, and the rest, its own subnet included, by the gateway.

Source: containernetworking/plugins, plugins/main/ptp/ptp.go and pkg/ip/ipmasq_linux.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.networks.base import Driver, Line, Names, Port, gateway
from netc.topology.networks import Member, Network
from netc.topology.options import Option, one
from netc.topology.values import number, switch

MASQUERADE: Option[bool] = Option(
    "masquerade", one(switch), "on|off", "Packets that leave the subnet get an address of the host's.", "off"
)
MTU: Option[int] = Option("mtu", one(number(68, 65535, "an MTU")), "BYTES", "Of every veth.", "1500")
#: What is never masqueraded, by family: multicast (RFC 5771, RFC 4291 section 2.7).
MULTICAST = {4: "224.0.0.0/4", 6: "ff00::/8"}


class Ptp(Driver):
    """The driver `ptp`."""

    name = "ptp"
    options = (MASQUERADE, MTU)

    def join(self, network: Network, member: Member, names: Names) -> Iterator[Line]:
        """Yield forwarding and masquerading."""
        yield "forward", *(f"ipv{version}" for version in member.subnets)
        for version, subnet in member.subnets.items() if MASQUERADE.of(network) else ():
            yield "nat", "return", "srcnat", "saddr", subnet, "daddr", subnet
            yield "nat", "masquerade", "saddr", subnet, "daddr", "not", MULTICAST[version]

    def attach(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield the veth, and the routes by the gateway."""
        gateways = {version: gateway(member.subnets[version]) for version in port.addresses}
        far = f"{member.machine}:{names.of_port('ptp-', port)}"
        alone = [f"{ip}/{ip.max_prefixlen}" for ip in gateways.values()]
        yield "veth", port.device, *port.alone(), port.options, "--", far, *alone, {"mtu": MTU.of(network)}
        for version, ip in port.addresses.items():
            via, subnet = gateways[version], member.subnets[version]
            scope = ("scope", "link") if version == 4 else ()
            yield "route", via, "dev", port.device, *scope, "src", ip
            if subnet.prefixlen < subnet.max_prefixlen:
                yield "route", subnet, "via", via, "dev", port.device, "src", ip
            yield "route", "default", "via", via, "dev", port.device

    def beside(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield the host's routes to the namespace."""
        for ip in port.addresses.values():
            yield "route", ip, "dev", names.of_port("ptp-", port)


DRIVER = Ptp()
