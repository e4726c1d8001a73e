"""Faults that the lab's own nftables tables and routes with several next hops bring into random labs."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_interface, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.reach.generator import Lab, Netns


def _netns(lab: Lab) -> Netns:
    """Return a namespace; where it has a bridge, what the bridge passes is mostly kept from its table."""
    names = [name for name in lab.netnses if name != "sw" or lab.random.random() < 0.3]
    netns = lab.netnses[lab.random.choice(names)]
    off = lab.random.random() < 0.8
    for switch, _, _, options in lab.bridges:
        if switch == netns.name and off and "nf-call off" not in options:
            options.append("nf-call off")
    return netns


def _devices(lab: Lab, netns: str) -> list[str]:
    return [end.name for end in lab.ends(netns)] + [name for switch, name, _, _ in lab.bridges if switch == netns]


def ips(lab: Lab, version: int, netns: str | None = None) -> list[str]:
    """Return the addresses of a namespace, or of all."""
    found = [ip for end in lab.ends(netns) for ip in end.addresses if ip.version == version]
    return [str(ip.ip) for ip in found]


def some_prefix(lab: Lab, version: int) -> str:
    """Return an address of the lab, or a prefix that holds one."""
    ip = ip_interface(lab.random.choice(ips(lab, version) or ["10.0.1.1" if version == 4 else "fd00:1::1"])).ip
    top = ip.max_prefixlen
    return str(ip_network((ip, lab.random.choice([top, top, top * 3 // 4, top // 2, 0])), strict=False))


def _device_words(lab: Lab, netns: str, word: str) -> str:
    devices = [*_devices(lab, netns), "lo"]
    return f"{word} {lab.random.choice(['', '', '', 'not '])}{lab.random.choice(devices)}"


def filters(lab: Lab) -> None:
    """Rules that drop something, after some that let something pass."""
    netns = _netns(lab)
    for _ in range(lab.random.choice([1, 1, 2, 3])):
        chain = lab.random.choice(["forward", "forward", "input", "output"])
        verdict = lab.random.choice(["accept", "drop", "drop", "drop", "reject"])
        version = lab.random.choice(lab.families)
        words = []
        if lab.random.random() < 0.4:
            words.append(f"saddr {lab.random.choice(['', 'not '])}{some_prefix(lab, version)}")
        if lab.random.random() < 0.4:
            words.append(f"daddr {lab.random.choice(['', 'not '])}{some_prefix(lab, version)}")
        if chain != "output" and lab.random.random() < 0.3:
            words.append(_device_words(lab, netns.name, "in"))
        if chain != "input" and lab.random.random() < 0.3:
            words.append(_device_words(lab, netns.name, "out"))
        icmp = "icmp" if version == 4 else "icmpv6"
        protocols = ["", "", icmp, f"{icmp} echo-request", f"{icmp} echo-reply", "tcp 22", f"ipv{version}"]
        words.append(lab.random.choice([*protocols, *([f"{icmp} nd-neighbor-solicit"] if version == 6 else [])]))
        words.append(lab.random.choice(["", "", "", "established", "new", "invalid", "mark 0x1", "mark 0x0/0xff"]))
        netns.statements.append(" ".join(["filter", chain, verdict, *(word for word in words if word)]))


def translations(lab: Lab) -> None:
    """Rules that rewrite sources or destinations."""
    netns = _netns(lab)
    for _ in range(lab.random.choice([1, 1, 2])):
        version = lab.random.choice(lab.families)
        kind = lab.random.choice(["masquerade", "masquerade", "snat", "dnat", "dnat", "return"])
        out = _device_words(lab, netns.name, "out") if lab.random.random() < 0.7 else ""
        into = _device_words(lab, netns.name, "in") if lab.random.random() < 0.4 else ""
        own, all_ips = ips(lab, version, netns.name), ips(lab, version)
        target = lab.random.choice((own if lab.random.random() < 0.8 else all_ips) or all_ips or [""])
        if not target:
            continue
        if kind == "masquerade":
            devices = _devices(lab, netns.name)
            if devices:
                netns.statements.append(f"masquerade {some_prefix(lab, version)} out {lab.random.choice(devices)}")
        elif kind == "snat":
            netns.statements.append(f"nat snat saddr {some_prefix(lab, version)} {out} to {target}".replace("  ", " "))
        elif kind == "return":
            netns.statements.append(f"nat return srcnat daddr {some_prefix(lab, version)} {out}".strip())
        else:
            daddr = lab.random.choice([target, target, some_prefix(lab, version)])
            to = lab.random.choice(all_ips)
            netns.statements.append(f"nat dnat daddr {daddr} {into} to {to}".replace("  ", " "))


def hidden(lab: Lab) -> None:
    """Masquerade at a namespace that forwards, and drop what begins outside: a home network."""
    routers = [n for n in lab.netnses.values() if any(line.startswith("forward") for line in n.statements)]
    if routers:
        netns = lab.random.choice(routers)
        devices = _devices(lab, netns.name)
        if devices:
            out = lab.random.choice(devices)
            lines = [f"nat masquerade out {out}", "filter forward accept established", f"filter forward drop in {out}"]
            netns.statements += lines if lab.random.random() < 0.6 else lines[:1]


def several_hops(lab: Lab) -> None:
    """Give a route another next hop: some neighbour, or the far end of a second cable to the same one."""
    routes = [
        (netns, route) for netns in lab.netnses.values() for route in netns.routes if route.rest.startswith("via ")
    ]
    if not routes:
        return
    netns, route = lab.random.choice(routes)
    gateway = route.rest.split()[1]
    version = 6 if ":" in gateway else 4
    other = _second_cable(lab, netns.name, gateway, version) if lab.random.random() < 0.6 else None
    other = other or lab.random.choice(ips(lab, version))
    if other != gateway and route.rest == f"via {gateway}":
        ways = lab.random.sample([f"nexthop via {gateway}", f"nexthop via {other}"], 2)
        route.rest = " ".join(ways)


def _second_cable(lab: Lab, netns: str, gateway: str, version: int) -> str | None:
    from tests.reach.generator import End  # noqa: PLC0415 - the generator takes its faults from here

    owners = [end.netns for end in lab.ends() if gateway in {str(ip.ip) for ip in end.addresses}]
    if len(set(owners)) != 1 or owners[0] == netns:
        return None
    subnet = lab.subnet()
    left = End(netns, lab.device(netns), lab.address(subnet, 1))
    lab.links.append((left, End(owners[0], lab.device(owners[0]), lab.address(subnet, 2))))
    far: list[IPv4Address | IPv6Address] = [ip.ip for ip in lab.links[-1][1].addresses if ip.version == version]
    return str(far[0])


TABLE_FAULTS: tuple[Callable[[Lab], None], ...] = (filters, translations, hidden, several_hops)
