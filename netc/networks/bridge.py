"""A bridge on each host, as the CNI plugin `bridge` builds it: with a gateway, and with masquerading where it is asked.

    network pods bridge 10.88.0.0/16 { masquerade on }
    join pods 10.88.1.0/24
    netns a { attach eth0 to pods }
    netns b { attach eth0 10.88.1.9 to pods }

The host has the first address of its subnet on the bridge, forwards, and is the default gateway of whatever is
attached. Hosts that join the same network do not reach each other's subnets by it.

Source: containernetworking/plugins, plugins/main/bridge/bridge.go and pkg/ip/ipmasq_linux.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.networks.base import Driver, Line, Names, Port, default_routes, gateway
from netc.topology.networks import Member, Network
from netc.topology.options import Option, one
from netc.topology.values import number, switch, text

NAME: Option[str] = Option("name", one(text), "DEVICE", "The bridge's name.", "cni0")
GATEWAY: Option[bool] = Option(
    "gateway", one(switch), "on|off", "The host has an address on the bridge, forwards, and is the gateway.", "on"
)
MASQUERADE: Option[bool] = Option(
    "masquerade", one(switch), "on|off", "Packets that leave the subnet get an address of the host's.", "off"
)
MTU: Option[int] = Option("mtu", one(number(68, 65535, "an MTU")), "BYTES", "Of the bridge and its ports.", "1500")
#: What is never masqueraded, by family: multicast (RFC 5771, RFC 4291 section 2.7).
MULTICAST = {4: "224.0.0.0/4", 6: "ff00::/8"}


class Bridge(Driver):
    """The driver `bridge`."""

    name = "bridge"
    options = (NAME, GATEWAY, MASQUERADE, MTU)

    def join(self, network: Network, member: Member, names: Names) -> Iterator[Line]:
        """Yield the bridge, forwarding and masquerading."""
        subnets = member.subnets.values()
        is_gateway = GATEWAY.of(network) is not False
        addresses = [f"{gateway(subnet)}/{subnet.prefixlen}" for subnet in subnets] if is_gateway else []
        options = {"subnet": " ".join(map(str, subnets)), "mtu": MTU.of(network)}
        yield "bridge", NAME.of(network) or "cni0", *addresses, options
        if is_gateway:
            yield "forward", *(f"ipv{version}" for version in member.subnets)
        for version, subnet in member.subnets.items() if MASQUERADE.of(network) else ():
            yield "nat", "return", "srcnat", "saddr", subnet, "daddr", subnet
            yield "nat", "masquerade", "saddr", subnet, "daddr", "not", MULTICAST[version]

    def attach(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield the veth, and the default routes."""
        master = NAME.of(network) or "cni0"
        yield "veth", port.device, *port.interfaces(member), port.options, "--", master, {"mtu": MTU.of(network)}
        if GATEWAY.of(network) is not False:
            yield from default_routes(port, member)


DRIVER = Bridge()
