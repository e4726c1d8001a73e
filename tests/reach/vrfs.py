"""Random labs of a router with VRFs: policy rules, tables of nft, tunnels, and routes that leak from one into another.

As in generator.py the same seed gives the same text.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

VRFS = {"red": 10, "blue": 20}
QUIET = "sysctl net.ipv6.conf.default.accept_dad = 0"


@dataclass
class Router:
    """A lab that is being drawn: the router `r`, and the VRF of each of its links, "" for none."""

    random: random.Random
    lines: list[str] = field(default_factory=list)
    masters: list[str] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def says(self, statement: str) -> None:
        self.lines.append(f"in r {{ {statement} }}")

    def link(self) -> int:
        return self.random.randrange(len(self.masters))

    def prefix(self, number: int, six: bool) -> str:
        """Return the subnet behind a link, the far end's address, or the router's own one."""
        whole, far, own = ("::/64", "::2/128", "::1/128") if six else (".0/24", ".2/32", ".1/32")
        base = f"fd00:7:{number}" if six else f"10.7.{number}"
        return base + self.random.choice([whole, whole, whole, far, own])


def _links(lab: Router) -> None:
    """Draw the router, and a namespace behind each of its links."""
    lab.lines.append(f"netns r {{ {QUIET}; forward ipv4 ipv6 }}")
    for number, (name, table) in enumerate(VRFS.items()):
        own = f" 10.8.{number}.1/32 fd00:8:{number}::1/128" if lab.chance(0.3) else ""
        lab.says(f"vrf {name}{own} {{ table {table} }}")
    if lab.chance(0.3):
        lab.says("address lo 10.9.0.1/32; address lo fd00:9::1/128")
    for number in range(lab.random.randint(3, 4)):
        master = lab.random.choice(["red", "red", "blue", "blue", ""])
        lab.masters.append(master)
        lab.lines.append(f"netns n{number} {{ {QUIET} }}")
        said = f" {{ master {master} }}" if master else ""
        near = f"n{number}:e 10.7.{number}.2/24 fd00:7:{number}::2/64"
        lab.lines.append(f"veth {near} -- r:v{number} 10.7.{number}.1/24 fd00:7:{number}::1/64{said}")
        lab.lines.append(f"in n{number} {{ route default via 10.7.{number}.1; route ::/0 via fd00:7:{number}::1 }}")
    if lab.chance(0.2):  # a second cable, in the same VRF
        said = f" {{ master {lab.masters[0]} }}" if lab.masters[0] else ""
        lab.lines.append(f"veth n0:f 10.6.0.2/24 fd00:6::2/64 -- r:w 10.6.0.1/24 fd00:6::1/64{said}")
        if lab.chance(0.5):
            lab.lines.append("in n0 { address lo 10.5.0.1/32; route 10.7.1.0/24 via 10.6.0.1 src 10.5.0.1 }")
            lab.says(f"route 10.5.0.1/32 dev v0{f' vrf {lab.masters[0]}' if lab.masters[0] else ''}")


def _leaks(lab: Router) -> None:
    """Draw routes from one table into another, by a member or by the VRF's own device, both ways or one."""
    for _ in range(lab.random.randint(1, 4)):
        source, target = lab.random.sample(range(len(lab.masters)), 2)
        if lab.masters[source] == lab.masters[target]:
            continue
        six = lab.chance(0.5)
        for near, far in [(source, target), (target, source)][: 2 if lab.chance(0.7) else 1]:
            table = f" vrf {lab.masters[near]}" if lab.masters[near] else ""
            device = lab.masters[far] if lab.masters[far] and lab.chance(0.4) else f"v{far}"
            gateway = f"via {f'fd00:7:{far}::2' if six else f'10.7.{far}.2'} " if lab.chance(0.2) else ""
            gateway = "" if device in VRFS else gateway
            onlink = " onlink" if gateway else ""
            lab.says(f"route {lab.prefix(far, six)} {gateway}dev {device}{onlink}{table}")


def _rules(lab: Router) -> None:
    for _ in range(lab.random.choice([0, 1, 1, 2])):
        at = lab.random.choice([50, 500, 1500, 2000])
        number = lab.link()
        family = lab.random.choice(["ipv4", "ipv6"])
        six = family == "ipv6"
        which = lab.random.choice(
            [
                f"{family} iif v{number}",
                f"{family} iif {lab.random.choice(list(VRFS))}",
                f"{family} iif lo",
                f"{family} not iif lo",
                f"{family} oif {lab.random.choice([*VRFS, f'v{number}'])}",
                f"from {lab.prefix(number, six)}",
                f"to {lab.prefix(number, six)}",
                f"{family} l3mdev",
            ]
        )
        actions = ["lookup 10", "lookup 20", "lookup main", "unreachable", "lookup 30"]
        if which.endswith("l3mdev"):
            lab.says(f"rule pref {at} {which}")
        else:
            lab.says(f"rule pref {at} {which} {lab.random.choice(actions)}")


def _switches(lab: Router) -> None:
    if lab.chance(0.3):
        lab.says(f"sysctl net.ipv4.conf.{lab.random.choice(['all', *VRFS, 'v0', 'v1'])}.rp_filter = 1")
    if lab.chance(0.1):
        lab.says(f"sysctl net.ipv4.conf.{lab.random.choice([*VRFS, 'v0', 'v1'])}.forwarding = 0")
    if lab.chance(0.1):
        lab.says(f"sysctl net.ipv4.conf.{lab.random.choice(['v0', 'v1'])}.proxy_arp = 1")


def routed(lab: Router) -> None:
    """Policy rules beside VRFs, and leaks."""
    _links(lab)
    if lab.chance(0.7):
        _leaks(lab)
    if lab.chance(0.7):
        _rules(lab)
    _switches(lab)


def _device(lab: Router, word: str) -> str:
    devices = [f"v{lab.link()}", f"v{lab.link()}", *VRFS, "lo"]
    return f"{word} {lab.random.choice(['', '', '', 'not '])}{lab.random.choice(devices)}"


def _filters(lab: Router) -> None:
    for _ in range(lab.random.choice([1, 1, 2, 3])):
        chain = lab.random.choice(["forward", "forward", "input", "output", "output"])
        words = [lab.random.choice(["accept", "drop", "drop", "drop", "reject"])]
        if lab.chance(0.3):
            words.append(f"{lab.random.choice(['saddr', 'daddr'])} {lab.prefix(lab.link(), lab.chance(0.5))}")
        if chain != "output" and lab.chance(0.6):
            words.append(_device(lab, "in"))
        if chain != "input" and lab.chance(0.6):
            words.append(_device(lab, "out"))
        words.append(lab.random.choice(["", "", "", "icmp echo-reply", "icmpv6 echo-request"]))
        words.append(lab.random.choice(["", "", "", "established", "new", "invalid"]))
        lab.says(" ".join(["filter", chain, *(word for word in words if word)]))


def _translations(lab: Router) -> None:
    for _ in range(lab.random.choice([1, 1, 2])):
        number, six = lab.link(), lab.chance(0.5)
        own = f"fd00:7:{number}::1" if six else f"10.7.{number}.1"
        prefix = lab.random.choice(["::/0", "fd00:7::/32"] if six else ["0.0.0.0/0", "10.7.0.0/16"])
        out = _device(lab, "out")
        match lab.random.choice(["masquerade", "masquerade", "snat", "dnat"]):
            case "masquerade":
                device = lab.random.choice([f"v{number}", f"v{number}", *VRFS])
                lab.says(f"masquerade {prefix} out {device}")
            case "snat":
                lab.says(f"nat snat saddr {prefix} {out} to {own}")
            case _:
                to, into = lab.prefix(lab.link(), six).split("/")[0].replace(".0", ".2"), _device(lab, "in")
                to = to + "2" if to.endswith("::") else to
                lab.says(f"nat dnat daddr {own} {into if lab.chance(0.6) else ''} to {to}".replace("  ", " "))


def filtered(lab: Router) -> None:
    """A table of nft beside VRFs: filters and translations."""
    _links(lab)
    if lab.chance(0.8):
        _leaks(lab)
    if lab.chance(0.6):
        _filters(lab)
    if lab.chance(0.7):
        _translations(lab)


def carried(lab: Router) -> None:
    """Tunnels whose outer packets come in by a VRF, or by none."""
    _links(lab)
    if lab.chance(0.6):
        lab.says("sysctl net.ipv4.udp_l3mdev_accept = 1")
    for number, master in enumerate(lab.masters):
        if master and lab.chance(0.7):  # a way there for what no device is said of
            six = lab.chance(0.5)
            lab.says(f"route {f'fd00:7:{number}::/64' if six else f'10.7.{number}.0/24'} dev v{number}")
    for tunnel in range(lab.random.randint(2, 4)):
        number, six = lab.link(), lab.chance(0.4)
        near, far = (f"fd00:7:{number}::{end}" if six else f"10.7.{number}.{end}" for end in (1, 2))
        kind = lab.random.choice(["vxlan", "vxlan", "vxlan", "geneve", "gretap" if not six else "ip6gretap"])
        options = {"vxlan": "id 7; dstport 4789", "geneve": "id 7"}.get(kind, "")
        options += f"; local {near}" if kind not in {"vxlan", "geneve"} or (kind == "vxlan" and lab.chance(0.6)) else ""
        quiet = "; learning off" if kind == "vxlan" and lab.chance(0.3) else ""
        parents = [f"v{number}", f"v{lab.link()}", *([lab.masters[number]] if lab.masters[number] else [])]
        parent = f" on {lab.random.choice(parents)}" if kind == "vxlan" and lab.chance(0.5) else ""
        master = lab.random.choice(["", "", "; master red", "; master blue"])
        if parent and parent.split()[1] in master:
            master = ""
        port = tunnel if lab.chance(0.9) else 0
        options = options.replace("id 7", f"id {tunnel + 1}").replace("4789", str(4789 + port)).removeprefix("; ")
        lab.says(f"{kind} t{tunnel} 10.5.{tunnel}.1/24{parent} {{ {options}; remote {far}{quiet}{master} }}")
        other = options.split("; local")[0].split("local")[0].rstrip("; ")
        other = f"{other}; " if other else ""
        other += "" if kind in {"vxlan", "geneve"} else f"local {far}; "
        lab.lines.append(f"in n{number} {{ {kind} t{tunnel} 10.5.{tunnel}.2/24 {{ {other}remote {near} }} }}")


SHAPES: dict[str, Callable[[Router], None]] = {"routed": routed, "carried": carried, "filtered": filtered}


def draw(seed: int, shapes: tuple[str, ...] = tuple(SHAPES)) -> str:
    """Return the text of the lab of a seed, of one of the shapes."""
    lab = Router(random.Random(seed))
    SHAPES[lab.random.choice(shapes)](lab)
    return "\n".join(["lab vrfs", *lab.lines]) + "\n"
