"""calico: no bridge. The host answers ARP for everything, and has a route to every single namespace.

    network pods calico 192.168.100.0/24
    join pods 192.168.100.0/26
    netns ns1 { attach eth0 192.168.100.1 to pods }
    netns ns2 { attach eth0 192.168.100.2 to pods }

A namespace has its address alone (/32, /128) and a default route by 169.254.1.1, which nobody has: the host's end of
the veth answers for it (`proxy-arp on`). For IPv6 the next hop is the link-local address of that end, the same on
every host, since its MAC is ee:ee:ee:ee:ee:ee everywhere. The host's ends are called cali-NETNS.

The kernel answers for 169.254.1.1 only where it has a route to it. On real hosts the default route is one; without it
nothing would work, and nothing would say why (projectcalico/calico issues #3270, #7866). So the host gets a route of
its own to 169.254.1.1.

Between hosts, every host has a route to the others' blocks, and a blackhole for what is free of its own:

| `mode` | way to the other hosts' blocks | MTU |
|---|---|---|
| `none` | by the hosts themselves, which must be on the same segment | the uplink's |
| `ipip` | in IP packets, by the device ipip.calico | less 20 bytes |
| `vxlan` | in VXLAN packets, by the device vxlan.calico (and vxlan-v6.calico) | less 50 bytes, IPv6 70 |

With `cross-subnet on`, hosts on the same segment reach each other without a tunnel. The tunnel's device has the
block's first address: the source of what the host itself sends. calico uses the kernel's own tunl0 in its place,
which is in every namespace of a kernel that has the module, and so cannot be the lab's.

Source: calico cni-plugin/pkg/dataplane/linux/dataplane_linux.go, felix/dataplane/linux (endpoint_mgr.go,
route_table, vxlan_mgr.go), felix/calc/vxlan_resolver.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.networks.base import Driver, Line, Names, Port
from netc.plan.mark import mac_of
from netc.topology.model import IPAddress
from netc.topology.networks import Member, Network
from netc.topology.options import Option, one
from netc.topology.values import choice, number, switch

MODE: Option[str] = Option(
    "mode", one(choice("none", "ipip", "vxlan")), "none|ipip|vxlan", "How packets come from host to host.", "none"
)
CROSS_SUBNET: Option[bool] = Option(
    "cross-subnet", one(switch), "on|off", "Tunnels only to hosts that are not on the same segment.", "off"
)
MASQUERADE: Option[bool] = Option(
    "masquerade", one(switch), "on|off", "Packets that leave the network get an address of the host's.", "off"
)
ID: Option[int] = Option("id", one(number(0, 2**24 - 1, "a VNI")), "N", "The VNI of `mode vxlan`.", "4096")
DSTPORT: Option[int] = Option("dstport", one(number(1, 65535, "a port")), "N", "The UDP port of `mode vxlan`.", "4789")
_GATEWAY = "169.254.1.1"
_MAC = "ee:ee:ee:ee:ee:ee"
_LINK_LOCAL = "fe80::ecee:eeff:feee:eeee"  # what the kernel makes of that MAC: RFC 4291, appendix A
#: Octets that a tunnel adds: RFC 2003; RFC 7348, section 5.
_OVERHEAD = {"none": {4: 0, 6: 0}, "ipip": {4: 20, 6: 0}, "vxlan": {4: 50, 6: 70}}
_DEVICES = {("ipip", 4): "ipip.calico", ("vxlan", 4): "vxlan.calico", ("vxlan", 6): "vxlan-v6.calico"}


class Calico(Driver):
    """The driver `calico`."""

    name = "calico"
    options = (MODE, CROSS_SUBNET, MASQUERADE, ID, DSTPORT)
    share = {4: 26, 6: 122}  # noqa: RUF012 - a constant of the class
    has_gateway = False

    def join(self, network: Network, member: Member, names: Names) -> Iterator[Line]:
        """Yield forwarding, the route that proxy ARP needs, and the ways to the other hosts' blocks."""
        yield "forward", *(f"ipv{version}" for version in member.subnets)
        if 4 in member.subnets:
            yield "route", _GATEWAY, "dev", "lo"
        for version, block in member.subnets.items():
            yield from _ways(network, member, version)
            if block.prefixlen < block.max_prefixlen:
                yield "route", "blackhole", block
            if MASQUERADE.of(network) and member.underlay is not None:
                whole = network.prefixes[version]
                yield "masquerade", whole, "out", member.underlay.name, "daddr", "not", whole

    def attach(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield the veth, the route to the next hop that nobody has, and the default route by it."""
        far = f"{member.machine}:{names.of_port('cali-', port)}"
        yield "veth", port.device, *port.alone(), port.options, "--", far, _host_end(network, member, port)
        if 4 in port.addresses:
            yield "route", _GATEWAY, "dev", port.device, "scope", "link"
            yield "route", "default", "via", _GATEWAY, "dev", port.device
        if 6 in port.addresses:
            yield "route", "default", "via", _LINK_LOCAL, "dev", port.device
        yield "sysctl", "net.ipv4.ip_forward", "=", 0

    def beside(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield the host's routes to the namespace."""
        for version, ip in port.addresses.items():
            scope = ("scope", "link") if version == 4 else ()
            yield "route", ip, "dev", names.of_port("cali-", port), *scope

    def tunnels(self, network: Network) -> frozenset[int] | None:
        """Return the families that the mode has a device for: IPIP carries IPv4 only."""
        return frozenset(version for version in network.prefixes if (_mode(network), version) in _DEVICES)

    def is_direct(self, network: Network) -> bool:
        """Whether hosts on the same segment leave out the tunnel."""
        return bool(CROSS_SUBNET.of(network))


def _mode(network: Network) -> str:
    return MODE.of(network) or "none"


def _mtu(network: Network, member: Member) -> int | None:
    if member.underlay is None:
        return None
    mtu = member.underlay.mtu - max(_OVERHEAD[_mode(network)][version] for version in member.subnets)
    return mtu if mtu != 1500 else None


def _host_end(network: Network, member: Member, port: Port) -> dict[str, object]:
    """Return the options of the host's end of a veth, as calico sets them."""
    options: dict[str, object] = {"mac": _MAC, "mtu": _mtu(network, member)}
    if 4 in port.addresses:
        options |= {"proxy-arp": "on", "proxy-delay": 0, "route-localnet": "on", "forwarding": "on"}
    if 6 in port.addresses:
        options |= {"proxy-ndp": "on", "accept-dad": 0, "accept-ra": 0}
    return options


def _ways(network: Network, member: Member, version: int) -> Iterator[Line]:
    """Yield how a host sends to the blocks of the others."""
    here, own = member.underlay, member.ip(version)
    others = [other for other in network.others(member) if version in other.subnets]
    if here is None or own is None or not others:
        return  # where there are others, N506 tells
    mode = _mode(network)
    device = _DEVICES.get((mode, version))
    if device is not None:
        yield _tunnel(network, member, version, own, device)
    for other in others:
        there, block = other.ip(version), other.subnets[version]
        if there is None or other.underlay is None:
            continue
        beside = here.is_beside(other.underlay, version)
        if device is not None and not (CROSS_SUBNET.of(network) and beside):
            yield from _tunnelled(network, other, version, there, device)
        elif beside:
            yield "route", block, "via", there, "dev", here.name


def _tunnel(network: Network, member: Member, version: int, own: IPAddress, device: str) -> Line:
    here, address = member.underlay, member.subnets[version].network_address
    assert here is not None
    mtu = here.mtu - _OVERHEAD[_mode(network)][version]
    alone = f"{address}/{address.max_prefixlen}"
    if _mode(network) == "ipip":
        return "ipip", device, alone, "on", here.name, {"local": own, "mtu": mtu}
    options = {
        "id": _id(network),
        "local": own,
        "dstport": DSTPORT.of(network) or 4789,
        "learning": "off",
        "mac": _mac(network, member, version),
        "mtu": mtu,
    }
    return "vxlan", device, alone, "on", here.name, options


def _tunnelled(network: Network, other: Member, version: int, there: IPAddress, device: str) -> Iterator[Line]:
    block = other.subnets[version]
    if _mode(network) == "ipip":  # the next hop is the outer destination: the tunnel itself says none
        yield "route", block, "via", there, "dev", device, "onlink"
        return
    vtep, mac = block.network_address, _mac(network, other, version)
    yield "neigh", vtep, "lladdr", mac, "dev", device
    yield "fdb", mac, "dst", there, "dev", device
    yield "route", block, "via", vtep, "dev", device, "onlink"


def _id(network: Network) -> int:
    said = ID.of(network)
    return 4096 if said is None else said


def _mac(network: Network, member: Member, version: int) -> str:
    return mac_of(network.name, f"{member.machine} vtep{version}")


DRIVER = Calico()
