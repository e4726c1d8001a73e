"""A bridge on each host, as the CNI plugin `bridge` builds it: with a gateway, and with masquerading where it is asked.

    network pods bridge 10.88.0.0/16 { masquerade on }
    join pods 10.88.1.0/24
    netns a { attach eth0 to pods }
    netns b { attach eth0 10.88.1.9 to pods }

The host has the first address of its subnet on the bridge, forwards, and is the default gateway of whatever is
attached. Hosts that join the same network do not reach each other's subnets by it.

`hairpin on` lets frames back out of the port that they came in by. So a namespace reaches itself by an address that is
its own only after `nat dnat`, where bridged packets are translated as well (`br_netfilter` is loaded, and
`net.bridge.bridge-nf-call-iptables` 1): the frame that comes back is handed out where it came in.

`isolated on` keeps namespaces apart: each reaches the gateway, and none of its neighbours. What came in by an isolated
port goes out by none, that port included, so `hairpin on` has no effect beside it.

`vlan 10` puts the network into a VLAN of the bridge. The gateway then stands on one end of a veth, called after bridge
and VLAN (cni0.10), whose other end is a port of the VLAN. Networks can share a bridge if each has a VLAN of its own,
and all have the same MTU:

    network red bridge 10.10.0.0/16 { name br0; vlan 10 }
    network blue bridge 10.20.0.0/16 { name br0; vlan 20; vlan-trunk 30-39 }
    join red
    join blue
    netns a { attach eth0 to red }
    netns b { attach eth0 to blue; vlan eth0.30 10.30.0.2/24 on eth0 { id 30 } }

`vlan-trunk 30-39` lets these VLANs through as well, with their tags. A port is in no other VLAN than those that are
said, as with the plugin's `preserveDefaultVlan: false`; where `vlan` is not said, it is in VLAN 1, without a tag, as
the bridge itself is.

Source: containernetworking/plugins, plugins/main/bridge/bridge.go and pkg/ip/ipmasq_linux.go; kernel
net/bridge/br_forward.c (should_deliver) and net/bridge/br_netfilter_hooks.c (br_nf_pre_routing_finish).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from netc.networks.base import Driver, Line, Names, Port, default_routes, gateway
from netc.topology.networks import Member, Network
from netc.topology.options import Option, one, several
from netc.topology.values import number, switch, text

if TYPE_CHECKING:
    from netc.syntax.tree import Word

NAME: Option[str] = Option("name", one(text), "DEVICE", "The bridge's name.", "cni0")
GATEWAY: Option[bool] = Option(
    "gateway", one(switch), "on|off", "The host has an address on the bridge, forwards, and is the gateway.", "on"
)
MASQUERADE: Option[bool] = Option(
    "masquerade", one(switch), "on|off", "Packets that leave the subnet get an address of the host's.", "off"
)
MTU: Option[int] = Option("mtu", one(number(68, 65535, "an MTU")), "BYTES", "Of the bridge and its ports.", "1500")
HAIRPIN: Option[bool] = Option(
    "hairpin", one(switch), "on|off", "Sends frames back out of the port that they came in by.", "off"
)
ISOLATED: Option[bool] = Option("isolated", one(switch), "on|off", "Hands no frames from port to port.", "off")
VLAN: Option[int] = Option(
    "vlan", one(number(1, 4094, "a VLAN")), "VID", "The VLAN of the bridge that the network is in.", "none"
)


def _range(word: Word) -> str:
    """Return the text of VID or VID-VID."""
    for part in word.text.split("-", 1):
        number(1, 4094, "a VLAN")(type(word)(part, word.span))
    return word.text


_Ranges: TypeAlias = tuple[tuple[str, "Word"], ...]
TRUNK: Option[_Ranges] = Option(
    "vlan-trunk", several(_range), "VID...", "VLANs that the ports let through with their tags: 30, or 30-39.", "none"
)
#: What is never masqueraded, by family: multicast (RFC 5771, RFC 4291 section 2.7).
MULTICAST = {4: "224.0.0.0/4", 6: "ff00::/8"}


class Bridge(Driver):
    """The driver `bridge`."""

    name = "bridge"
    options = (NAME, GATEWAY, MASQUERADE, MTU, HAIRPIN, ISOLATED, VLAN, TRUNK)

    def join(self, network: Network, member: Member, names: Names) -> Iterator[Line]:
        """Yield the bridge, forwarding and masquerading."""
        subnets, name = member.subnets.values(), _name(network)
        is_gateway = GATEWAY.of(network) is not False
        addresses = [f"{gateway(subnet)}/{subnet.prefixlen}" for subnet in subnets] if is_gateway else []
        vlan, mtu = VLAN.of(network), MTU.of(network)
        filtering = {"vlan-filtering": "on"} if vlan or TRUNK.of(network) else {}
        if vlan is None:
            options = {"subnet": " ".join(map(str, subnets)), "mtu": mtu}
            yield "bridge", name, *addresses, {**options, **filtering}
        else:
            yield "bridge", name, {"mtu": mtu, **filtering}
        if vlan is not None and is_gateway:
            port = {"mtu": mtu, "vlan": f"{vlan} pvid untagged"}
            yield "veth", f"{name}.{vlan}", *addresses, "--", name, port
        if is_gateway:
            yield "forward", *(f"ipv{version}" for version in member.subnets)
        for version, subnet in member.subnets.items() if MASQUERADE.of(network) else ():
            yield "nat", "return", "srcnat", "saddr", subnet, "daddr", subnet
            yield "nat", "masquerade", "saddr", subnet, "daddr", "not", MULTICAST[version]

    def attach(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield the veth, and the default routes."""
        yield "veth", port.device, *port.interfaces(member), port.options, "--", _name(network), _port(network)
        if GATEWAY.of(network) is not False:
            yield from default_routes(port, member)


def _name(network: Network) -> str:
    return NAME.of(network) or "cni0"


def _port(network: Network) -> dict[str, object]:
    """Return the options of the bridge's ports. Of two `vlan` lines that say the same VLAN the later one holds."""
    vlan, trunk = VLAN.of(network), TRUNK.of(network) or ()
    own = f"{vlan or 1} pvid untagged"
    ranges = " ".join(text for text, _ in trunk)
    return {
        "mtu": MTU.of(network),
        "hairpin": "on" if HAIRPIN.of(network) else None,
        "isolated": "on" if ISOLATED.of(network) else None,
        "vlan": tuple(filter(None, (ranges, own))) if vlan or trunk else None,
    }


DRIVER = Bridge()
