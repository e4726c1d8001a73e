"""flannel: a subnet and a bridge for each host, and between hosts VXLAN, or plain routes, or what fits each pair.

    segment lan 192.168.50.0/24
    network pods flannel 10.244.0.0/16 { backend vxlan { id 1; dstport 8472; direct-routing on } }
    host n1 {
      uplink eth0 192.168.50.11/24 on lan
      join pods 10.244.1.0/24 on eth0
      netns a { attach eth0 to pods }
    }
    host n2 {
      uplink eth0 192.168.50.12/24 on lan
      join pods 10.244.2.0/24 on eth0
      netns b { attach eth0 10.244.2.9 to pods }
    }

Every host has the bridge cni0 with the first address of its subnet, and forwards. Its ports have `hairpin on`, as
kube-flannel asks the plugin `bridge` to build them (`hairpinMode`); `hairpin off` leaves it out.

`backend vxlan` makes a device flannel.ID on each host (flannel-v6.ID for IPv6) that learns nothing: the neighbour
entry, the FDB entry and the route for each other host are written down, with MAC addresses worked out from the names
of network and host, so that hosts agree without talking. The device's address is the subnet's own, alone (/32): the
source of what the host itself sends. The MTU is the uplink's less 50 bytes, or 70 over IPv6, on all devices of the
network. `direct-routing on` routes without VXLAN where the other host is on the same segment and in the same subnet,
which is decided for each pair of hosts. `id` is 1, `dstport` 8472 where they are left out.

`backend host-gw` has plain routes only, and the uplink's whole MTU. A host that is not on the same segment is an
error: no route leads to it.

With `masquerade on`, packets that leave the network get an address of the host's, by flannel's rules in flannel's
order; packets of the network are let through the host, as far as the lab's own table decides.

Source: flannel pkg/backend/vxlan, pkg/backend/hostgw, pkg/ip/iface.go, pkg/trafficmngr/iptables/iptables.go;
Documentation/kube-flannel.yml, cni-conf.json.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.diagnostics import Findings
from netc.networks.base import Driver, Line, Names, Port, default_routes, gateway
from netc.plan.mark import mac_of
from netc.syntax.tree import Block, Statement
from netc.topology.model import IPAddress, Setting
from netc.topology.networks import Member, Network
from netc.topology.options import Option, one, read_block
from netc.topology.values import BindError, choice, number, switch

_ID: Option[int] = Option("id", one(number(0, 2**24 - 1, "a VNI")), "N", "The VNI.", "1")
_DSTPORT: Option[int] = Option("dstport", one(number(1, 65535, "a port")), "N", "The UDP port.", "8472")
_DIRECT: Option[bool] = Option("direct-routing", one(switch), "on|off", "Plain routes between neighbours.", "off")
_OF_VXLAN = {option.name: option for option in (_ID, _DSTPORT, _DIRECT)}
#: Octets that VXLAN adds: Ethernet 14, VXLAN 8, UDP 8, IP 20 or 40 (RFC 7348, section 5).
_OVERHEAD = {4: 50, 6: 70}
#: What is never masqueraded, by family: multicast (RFC 5771, RFC 4291 section 2.7).
_MULTICAST = {4: "224.0.0.0/4", 6: "ff00::/8"}
_BRIDGE = "cni0"
#: How flannel marks packets that something else has dealt with.
_MARK = "0x4000/0x4000"


@dataclass(frozen=True, slots=True)
class Backend:
    """How packets come from host to host."""

    vxlan: bool = True
    id: int = 1
    dstport: int = 8472
    direct: bool = False

    def device(self, version: int) -> str:
        """Return the name of the VXLAN device of a family."""
        return f"flannel.{self.id}" if version == 4 else f"flannel-v6.{self.id}"


@dataclass(frozen=True, slots=True)
class _BackendOption(Option[Backend]):
    """`backend`, which has a block of its own."""

    def read(self, statement: Statement) -> Setting:
        """Return what a statement of the network's block says; raises BindError."""
        last = statement.parts[-1] if statement.parts else None
        block = last if isinstance(last, Block) else None
        plain = Statement(statement.head, statement.parts[:-1] if block else statement.parts, statement.span)
        named = Option(self.name, one(choice("vxlan", "host-gw")), self.form, self.doc).read(plain)
        findings = Findings()
        known = _OF_VXLAN if named.value == "vxlan" else {}
        said = {} if block is None else read_block(block, known, f"`backend {named.value}`", findings)
        for finding in findings:
            raise BindError(finding)
        values = {name.partition("-")[0]: setting.value for name, setting in said.items()}
        backend = Backend(named.value == "vxlan", **values)
        return Setting(backend, named.span, named.name_span)


BACKEND = _BackendOption(
    "backend",
    lambda words: Backend(),
    "vxlan|host-gw [{ id N; dstport N; direct-routing on|off }]",
    "How packets come from host to host.",
    "vxlan",
)
MASQUERADE: Option[bool] = Option(
    "masquerade", one(switch), "on|off", "Packets that leave the network get an address of the host's.", "off"
)
HAIRPIN: Option[bool] = Option(
    "hairpin", one(switch), "on|off", "Ports of cni0 send frames back out of the port that they came in by.", "on"
)


class Flannel(Driver):
    """The driver `flannel`."""

    name = "flannel"
    options = (BACKEND, MASQUERADE, HAIRPIN)

    def join(self, network: Network, member: Member, names: Names) -> Iterator[Line]:
        """Yield the bridge, the way to every other host, and the rules for packets that leave or come through."""
        subnets = member.subnets
        addresses = [f"{gateway(subnet)}/{subnet.prefixlen}" for subnet in subnets.values()]
        options = {"subnet": " ".join(map(str, subnets.values())), "mtu": _mtu(network, member)}
        yield "forward", *(f"ipv{version}" for version in subnets)
        yield "bridge", _BRIDGE, *addresses, options
        for version in subnets:
            yield from _ways(network, member, version)
        if MASQUERADE.of(network):
            for version in subnets:
                yield from _rules(network, member, version)

    def attach(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield the veth, and the default routes."""
        hairpin = None if HAIRPIN.of(network) is False else "on"
        options = {"mtu": _mtu(network, member), "hairpin": hairpin}
        yield "veth", port.device, *port.interfaces(member), port.options, "--", _BRIDGE, options
        yield from default_routes(port, member)

    def tunnels(self, network: Network) -> frozenset[int] | None:
        """Return all families, or none: it is the backend that counts."""
        return frozenset(network.prefixes) if _backend(network).vxlan else frozenset()

    def is_direct(self, network: Network) -> bool:
        """Whether the backend leaves out the tunnel between neighbours."""
        return _backend(network).direct


def _backend(network: Network) -> Backend:
    return BACKEND.of(network) or Backend()


def _mtu(network: Network, member: Member) -> int | None:
    """Return the MTU of the network's devices on a host; None is that of Ethernet."""
    if member.underlay is None:
        return None
    overhead = max(_OVERHEAD[version] for version in member.subnets) if _backend(network).vxlan else 0
    mtu = member.underlay.mtu - overhead
    return mtu if mtu != 1500 else None


def _ways(network: Network, member: Member, version: int) -> Iterator[Line]:
    """Yield how a host sends to the subnets of the others: neighbour and FDB entries, and the route last."""
    backend, here = _backend(network), member.underlay
    own = member.ip(version)
    if here is None or own is None:
        return  # N506 tells
    device = backend.device(version)
    if backend.vxlan:
        yield _vxlan(network, member, version, own)
    for other in network.others(member):
        there = other.ip(version)
        if there is None or other.underlay is None or version not in other.subnets:
            continue
        subnet = other.subnets[version]
        beside = here.is_beside(other.underlay, version)
        if backend.vxlan and not (backend.direct and beside):
            vtep = subnet.network_address
            mac = _mac(network, other, version)
            yield "neigh", vtep, "lladdr", mac, "dev", device
            yield "fdb", mac, "dst", there, "dev", device
            yield "route", subnet, "via", vtep, "dev", device, "onlink"
        elif beside:
            yield "route", subnet, "via", there, "dev", here.name


def _vxlan(network: Network, member: Member, version: int, own: IPAddress) -> Line:
    backend, here = _backend(network), member.underlay
    assert here is not None
    address = member.subnets[version].network_address
    options = {
        "id": backend.id,
        "local": own,
        "dstport": backend.dstport,
        "learning": "off",
        "mac": _mac(network, member, version),
        "mtu": here.mtu - _OVERHEAD[version],
        "accept-ra": 0,
    }
    alone = f"{address}/{address.max_prefixlen}"
    return "vxlan", backend.device(version), alone, "on", here.name, options


def _mac(network: Network, member: Member, version: int) -> str:
    return mac_of(network.name, f"{member.machine} vtep{version}")


def _rules(network: Network, member: Member, version: int) -> Iterator[Line]:
    whole, own = network.prefixes[version], member.subnets[version]
    yield "nat", "return", "srcnat", "mark", _MARK, f"ipv{version}"
    yield "nat", "return", "srcnat", "saddr", own, "daddr", whole
    yield "nat", "return", "srcnat", "saddr", whole, "daddr", own
    yield "nat", "return", "srcnat", "saddr", "not", whole, "daddr", own
    yield "nat", "masquerade", "saddr", whole, "daddr", "not", _MULTICAST[version], "fully-random"
    yield "nat", "masquerade", "saddr", "not", whole, "daddr", whole, "fully-random"
    yield "filter", "forward", "accept", "saddr", whole
    yield "filter", "forward", "accept", "daddr", whole


DRIVER = Flannel()
