"""Random labs of what lies under IP: children of a device, VLANs, bridges, bonds, VRFs, VXLANs, small MTUs.

As in generator.py the same seed gives the same text. `kinds` are what the kernel has that judges the labs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

#: What every kernel of the tests has, and what only those of the machines have.
HERE = frozenset({"macvlan", "bridge", "mtu"})
MACHINE = HERE | {"ipvlan", "vlan", "vlans", "bond", "vrf", "vxlan", "macvtap", "team"}


@dataclass
class Wires:
    """A lab that is being drawn; `hosts` are numbered in the order in which they get addresses.

    `alike` is how much of it is as usual, so that many hosts are like each other.
    """

    random: random.Random
    alike: float = 0
    lines: list[str] = field(default_factory=list)
    hosts: int = 0

    def is_usual(self) -> bool:
        return self.alike > 0 and self.random.random() < self.alike

    def chance(self, share: float) -> bool:
        return share > 0.5 if self.is_usual() else self.random.random() < share

    def choice(self, options: Sequence[T]) -> T:
        return options[0] if self.is_usual() else self.random.choice(options)

    def host(self, wide: bool = False) -> tuple[str, str]:
        """Return the name of a new namespace, and its addresses: of the usual subnet, or at times of another."""
        self.hosts += 1
        number = self.hosts
        subnet = 2 if self.chance(0.1) else 1
        length = self.choice([24, 24, 24, 16, 32])
        six = f" fd00:{subnet}::{number + 10:x}/64" if self.chance(0.5) else ""
        name = f"h{number}"
        self.lines.append(f"netns {name} {{ sysctl net.ipv6.conf.default.accept_dad = 0 }}")
        if self.chance(0.3):
            self.lines.append(f"in {name} {{ forward ipv4 }}")
        return name, f"10.0.{subnet}.{number + 10}/{length}{six}"

    def option(self, share: float, *options: str) -> str:
        return self.choice(options) if self.chance(share) else ""


def _block(*options: str) -> str:
    said = "; ".join(option for option in options if option)
    return f" {{ {said} }}" if said else ""


def _switch(lab: Wires, *options: str) -> None:
    lab.lines.append("netns sw { sysctl net.ipv6.conf.default.accept_dad = 0 }")
    own = " 10.0.1.1/24 fd00:1::1/64" if lab.chance(0.4) else ""
    lab.lines.append(f"in sw {{ bridge br0{own}{_block(*options)} }}")


def _port(lab: Wires, number: int, *options: str) -> str:
    port = [lab.option(0.15, "hairpin on"), lab.option(0.2, "isolated on"), lab.option(0.1, "mtu 1400")]
    return f"sw:br0:p{number}{_block(*options, *port)}"


def bridged(lab: Wires) -> None:
    """Hosts at a bridge, ports isolated, in hairpin mode, or narrow."""
    _switch(lab)
    for number in range(lab.random.randint(2, 5)):
        name, ips = lab.host()
        lab.lines.append(f"veth {name}:e {ips} -- {_port(lab, number)}")


def macvlans(lab: Wires) -> None:
    """Children with MAC addresses of their own."""

    def way() -> str:
        return f"macvlan NAME IPS on WIRE {{ mode {lab.choice(['bridge', 'bridge', 'private', 'vepa'])} }}"

    _with_children(lab, way, mixed=True)


def macvtaps(lab: Wires) -> None:
    """The same, some for a program that is not there; and devices by which nothing gets anywhere."""

    def way() -> str:
        kind = lab.choice(["macvtap", "macvtap", "macvlan"])
        return f"{kind} NAME IPS on WIRE {{ mode {lab.choice(['bridge', 'bridge', 'private', 'vepa'])} }}"

    _with_children(lab, way, mixed=True)
    for number in range(lab.hosts):
        if lab.chance(0.4):
            kind = lab.choice(["ifb", "nlmon"])
            own = f"10.8.{number}.1/24 fd00:8:{number}::1/64"
            lab.lines.append(f"in h{number + 1} {{ {kind} d {own}; route 10.0.2.{lab.random.randint(11, 18)} dev d }}")


def passthrough(lab: Wires) -> None:
    """A child that has its parent's MAC address, and all that comes in for one device."""
    _switch(lab)
    for number in range(lab.random.choice([1, 1, 2])):
        name, ips = lab.host()
        mac = f"mac 02:00:00:00:88:{number:02d}"
        lab.lines.append(f"veth {name}:wire {ips if lab.chance(0.6) else ''}{_block(mac)} -- {_port(lab, number)}")
        other, own = lab.host()
        said = _block("mode passthru", lab.option(0.3, "flag nopromisc"))
        lab.lines.append(f"in {other} {{ macvlan c {own} on {name}:wire{said} }}")
        if lab.chance(0.3):
            lab.lines.append(f"in {other} {{ route default via 10.0.1.1 }}")
    for number in range(2, 4):
        far, ips = lab.host()
        lab.lines.append(f"veth {far}:e {ips} -- {_port(lab, number)}")
    _, ips = lab.host()
    lab.lines.append(f"in h{lab.hosts} {{ veth e {ips} -- h{lab.random.randint(1, lab.hosts - 1)}:beside }}")


def sourced(lab: Wires) -> None:
    """Children that get the frames of listed MAC addresses, beside one that gets its own."""
    _switch(lab)
    macs = [f"02:00:00:00:99:{number:02d}" for number in range(3)]
    name, ips = lab.host()
    lab.lines.append(f"veth {name}:wire {ips if lab.chance(0.5) else ''} -- {_port(lab, 0)}")
    for child in range(lab.random.randint(1, 3)):
        other, own = lab.host()
        mode = lab.random.choice(["source", "source", "bridge", "private", "vepa"])
        listed = " ".join(lab.random.sample(macs, lab.random.randint(1, 3)))
        said = (
            ["mode source", f"macaddr {listed}", lab.option(0.3, "flag nodst")]
            if mode == "source"
            else [f"mode {mode}"]
        )
        lab.lines.append(f"in {other} {{ macvlan c{child} {own} on {name}:wire{_block(*said)} }}")
    for number, mac in enumerate(macs, start=1):
        far, ips = lab.host()
        own = _block(lab.option(0.9, f"mac {mac}"))
        lab.lines.append(f"veth {far}:e {ips}{own} -- {_port(lab, number)}")


def ipvlans(lab: Wires) -> None:
    """Children with the parent's MAC address."""

    def way() -> str:
        mode = lab.choice(["l2", "l2", "l3", "l3s"])
        flag = lab.choice(["bridge", "bridge", "private", "vepa"])
        return f"ipvlan NAME IPS on WIRE {{ mode {mode}; flag {flag} }}"

    _with_children(lab, way, mixed=False)
    if lab.chance(0.4):
        host = f"h{lab.random.randint(1, lab.hosts)}"
        lab.lines.append(f"in {host} {{ route 10.0.{lab.choice([1, 2])}.{lab.random.randint(11, 18)} via 10.0.1.11 }}")


def _with_children(lab: Wires, way: Callable[[], str], *, mixed: bool) -> None:
    _switch(lab)
    for number in range(lab.choice([1, 1, 2])):
        name, ips = lab.host()
        lab.lines.append(f"veth {name}:wire {ips if lab.chance(0.7) else ''} -- {_port(lab, number)}")
        kind = way()
        for _ in range(lab.random.randint(1, 3)):
            other, own = lab.host()
            text = (way() if mixed else kind).replace("NAME", "c").replace("IPS", own)
            lab.lines.append(f"in {other} {{ {text.replace('WIRE', f'{name}:wire')} }}")
    far, ips = lab.host()
    lab.lines.append(f"veth {far}:e {ips} -- {_port(lab, 9)}")


def vlans(lab: Wires) -> None:
    """VLAN devices, on links and at a switch that looks at no tags."""
    _switch(lab)
    for number in range(lab.random.randint(2, 4)):
        name, ips = lab.host()
        lab.lines.append(f"veth {name}:wire {ips if lab.chance(0.3) else ''} -- {_port(lab, number)}")
        vid = lab.choice([10, 10, 10, 20])
        lab.lines.append(f"in {name} {{ vlan v 10.0.3.{number + 1}/24 on wire {{ id {vid} }} }}")
        if lab.chance(0.3):
            lab.lines.append(f"in {name} {{ vlan vv 10.0.4.{number + 1}/24 on v {{ id 5 }} }}")


def filtered(lab: Wires) -> None:
    """A bridge that filters VLANs, with access ports and trunks."""
    _switch(
        lab,
        "vlan-filtering on",
        lab.option(0.3, "vlan 10 pvid untagged", "vlan 10"),
        lab.option(0.2, "vlan-default-pvid 10"),
    )
    for number in range(lab.random.randint(2, 5)):
        name, ips = lab.host()
        trunk = lab.chance(0.4)
        said = (
            lab.choice(["vlan 10 20", "vlan 10; vlan 1 pvid untagged", "vlan 20"])
            if trunk
            else lab.option(
                0.8,
                "vlan 10 pvid untagged",
                "vlan 10 pvid untagged",
                "vlan 20 pvid untagged",
                "vlan 10 pvid",
                "vlan 10 untagged",
            )
        )
        lab.lines.append(f"veth {name}:e {ips if not trunk or lab.chance(0.3) else ''} -- {_port(lab, number, said)}")
        if trunk:
            vid = lab.choice([10, 20])
            lab.lines.append(
                f"in {name} {{ vlan v {ips if lab.chance(0.5) else f'10.0.1.{number + 100}/24'} on e {{ id {vid} }} }}"
            )


def bonds(lab: Wires) -> None:
    """Two namespaces with two cables, or one with two cables to a switch."""
    modes = ["active-backup"] * 3 + ["balance-rr", "balance-xor", "broadcast"]

    def bond(name: str, own: str, mode: str) -> str:
        primary = lab.option(0.3, "primary e1") if mode == "active-backup" else ""
        return f"in {name} {{ bond b {own}{_block(f'mode {mode}', 'miimon 50', primary)} }}"

    _with_cables(lab, bond, modes)


def teams(lab: Wires) -> None:
    """The same with teams, and at times a bond at the other end."""
    modes = ["activebackup"] * 2 + ["loadbalance"] * 2 + ["roundrobin", "random", "broadcast", "bond"]

    def team(name: str, own: str, mode: str) -> str:
        if mode == "bond":
            return f"in {name} {{ bond b {own} {{ mode balance-rr; miimon 50 }} }}"
        active = lab.option(0.9, "active-port e0", "active-port e1") if mode == "activebackup" else ""
        return f"in {name} {{ team b {own}{_block(f'mode {mode}', active)} }}"

    _with_cables(lab, team, modes)


def _with_cables(lab: Wires, bond: Callable[[str, str, str], str], modes: list[str]) -> None:
    one, ips = lab.host()
    mode = lab.choice(modes)
    lab.lines.append(bond(one, ips, mode))
    if lab.chance(0.5):
        _switch(lab)
        for number in range(2):
            lab.lines.append(f"veth {one}:e{number} {{ master b }} -- {_port(lab, number)}")
        for number in range(2, 4):
            name, own = lab.host()
            lab.lines.append(f"veth {name}:e {own} -- {_port(lab, number)}")
        return
    two, own = lab.host()
    lab.lines.append(bond(two, own, mode if lab.chance(0.7) else lab.choice(modes)))
    order = [0, 1] if lab.chance(0.7) else [1, 0]
    for number in range(2):
        lab.lines.append(f"veth {one}:e{number} {{ master b }} -- {two}:e{order[number]} {{ master b }}")
    if lab.chance(0.4):
        three, ips = lab.host()
        lab.lines.append(f"veth {two}:e2 {{ master b }} -- {three}:e {ips}")


def vrfs(lab: Wires) -> None:
    """A router with links in one VRF or in two, and namespaces behind it."""
    quiet = "sysctl net.ipv6.conf.default.accept_dad = 0"
    lab.lines.append(f"netns r {{ forward ipv4 ipv6; {quiet}; vrf red {{ table 10 }}; vrf blue {{ table 20 }} }}")
    for number in range(lab.random.randint(2, 4)):
        master = _block(lab.option(0.85, "master red", "master red", "master blue"))
        four, six = f"10.7.{number if lab.chance(0.85) else 0}", f"fd00:7:{number}"
        lab.lines.append(f"netns n{number} {{ {quiet}; route default via {four}.1 }}")
        near = f"n{number}:e {four}.{number + 2}/24 {six}::2/64"
        lab.lines.append(f"veth {near} -- r:v{number} {four}.1/24 {six}::1/64{master}")
        if lab.chance(0.7):
            lab.lines.append(f"in n{number} {{ route ::/0 via {six}::1 }}")
    if lab.chance(0.4):
        lab.lines.append(f"in r {{ route 10.7.{lab.random.randint(0, 3)}.0/25 dev v0 vrf red }}")


def groups(lab: Wires) -> None:
    """VXLANs with a multicast group, over a switch, and some without one."""
    _switch(lab)
    for number in range(lab.random.randint(3, 5)):
        name, ips = lab.host()
        lab.lines.append(f"veth {name}:e {ips} -- {_port(lab, number)}")
        for vxlan in range(lab.choice([1, 1, 2])):
            far = lab.choice(["group 239.1.1.1"] * 4 + ["group 239.1.1.2", "remote 10.0.1.11"])
            local = lab.option(0.2, f"local {ips.split('/')[0]}", "local 10.0.1.99")
            vni, quiet = lab.choice([7, 7, 8]), lab.option(0.15, "learning off")
            said = _block(f"id {vni + 2 * vxlan}", "dstport 4789", far, local, quiet, lab.option(0.2, "mtu 9000"))
            own = f"10.{5 + vxlan}.0.{number + 1}/24"
            if lab.chance(0.3):
                own += f" fd00:{5 + vxlan}::{number + 1}/64"
            lab.lines.append(f"in {name} {{ vxlan x{vxlan} {own} on e{said} }}")
        if lab.chance(0.2):
            lab.lines.append(f"in {name} {{ sysctl net.ipv4.conf.all.rp_filter = 1 }}")


def narrow(lab: Wires) -> None:
    """A router, and links that a ping is too large for."""
    lab.lines.append("netns r { forward ipv4 }")
    for number in range(3):
        mtus = [lab.option(0.25, "mtu 70", "mtu 80", "mtu 84", "mtu 1400") for _ in range(2)]
        lab.lines.append(f"netns n{number} {{ route default via 10.6.{number}.1 }}")
        lab.lines.append(f"veth n{number}:e 10.6.{number}.2/24{_block(mtus[0])} -- r:v{number} 10.6.{number}.1/24")
        if mtus[1]:
            lab.lines.append(f"in r {{ route 10.6.{number}.2 dev v{number} {mtus[1]} }}")


SHAPES: dict[str, tuple[Callable[[Wires], None], ...]] = {
    "bridge": (bridged,),
    "macvlan": (macvlans, macvlans, passthrough, sourced),
    "mtu": (narrow,),
    "macvtap": (macvtaps, macvtaps),
    "ipvlan": (ipvlans, ipvlans, ipvlans),
    "vlan": (vlans,),
    "vlans": (filtered, filtered),
    "bond": (bonds, bonds),
    "team": (teams, teams),
    "vrf": (vrfs,),
    "vxlan": (groups,),
}


def draw(seed: int, kinds: frozenset[str], alike: float = 0) -> str:
    """Return the text of the lab of a seed, of some of the kinds."""
    lab = Wires(random.Random(seed), alike)
    shapes = [shape for kind in sorted(kinds) for shape in SHAPES[kind]]
    lab.random.choice(shapes)(lab)
    return "\n".join(["lab wires", *lab.lines]) + "\n"
