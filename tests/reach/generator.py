"""Random labs from a seed: right ones, and ones with faults, from everything that the forwarding model knows.

A lab is drawn in three steps: a shape (a LAN, routers in a graph, pods behind proxy ARP), routes that suit it, then
faults. The same seed gives the same text.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv6Interface, ip_interface, ip_network
from itertools import pairwise

from tests.reach.detours import DETOURS, split_subnet
from tests.reach.tables import TABLE_FAULTS

Interface = IPv4Interface | IPv6Interface


@dataclass
class End:
    """A device: its namespace, its name, its addresses, its options; a port's namespace is `SWITCH:BRIDGE`."""

    netns: str
    name: str
    addresses: list[Interface] = field(default_factory=list)
    options: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        block = f" {{ {'; '.join(self.options)} }}" if self.options else ""
        return " ".join([f"{self.netns}:{self.name}", *map(str, self.addresses)]) + block


@dataclass
class Route:
    """A route statement."""

    prefix: str
    rest: str

    @property
    def text(self) -> str:
        return f"route {self.prefix} {self.rest}".strip()


@dataclass
class Netns:
    """What stands in a namespace's block."""

    name: str
    statements: list[str] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    lo: list[str] = field(default_factory=list)


@dataclass
class Tunnel:
    """A VXLAN device, and its FDB entries: a MAC address, a far end, and what else is said of it."""

    netns: str
    options: dict[str, str]
    addresses: list[Interface] = field(default_factory=list)
    parent: str = ""
    entries: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        head = " ".join(["vxlan vx0", *map(str, self.addresses), *(["on", self.parent] if self.parent else [])])
        options = "; ".join(f"{name} {value}" for name, value in self.options.items())
        entries = [f"fdb {mac} dev vx0 dst {ip} {rest}".strip() for mac, ip, rest in self.entries]
        return f"in {self.netns} {{ " + "; ".join([f"{head} {{ {options} }}", *entries]) + " }"


@dataclass
class Lab:
    """A lab that is being drawn."""

    random: random.Random
    right: bool = False
    families: tuple[int, ...] = (4,)
    netnses: dict[str, Netns] = field(default_factory=dict)
    links: list[tuple[End, End]] = field(default_factory=list)
    bridges: list[tuple[str, str, list[Interface], list[str]]] = field(default_factory=list)
    tunnels: list[Tunnel] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    subnets: int = 0

    def netns(self, name: str) -> Netns:
        return self.netnses.setdefault(name, Netns(name))

    def subnet(self) -> dict[int, str]:
        """Return the prefixes of a fresh subnet, by family."""
        self.subnets += 1
        return {4: f"10.0.{self.subnets}.0/24", 6: f"fd00:{self.subnets}::/64"}

    def address(self, subnet: dict[int, str], number: int) -> list[Interface]:
        return [
            ip_interface(f"{ip_network(subnet[family])[number]}/{ip_network(subnet[family]).prefixlen}")
            for family in self.families
        ]

    def ends(self, netns: str | None = None) -> list[End]:
        """Return the ends that are no ports of a bridge."""
        found = [end for link in self.links for end in link if ":" not in end.netns]
        return [end for end in found if netns in {None, end.netns}]

    def device(self, netns: str) -> str:
        return f"e{sum(end.netns == netns for link in self.links for end in link)}"

    def text(self) -> str:
        lines = ["lab random"]
        for switch, name, addresses, options in self.bridges:
            block = f" {{ {'; '.join(options)} }}" if options else ""
            head = " ".join([f"bridge {name}", *map(str, addresses)]) + block
            lines.append(head if switch == "host" else f"in {switch} {{ {head} }}")
        for netns in self.netnses.values():
            body = [*netns.statements, *(f"address lo {ip}" for ip in netns.lo), *(r.text for r in netns.routes)]
            if 6 in self.families:
                body.insert(0, "sysctl net.ipv6.conf.default.accept_dad = 0")
            if netns.name == "host":
                lines += body
            else:
                lines.append(
                    f"netns {netns.name} {{\n  " + "\n  ".join(body) + "\n}" if body else f"netns {netns.name}"
                )
        lines += [f"veth {left.text} -- {right.text}" for left, right in self.links]
        lines += [tunnel.text for tunnel in self.tunnels]
        return "\n".join([*lines, *self.extra]) + "\n"


# -- shapes -----------------------------------------------------------------------------------------------------


def _lan(lab: Lab) -> None:
    """One switch, or two with a cable, and namespaces on it in one subnet or two."""
    switch = lab.random.choice(["host", "sw"])
    lab.netns(switch)
    subnets = [lab.subnet() for _ in range(lab.random.choice([1, 1, 2]))]
    own = lab.address(subnets[0], 99) if lab.random.random() < 0.5 else []
    lab.bridges.append((switch, "br0", own, []))
    bridges = ["br0"]
    if lab.random.random() < 0.3:
        lab.bridges.append((switch, "br1", [], []))
        lab.links.append((End(f"{switch}:br0", "x0"), End(f"{switch}:br1", "x1")))
        bridges.append("br1")
    for number in range(lab.random.randint(2, 5)):
        name = f"h{number}"
        lab.netns(name)
        subnet = lab.random.choice(subnets)
        if lab.right:
            subnet = subnets[number % len(subnets)]
        port = End(f"{switch}:{lab.random.choice(bridges)}", f"p{number}")
        lab.links.append((End(name, lab.device(name), lab.address(subnet, 10 + number)), port))
    if len(subnets) > 1:
        _join_subnets(lab, switch, subnets)


def _join_subnets(lab: Lab, switch: str, subnets: list[dict[int, str]]) -> None:
    """Let one router with an address of each subnet join them, on one leg or on two."""
    router = lab.netns("r")
    _forward(lab, router)
    legs: list[list[Interface]] = [lab.address(subnet, 1) for subnet in subnets]
    if lab.random.random() < 0.6 or lab.right:
        legs = [[ip for leg in legs for ip in leg]]
    for number, leg in enumerate(legs):
        lab.links.append((End("r", lab.device("r"), leg), End(f"{switch}:br0", f"pr{number}")))
    for end in lab.ends():
        if end.netns.startswith("h"):
            for ip in end.addresses:
                gateway = ip.network[1]
                lab.netns(end.netns).routes.append(Route(_default(ip.version), f"via {gateway}"))


def _default(version: int) -> str:
    return "default" if version == 4 else "::/0"


def _forward(lab: Lab, netns: Netns) -> None:
    words = " ".join(f"ipv{family}" for family in lab.families)
    netns.statements.append(f"forward {words}")


def _routed(lab: Lab) -> None:
    """Routers in a random graph, each with a leaf or two, with routes along shortest ways."""
    count = lab.random.randint(1, 4)
    routers = [f"r{number}" for number in range(count)]
    for router in routers:
        _forward(lab, lab.netns(router))
    edges = [(lab.random.randrange(number), number) for number in range(1, count)]
    if count > 2 and lab.random.random() < 0.6:
        pair = tuple(sorted(lab.random.sample(range(count), 2)))
        if pair not in edges:
            edges.append((pair[0], pair[1]))
    nets: list[tuple[dict[int, str], list[tuple[str, list[Interface]]]]] = []
    for one, two in edges:
        subnet = lab.subnet()
        nets.append((subnet, _link(lab, subnet, [routers[one], routers[two]])))
    for number, router in enumerate(routers):
        for leaf in range(lab.random.choice([1, 1, 2])):
            subnet = lab.subnet()
            names = [f"h{number}{leaf}{letter}" for letter in "ab"[: lab.random.choice([1, 1, 1, 2])]]
            nets.append((subnet, _link(lab, subnet, [router, *names])))
    _shortest(lab, routers, nets)


def _link(lab: Lab, subnet: dict[int, str], members: list[str]) -> list[tuple[str, list[Interface]]]:
    """Join namespaces by a veth pair, or by a switch where they are more than two."""
    found = []
    ends: list[End] = []
    for number, member in enumerate(members):
        lab.netns(member)
        ends.append(End(member, lab.device(member), lab.address(subnet, 1 + number)))
        found.append((member, ends[-1].addresses))
    if len(ends) == 2 and lab.random.random() < 0.8:
        lab.links.append((ends[0], ends[1]))
        return found
    lab.netns("sw")
    name = f"br{len(lab.bridges)}"
    lab.bridges.append(("sw", name, [], []))
    for number, end in enumerate(ends):
        lab.links.append((end, End(f"sw:{name}", f"{name}p{number}")))
    return found


def _shortest(
    lab: Lab, routers: list[str], nets: list[tuple[dict[int, str], list[tuple[str, list[Interface]]]]]
) -> None:
    """Write the routes: leaves take their router for everything, routers know every subnet."""
    for subnet, members in nets:
        for router in routers:
            if router in [name for name, _ in members]:
                continue
            hop = _next_hop(router, subnet, routers, nets)
            if hop is None:
                continue
            for version, prefix in subnet.items():
                gateway = next((ip for ip in hop if ip.version == version), None)
                if gateway is not None:
                    lab.netns(router).routes.append(Route(prefix, f"via {gateway.ip}"))
        for name, addresses in members:
            if name.startswith("h"):
                gateways = next(ips for member, ips in members if member.startswith("r"))
                for ip in addresses:
                    gate = next(other.ip for other in gateways if other.version == ip.version)
                    lab.netns(name).routes.append(Route(_default(ip.version), f"via {gate}"))


def _next_hop(
    start: str,
    subnet: dict[int, str],
    routers: list[str],
    nets: list[tuple[dict[int, str], list[tuple[str, list[Interface]]]]],
) -> list[Interface] | None:
    """Return the addresses of the first router on a shortest way from `start` to a subnet."""
    first: dict[str, list[Interface] | None] = {start: None}
    places = [start]
    while places:
        place = places.pop(0)
        if any(subnet is other and place in [name for name, _ in members] for other, members in nets):
            return first[place]
        for _, members in nets:
            if place not in [name for name, _ in members]:
                continue
            for name, addresses in members:
                if name in routers and name not in first:
                    first[name] = first[place] or addresses
                    places.append(name)
    return None


def _pods(lab: Lab) -> None:
    """Namespaces with single addresses behind a router that answers ARP for everything."""
    lab.families = (4,)
    router = lab.random.choice(["host", "r"])
    home = lab.netns(router)
    _forward(lab, home)
    way = lab.random.choice(["lo", "lo", "address", "none", "other", "blackhole"])
    if lab.right and way in {"none", "blackhole"}:
        way = "lo"
    if way == "lo":
        home.routes.append(Route("169.254.1.1/32", "dev lo"))
    elif way == "address":
        home.lo.append("169.254.1.1/32")
    elif way == "other":
        lab.netns("up")
        lab.links.append(
            (End(router, "up0", [ip_interface("10.9.0.1/24")]), End("up", "e0", [ip_interface("10.9.0.2/24")]))
        )
        home.routes.append(Route("default", "via 10.9.0.2"))
        lab.netns("up").routes.append(Route("10.8.0.0/16", "via 10.9.0.1"))
    elif way == "blackhole":
        home.routes.append(Route("blackhole 169.254.0.0/16", ""))
    for number in range(lab.random.randint(2, 4)):
        name, far = f"p{number}", f"v{number}"
        pod = lab.netns(name)
        ip = f"10.8.0.{number + 1}"
        options = [] if lab.random.random() < 0.1 and not lab.right else ["proxy-arp on"]
        if lab.random.random() < 0.9:
            options.append("proxy-delay 0")
        lab.links.append((End(name, "e0", [ip_interface(f"{ip}/32")]), End(router, far, [], options)))
        pod.routes += [Route("169.254.1.1", "dev e0 scope link"), Route("default", "via 169.254.1.1 dev e0")]
        home.routes.append(Route(f"{ip}/32", f"dev {far}"))


_INNER = {4: "10.77.0.0/24", 6: "fd00:77::/64"}


def _overlay(lab: Lab) -> None:
    """Namespaces on a LAN or across routers, and VXLANs between them: routed, or as ports of bridges with leaves."""
    across = lab.random.random() < 0.4
    count = lab.random.randint(2, 4)
    outer: list[dict[int, str]] = []
    for number in range(count):
        outer.append(_underlay(lab, number, across))
    bridged, by_entries = lab.random.random() < 0.4, lab.random.random() < 0.5
    over = lab.random.choice(lab.families)
    for number in range(count):
        lab.tunnels.append(_vtep(lab, number, outer, over, bridged, by_entries))
    if bridged:
        for number in range(count):
            pod = End(f"p{number}", "e0", lab.address(_INNER, 20 + number), ["mtu 1400"])
            lab.netns(pod.netns)
            lab.links.append((pod, End(f"h{number}:br0", "p", [], ["mtu 1400"])))


def _underlay(lab: Lab, number: int, across: bool) -> dict[int, str]:
    """Connect a namespace to the switch, or to the router, and return its address of each family there."""
    name, subnet = f"h{number}", {4: "10.50.0.0/24", 6: "fd00:50::/64"}
    lab.netns(name)
    if across:
        subnet = {4: f"10.5{number}.0.0/24", 6: f"fd00:5{number}::/64"}
        if number == 0:
            _forward(lab, lab.netns("core"))
        far = End("core", f"c{number}", lab.address(subnet, 1))
        for version in lab.families:
            gateway = ip_network(subnet[version])[1]
            lab.netns(name).routes.append(Route(_default(version), f"via {gateway}"))
    else:
        if number == 0:
            lab.netns("sw")
            lab.bridges.append(("sw", "br9", [], []))
        far = End("sw:br9", f"s{number}")
    lab.links.append((End(name, lab.device(name), lab.address(subnet, 10 + number)), far))
    return {version: str(ip_network(subnet[version])[10 + number]) for version in lab.families}


def _vtep(lab: Lab, number: int, outer: list[dict[int, str]], over: int, bridged: bool, by_entries: bool) -> Tunnel:
    mac = "02:00:00:00:77:{:02d}"
    tunnel = Tunnel(f"h{number}", {"id": "7", "dstport": "4789", "mac": mac.format(number)})
    if lab.random.random() < 0.8:
        tunnel.options["local"] = outer[number][over]
    if lab.random.random() < 0.5:
        tunnel.options["learning"] = lab.random.choice(["on", "off"])
    if lab.random.random() < 0.5:
        tunnel.parent = "e0"
    others = [other for other in range(len(outer)) if other != number]
    entries = by_entries and not bridged
    if len(others) == 1 and not entries:
        tunnel.options["remote"] = outer[others[0]][over]
    elif not entries:
        if over == 6:
            tunnel.options["local"] = outer[number][over]
        tunnel.entries += [("default", outer[other][over], "") for other in others]
    if bridged:
        lab.bridges.append((f"h{number}", "br0", [], []))
        tunnel.options["master"] = "br0"
        return tunnel
    tunnel.addresses = lab.address(_INNER, 1 + number)
    if entries:
        tunnel.options["learning"] = "off"
        if over == 6:
            tunnel.options["local"] = outer[number][over]
        for other in others:
            tunnel.entries.append((mac.format(other), outer[other][over], ""))
            for ip in lab.address(_INNER, 1 + other):
                lab.netns(tunnel.netns).statements.append(f"neigh {ip.ip} lladdr {mac.format(other)} dev vx0")
    return tunnel


# -- faults -----------------------------------------------------------------------------------------------------


def _some_netns(lab: Lab) -> Netns:
    return lab.random.choice([netns for netns in lab.netnses.values() if netns.name != "sw"])


def _some_end(lab: Lab) -> End:
    return lab.random.choice(lab.ends())


def _some_prefix(lab: Lab, version: int | None = None) -> str:
    """Return an address, a subnet of the lab, or something wider or narrower."""
    version = version or lab.random.choice(lab.families)
    ips = [ip for end in lab.ends() for ip in end.addresses if ip.version == version] or [ip_interface("10.0.1.0/24")]
    ip = lab.random.choice(ips)
    top = 32 if ip.version == 4 else 128
    length = lab.random.choice([ip.network.prefixlen, top, ip.network.prefixlen + 1, ip.network.prefixlen - 8, 0])
    return str(ip_network((ip.ip, max(0, min(length, top))), strict=False))


def _some_neighbour(lab: Lab, netns: str, version: int) -> str | None:
    """Return somebody's address in a subnet of a namespace."""
    own = [ip.network for end in lab.ends(netns) for ip in end.addresses if ip.version == version]
    ips = [
        ip.ip
        for end in lab.ends()
        for ip in end.addresses
        if end.netns != netns and ip.version == version and any(ip.ip in network for network in own)
    ]
    return str(lab.random.choice(ips)) if ips else None


def drop_route(lab: Lab) -> None:
    netns = _some_netns(lab)
    if netns.routes:
        netns.routes.pop(lab.random.randrange(len(netns.routes)))


def drop_forward(lab: Lab) -> None:
    for netns in lab.random.sample(list(lab.netnses.values()), len(lab.netnses)):
        for statement in netns.statements:
            if statement.startswith("forward"):
                netns.statements.remove(statement)
                if lab.random.random() < 0.5:
                    for end in lab.ends(netns.name):
                        if lab.random.random() < 0.6:
                            end.options.append("forwarding on")
                return


def other_gateway(lab: Lab) -> None:
    netns = _some_netns(lab)
    routes = [route for route in netns.routes if route.rest.startswith("via ")]
    if routes:
        route = lab.random.choice(routes)
        gateway = _some_neighbour(lab, netns.name, 6 if ":" in route.rest else 4)
        if gateway is not None:
            route.rest = f"via {gateway}"
            if ":" in gateway and lab.random.random() < 0.3:  # that of all routers on the link
                route.rest = f"via {ip_network((gateway, 64), strict=False).network_address}"


def more_specific(lab: Lab) -> None:
    """Send a prefix somewhere else."""
    netns = _some_netns(lab)
    prefix = _some_prefix(lab)
    gateway = _some_neighbour(lab, netns.name, ip_network(prefix).version)
    if gateway is not None:
        metric = lab.random.choice(["", "", " metric 10", " metric 2000"])
        netns.routes.append(Route(prefix, f"via {gateway}{metric}"))


def on_link(lab: Lab) -> None:
    """A route without a gateway, or with one that is said to be on the link."""
    end = _some_end(lab)
    prefix = _some_prefix(lab)
    gateway = _some_neighbour(lab, lab.random.choice(list(lab.netnses)), ip_network(prefix).version)
    rest = f"dev {end.name}"
    if gateway is not None and lab.random.random() < 0.5:
        rest = f"via {gateway} dev {end.name} onlink"
    lab.netns(end.netns).routes.append(Route(prefix, rest + lab.random.choice(["", " metric 7"])))


def by_loopback(lab: Lab) -> None:
    _some_netns(lab).routes.append(Route(_some_prefix(lab), "dev lo" + lab.random.choice(["", " metric 5"])))


def dropping_route(lab: Lab) -> None:
    word = lab.random.choice(["blackhole", "unreachable", "prohibit"])
    metric = lab.random.choice(["", " metric 5"])
    _some_netns(lab).routes.append(Route(f"{word} {_some_prefix(lab)}", metric.strip()))


def filter_source(lab: Lab) -> None:
    level = lab.random.choice([1, 1, 2])
    if lab.random.random() < 0.3:
        _some_netns(lab).statements.append(f"sysctl net.ipv4.conf.all.rp_filter = {level}")
    else:
        _option(lab, f"rp-filter {level}")


def _option(lab: Lab, text: str) -> None:
    end = _some_end(lab)
    if text.split(maxsplit=1)[0] not in [option.split(maxsplit=1)[0] for option in end.options]:
        end.options.append(text)


def proxy(lab: Lab) -> None:
    _option(lab, "proxy-arp on")
    if lab.random.random() < 0.8:
        for end in lab.ends():
            if "proxy-arp on" in end.options and "proxy-delay 0" not in end.options:
                end.options.append("proxy-delay 0")


def proxy_pvlan(lab: Lab) -> None:
    end = _some_end(lab)
    if not end.options:
        end.options += ["proxy-arp-pvlan on", "proxy-delay 0"]


def proxy_entry(lab: Lab) -> None:
    end = _some_end(lab)
    ips = [ip.ip for other in lab.ends() for ip in other.addresses]
    if ips:
        ip = lab.random.choice(ips)
        lab.netns(end.netns).statements.append(f"neigh proxy {ip} dev {end.name}")
        if ip.version == 6:
            end.options = [*end.options, "proxy-ndp on"] if "proxy-ndp on" not in end.options else end.options
        elif "proxy-delay 0" not in end.options:
            end.options.append("proxy-delay 0")


def picky_arp(lab: Lab) -> None:
    _option(
        lab, lab.random.choice(["arp-ignore 1", "arp-ignore 2", "arp-filter on", "arp-announce 1", "arp-announce 2"])
    )


def accept_local(lab: Lab) -> None:
    _option(lab, "accept-local on")


def _readdress(lab: Lab, change: Callable[[Interface], str]) -> None:
    """Give an end another address in place of one that it has."""
    end = _some_end(lab)
    if end.addresses:
        index = lab.random.randrange(len(end.addresses))
        end.addresses[index] = ip_interface(change(end.addresses[index]))


def wrong_address(lab: Lab) -> None:
    def change(ip: Interface) -> str:
        shifted = ip.ip + lab.random.choice([1 << (8 if ip.version == 4 else 64), 5])
        return f"{shifted}/{ip.network.prefixlen}"

    _readdress(lab, change)


def network_address(lab: Lab) -> None:
    """The first address of a subnet, which of IPv6 every router of it has as well, or IPv4's last one."""

    def change(ip: Interface) -> str:
        network = ip.network
        last = network.version == 4 and lab.random.random() < 0.5
        return f"{network.broadcast_address if last else network.network_address}/{network.prefixlen}"

    _readdress(lab, change)


def wrong_length(lab: Lab) -> None:
    def change(ip: Interface) -> str:
        lengths = [4, 16, 25, 28, 30, 31, 32] if ip.version == 4 else [48, 112, 126, 127, 128]
        return f"{ip.ip}/{lab.random.choice(lengths)}"

    _readdress(lab, change)


def no_address(lab: Lab) -> None:
    end = _some_end(lab)
    if end.addresses:
        end.addresses.pop(lab.random.randrange(len(end.addresses)))


def second_address(lab: Lab) -> None:
    end = _some_end(lab)
    version = lab.random.choice(lab.families)
    ips = [ip for other in lab.ends() for ip in other.addresses if ip.version == version]
    if ips:
        ip = lab.random.choice(ips)
        address = ip_interface(f"{ip.network.network_address + lab.random.randint(100, 120)}/{ip.network.prefixlen}")
        if address not in end.addresses:
            end.addresses.append(address)


def same_address(lab: Lab) -> None:
    one, two = _some_end(lab), _some_end(lab)
    if one.netns != two.netns and one.addresses and two.addresses:
        ip = lab.random.choice(one.addresses)
        if ip not in two.addresses and all(ip.version != 6 or not _near(lab, one, two) for _ in [0]):
            two.addresses[lab.random.randrange(len(two.addresses))] = ip


def _near(lab: Lab, one: End, two: End) -> bool:
    return any({one.netns, two.netns} <= {end.netns.split(":")[0] for end in link} for link in lab.links) or bool(
        lab.bridges
    )


def loopback_address(lab: Lab) -> None:
    netns = _some_netns(lab)
    number = len(netns.lo) + lab.random.randint(1, 9)
    family = lab.random.choice(lab.families)
    netns.lo.append(f"10.255.{number}.{lab.random.randint(1, 9)}/32" if family == 4 else f"fd00:ff::{number}/128")


def loopback_subnet(lab: Lab) -> None:
    ips = [ip for end in lab.ends() for ip in end.addresses]
    if ips:
        ip = lab.random.choice(ips)
        _some_netns(lab).lo.append(
            f"{ip.network.network_address + lab.random.randint(200, 220)}/{ip.network.prefixlen}"
        )


def second_cable(lab: Lab) -> None:
    """Another link between two namespaces, in a subnet of its own or in one that is there."""
    one, two = lab.random.sample([netns.name for netns in lab.netnses.values()], 2)
    if "sw" in {one, two}:
        return
    subnet = lab.subnet()
    left = End(one, lab.device(one), lab.address(subnet, 1))
    lab.links.append((left, End(two, lab.device(two), lab.address(subnet, 2))))
    if lab.random.random() < 0.5:
        for prefix in (_some_prefix(lab), _some_prefix(lab)):
            gateway = next(
                (ip.ip for ip in lab.links[-1][1].addresses if ip.version == ip_network(prefix).version), None
            )
            if gateway is not None:
                lab.netns(one).routes.append(Route(prefix, f"via {gateway}" + lab.random.choice(["", " metric 3"])))


def rule(lab: Lab) -> None:
    """A policy rule, and a table with a route or two."""
    netns = _some_netns(lab)
    prefix = _some_prefix(lab)
    version = ip_network(prefix).version
    pref = lab.random.choice([50, 100, 200, 31000])
    ends = lab.ends(netns.name)
    selectors = [f"from {prefix}", f"to {prefix}", f"not from {prefix}"]
    if ends:
        selectors.append(f"ipv{version} iif {lab.random.choice(ends).name}")
    selectors.append(f"ipv{version} iif lo")
    action = lab.random.choice(
        ["lookup 100", "lookup 100", "lookup 100", "unreachable", "blackhole", "prohibit", "goto 32000"]
    )
    netns.statements.append(f"rule pref {pref} {lab.random.choice(selectors)} {action}")
    netns.statements.append(f"rule pref 32000 ipv{version} lookup main")
    gateway = _some_neighbour(lab, netns.name, version)
    if gateway is not None:
        netns.routes.append(Route(_some_prefix(lab, version), f"via {gateway} table 100"))
    elif ends:
        netns.routes.append(Route(_some_prefix(lab, version), f"dev {ends[0].name} table 100"))


def source_route(lab: Lab) -> None:
    netns = _some_netns(lab)
    own = [ip.ip for end in lab.ends(netns.name) for ip in end.addresses]
    if own and netns.routes:
        source = lab.random.choice(own)
        route = lab.random.choice(netns.routes)
        if route.rest.startswith("via") and " src " not in route.rest and (":" in route.rest) == (source.version == 6):
            route.rest += f" src {source}"


def forward_sysctl(lab: Lab) -> None:
    _option(lab, lab.random.choice(["forwarding on", "forwarding off"]))


def wrong_mark(lab: Lab) -> None:
    """Change what the packets of a VXLAN are known by, or how it goes about them."""
    if lab.tunnels:
        name, values = lab.random.choice([("id", "8"), ("dstport", "8472"), ("learning", "on off"), ("parent", ". e0")])
        tunnel, value = lab.random.choice(lab.tunnels), lab.random.choice(values.split())
        if name == "parent":
            tunnel.parent = value.strip(".")
        else:
            tunnel.options[name] = value


def wrong_ends(lab: Lab) -> None:
    """Let a VXLAN send to another address, or from another."""
    if not lab.tunnels:
        return
    tunnel = lab.random.choice(lab.tunnels)
    name = lab.random.choice(["remote", "local"])
    if name in tunnel.options:
        places = lab.ends() if name == "remote" or lab.random.random() < 0.3 else lab.ends(tunnel.netns)
        tunnel.options[name] = lab.random.choice(_kin(places, tunnel.options[name]))


def _kin(ends: list[End], ip: str) -> list[str]:
    """Return the addresses of some devices that are of the family of one, and that one."""
    return [str(own.ip) for end in ends for own in end.addresses if (own.version == 6) == (":" in ip)] + [ip]


def wrong_entry(lab: Lab) -> None:
    """Lose an FDB entry, change it, or add one."""
    tunnels = [tunnel for tunnel in lab.tunnels if tunnel.entries]
    if not tunnels:
        return
    tunnel = lab.random.choice(tunnels)
    place = lab.random.randrange(len(tunnel.entries))
    mac, ip, rest = tunnel.entries[place]
    match lab.random.choice(["less", "to", "rest", "more"]):
        case "less":
            tunnel.entries.pop(place)
        case "to":
            tunnel.entries[place] = mac, lab.random.choice(_kin(lab.ends(), ip)), rest
        case "rest":
            tunnel.entries[place] = mac, ip, lab.random.choice(["port 8472", "vni 8", "port 4789", "vni 7"])
        case "more":
            other = lab.random.choice(lab.tunnels).options["mac"]
            if other not in [known for known, _, _ in tunnel.entries]:
                tunnel.entries.append((other, lab.random.choice(_kin(lab.ends(), ip)), ""))


def into_itself(lab: Lab) -> None:
    """Lead the outer packets of a VXLAN into it."""
    routed = [tunnel for tunnel in lab.tunnels if tunnel.addresses]
    if routed:
        tunnel = lab.random.choice(routed)
        lab.netns(tunnel.netns).routes.append(Route(_some_prefix(lab, tunnel.addresses[0].version), "dev vx0"))


FAULTS: tuple[Callable[[Lab], None], ...] = (
    drop_route,
    drop_forward,
    other_gateway,
    more_specific,
    on_link,
    dropping_route,
    filter_source,
    proxy,
    proxy_pvlan,
    proxy_entry,
    picky_arp,
    picky_arp,
    accept_local,
    wrong_address,
    network_address,
    wrong_length,
    no_address,
    second_address,
    same_address,
    loopback_address,
    loopback_subnet,
    by_loopback,
    second_cable,
    rule,
    source_route,
    forward_sysctl,
    *TABLE_FAULTS,
    *TABLE_FAULTS,
    *DETOURS,
    *DETOURS,
)
OVERLAY_FAULTS = (wrong_mark, wrong_ends, wrong_entry, wrong_entry, into_itself, drop_route, wrong_address, no_address)
SHAPES: tuple[Callable[[Lab], None], ...] = (_lan, _routed, _routed, _routed, _pods, _overlay, split_subnet)


def draw(seed: int) -> str:
    """Return the text of the lab of a seed."""
    lab = _shaped(seed, right=False)
    for _ in range(lab.random.choice([0, 1, 1, 2, 2, 3, 4, 6])):
        lab.random.choice(OVERLAY_FAULTS if lab.tunnels and lab.random.random() < 0.7 else FAULTS)(lab)
    return lab.text()


def draw_right(seed: int) -> str:
    """Return the text of a lab without faults, whose leaves are expected to reach each other, one the next."""
    lab = _shaped(seed, right=True)
    pods = [name for name in lab.netnses if name[0] == "p"]
    leaves = pods or [name for name in lab.netnses if name[0] == "h" and name != "host"]
    lab.extra += [f"expect {one} <-> {two}" for one, two in pairwise(leaves)]
    return lab.text()


def _shaped(seed: int, *, right: bool) -> Lab:
    lab = Lab(random.Random(seed), right)
    lab.families = lab.random.choice([(4,), (4,), (4, 6), (6,)])
    lab.random.choice(SHAPES)(lab)
    return lab
