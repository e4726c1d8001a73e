"""Random labs of tunnels with keys between two or three namespaces, right ones and ones with faults, from a seed.

They are for a kernel that has WireGuard: see tests/vm.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.reach.tunnels import outer, underlay


@dataclass
class Peer:
    """What a device says of another: options by name."""

    device: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return f"peer {self.device} {{ {'; '.join(f'{name} {value}' for name, value in self.options.items())} }}"


def draw(seed: int) -> str:
    """Return the text of the lab of a seed."""
    rnd = random.Random(seed)
    across, lines = underlay(rnd)
    for number in range(rnd.randint(1, 3)):
        lines += _link(rnd, number) if rnd.random() < 0.2 else _net(rnd, number, across)
    if rnd.random() < 0.25:
        lines.append(_wall(rnd, across))
    return "\n".join(lines) + "\n"


def _inside(number: int, own: int) -> list[str]:
    return [f"10.{50 + number}.0.{own}/24", f"fd00:{50 + number}::{own}/64"]


def _link(rnd: random.Random, number: int) -> list[str]:
    one, two = rnd.sample((1, 2, 3), 2)
    port = f"{{ listen-port {51820 + number} }}"
    return [
        "wireguard " + " -- ".join(f"n{own}:w{number} {' '.join(_inside(number, own))} {port}" for own in (one, two))
    ]


def _net(rnd: random.Random, number: int, across: bool) -> list[str]:
    """Return devices that have each other as peers: two of them, or a hub and two spokes."""
    members = rnd.sample((1, 2, 3), rnd.choice((2, 2, 3)))
    hub = members[0]
    version = rnd.choice((4, 4, 6))
    port = 51820 + number
    said: dict[int, list[Peer]] = {own: [] for own in members}
    for own in members[1:]:
        near = Peer(f"n{hub}:w{number}", {"endpoint": _endpoint(hub, version, across, port)})
        near.options["allowed-ips"] = f"10.{50 + number}.0.0/24 fd00:{50 + number}::/64"
        far = Peer(f"n{own}:w{number}", {"allowed-ips": f"10.{50 + number}.0.{own} fd00:{50 + number}::{own}"})
        how = rnd.choice(("both", "both", "keepalive", "keepalive", "one"))
        if how == "both":
            far.options["endpoint"] = _endpoint(own, version, across, port)
        elif how == "keepalive":
            near.options["persistent-keepalive"] = "1"
        for _ in range(rnd.choice((0, 0, 0, 1, 1, 2))):
            _fault(rnd, rnd.choice((near, far)), number, version, across)
        said[own].append(near)
        said[hub].append(far)
    if rnd.random() < 0.1:
        said[rnd.choice(members)].pop()
    lines = []
    for own, peers in said.items():
        inner = _inside(number, own)[: rnd.choice((1, 2, 2))]
        listens = f"listen-port {port if rnd.random() < 0.95 else port + 7}"
        body = "; ".join([listens, *(peer.text for peer in peers)])
        lines.append(f"in n{own} {{ wireguard w{number} {' '.join(inner)} {{ {body} }} }}")
    if rnd.random() < 0.3:
        lines.append(f"in n{members[1]} {{ route 10.{60 + number}.0.0/24 dev w{number} }}")
        lines.append(f"in n{hub} {{ address lo 10.{60 + number}.0.1/32 }}")
    if rnd.random() < 0.4:
        lines.append(f"in n{hub} {{ forward ipv4 ipv6 }}")
    return lines


def _endpoint(number: int, version: int, across: bool, port: int) -> str:
    ip = outer(number, version, across)
    return f"{ip}:{port}" if version == 4 else f"[{ip}]:{port}"


def _fault(rnd: random.Random, peer: Peer, number: int, version: int, across: bool) -> None:
    """Let a peer's options be others."""
    match rnd.choice(("endpoint", "endpoint", "port", "silent", "allowed", "all", "none")):
        case "endpoint":
            peer.options["endpoint"] = _endpoint(
                rnd.choice((1, 2, 3)), rnd.choice((version, 4)), across, 51820 + number
            )
        case "port":
            peer.options["endpoint"] = _endpoint(rnd.choice((1, 2, 3)), version, across, 51810)
        case "silent":
            peer.options.pop("endpoint", None)
            peer.options.pop("persistent-keepalive", None)
        case "allowed":
            peer.options["allowed-ips"] = f"10.{50 + number}.0.{rnd.choice((1, 2, 3))} fd00:{50 + number}::/64"
        case "all":
            peer.options["allowed-ips"] = "0.0.0.0/0 ::/0"
        case _:
            del peer.options["allowed-ips"]


def _wall(rnd: random.Random, across: bool) -> str:
    """Return a rule that keeps outer packets back."""
    where = rnd.choice(("r", "n1", "n2") if across else ("n1", "n2", "n3"))
    chain = "forward" if where == "r" else rnd.choice(("input", "output"))
    port = 51820 + rnd.randint(0, 2)
    return f"in {where} {{ filter {chain} drop {rnd.choice(('', f'daddr 10.0.{int(across)}.1 '))}udp {port} }}"
