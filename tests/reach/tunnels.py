"""Random labs of tunnels between two or three namespaces, right ones and ones with faults, from a seed.

They are for kernels that have every tunnel: see tests/vm.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Kinds, the version of their outer packets, and whether they carry frames.
KINDS = {
    "gre": (4, False),
    "gretap": (4, True),
    "ipip": (4, False),
    "sit": (4, False),
    "geneve": (4, True),
    "ip6gre": (6, False),
    "ip6gretap": (6, True),
    "ip6tnl": (6, False),
    "vxlan": (4, True),
    "erspan": (4, True),
    "ip6erspan": (6, True),
}
#: Those that have sockets: L2TP, and what may be in UDP.
IN_SOCKETS = {"l2tp": (4, True), **{kind: KINDS[kind] for kind in ("gre", "gretap", "ipip", "sit", "ip6gre", "ip6tnl")}}
#: Those of which the kernel takes one between two addresses.
_ALONE = ("ipip", "sit", "ip6tnl")
_MODES = {"ip6tnl": ("ip6ip6", "ipip6", "any"), "sit": ("ip6ip", "ipip", "any")}
_KEYED = ("gre", "gretap", "ip6gre", "ip6gretap")
#: Kinds that somebody may take for each other.
_SIMILAR = {"gretap": "erspan", "erspan": "gretap", "ip6gretap": "ip6erspan", "ip6erspan": "ip6gretap"}


@dataclass
class End:
    """One end of a tunnel."""

    netns: str
    name: str
    kind: str
    addresses: list[str]
    options: dict[str, str] = field(default_factory=dict)
    parent: str = ""

    @property
    def text(self) -> str:
        head = " ".join([self.kind, self.name, *self.addresses, *(["on", self.parent] if self.parent else [])])
        return f"in {self.netns} {{ {head} {{ {'; '.join(f'{k} {v}' for k, v in self.options.items())} }} }}"


def draw(seed: int, kinds: Mapping[str, tuple[int, bool]] = KINDS) -> str:
    """Return the text of the lab of a seed; the socket of an L2TP wants its far end on the link."""
    rnd = random.Random(seed)
    across, lines = underlay(rnd)
    known = [kind for kind in kinds if kind != "l2tp" or not across]
    for number in range(rnd.randint(2, 5)):
        kind = "l2tp" if "l2tp" in known and rnd.random() < 0.5 else rnd.choice(known)
        if kind in _ALONE:
            known.remove(kind)
        lines += _pair(rnd, number, across, kind, "l2tp" in kinds)
    return "\n".join(lines) + "\n"


def underlay(rnd: random.Random) -> tuple[bool, list[str]]:
    """Return three namespaces, and whether there is a router between them and not a bridge."""
    across = rnd.random() < 0.5
    lines = ["lab random"]
    lines.append("netns r { forward ipv4 ipv6 }" if across else "netns r { bridge br0 }")
    for number in (1, 2, 3):
        net = number if across else 0
        far = f"r:v{number} 10.0.{net}.254/24 fd00:{net}::fe/64" if across else "r:br0"
        lines.append(f"netns n{number} {{ sysctl net.ipv6.conf.default.accept_dad = 0")
        lines.append(f"  veth e0 10.0.{net}.{number}/24 fd00:{net}::{number}/64 -- {far}")
        if across and rnd.random() < 0.95:
            lines.append(f"  route default via 10.0.{net}.254; route default via fd00:{net}::fe")
        if rnd.random() < 0.3:
            lines.append("  forward ipv4 ipv6")
        lines.append("}")
    return across, lines


def outer(number: int, version: int, across: bool) -> str:
    """Return the address of a namespace that outer packets come from."""
    net = number if across else 0
    return f"10.0.{net}.{number}" if version == 4 else f"fd00:{net}::{number}"


def _pair(rnd: random.Random, number: int, across: bool, kind: str, sockets: bool) -> list[str]:
    """Return a tunnel between two of the namespaces: both of its ends, and perhaps a route by it."""
    version = rnd.choice((4, 6)) if kind == "l2tp" else KINDS[kind][0]
    one, two = rnd.sample((1, 2, 3), 2)
    ends = []
    mode = rnd.choice(_MODES.get(kind, ("",)))
    for own, far in ((one, two), (two, one)):
        inner = [f"10.{50 + number}.0.{own}/24", f"fd00:{50 + number}::{own}/64"]
        end = End(f"n{own}", f"t{number}", kind, inner[: rnd.choice((1, 2, 2))] if rnd.random() < 0.9 else inner[1:])
        if kind == "l2tp" or (rnd.random() < 0.8 and kind != "geneve"):
            end.options["local"] = outer(own, version, across)
        end.options["remote"] = outer(far, version, across)
        if mode:
            end.options["mode"] = mode
        _number(rnd, end, number)
        ends.append(end)
    if kind not in ("geneve", "l2tp") and rnd.random() < 0.2:
        rnd.choice(ends).parent = "e0"
    ports = _in_udp(rnd, ends, number) if sockets and kind != "l2tp" and rnd.random() < 0.8 else []
    for _ in range(rnd.choice((0, 0, 0, 1, 1, 2))):
        end = rnd.choice(ends)
        if kind == "l2tp":
            _session_fault(rnd, end)
        else:
            _fault(rnd, end, version, across)
    lines = [*(end.text for end in ends), *ports]
    if rnd.random() < 0.25:
        lines.append(f"in {ends[0].netns} {{ route 10.{60 + number}.0.0/24 dev {ends[0].name} }}")
        lines.append(f"in {ends[1].netns} {{ address lo 10.{60 + number}.0.1/32 }}")
    if rnd.random() < 0.1 and "remote" in ends[0].options:
        lines.append(f"in {ends[0].netns} {{ route {ends[0].options['remote']} dev {ends[0].name} }}")
    return lines


def _in_udp(rnd: random.Random, ends: list[End], number: int) -> list[str]:
    """Put UDP around what two ends send, and return the ports at which it is taken off."""
    encap, kind = rnd.choice(("fou", "gue")), ends[0].kind
    protocol = 47 if "gre" in kind else 4 if kind == "ipip" or ends[0].options.get("mode") in ("ipip", "ipip6") else 41
    lines = []
    for end in ends:
        end.options["encap"] = encap if rnd.random() < 0.9 else rnd.choice(("fou", "gue"))
        end.options["encap-dport"] = str(5550 + number)
        inside = "gue" if encap == "gue" else f"ipproto {protocol if rnd.random() < 0.9 else rnd.choice((4, 41, 47))}"
        six = " ipv6" if "6" in kind else ""
        if rnd.random() < 0.95:
            lines.append(f"in {end.netns} {{ fou {5550 + number + (rnd.random() < 0.05)} {inside}{six} }}")
    return lines


def _session(rnd: random.Random, end: End, number: int) -> None:
    """Let an end of an L2TP say its numbers and its header."""
    end.options["tunnel-id"] = end.options["session-id"] = str(1 + number)
    if number % 2:
        end.options["encap"] = "ip"
    else:
        end.options["udp-sport"] = end.options["udp-dport"] = str(1701 + number)
    if rnd.random() < 0.4:
        end.options["seq"] = rnd.choice(("none", "send"))
    if number % 3 == 1:
        end.options["cookie"] = end.options["peer-cookie"] = "01234567"
    if number > 2:
        end.options["l2spec-type"] = "none"


def _number(rnd: random.Random, end: End, number: int) -> None:
    """Let an end say what tells the packets of one tunnel from those of others, and how they look."""
    if end.kind in ("geneve", "vxlan"):
        end.options["id"] = str(40 + number)
    if end.kind == "l2tp":
        _session(rnd, end, number)
    if end.kind == "vxlan":
        end.options["dstport"] = "4789"
    if end.kind in _KEYED or "erspan" in end.kind:
        end.options["key"] = str(5 + number)
    if end.kind in _KEYED:
        end.options.update(dict.fromkeys(rnd.sample(["csum", "seq"], rnd.choice((0, 0, 1, 2))), "on"))
    if "erspan" in end.kind and rnd.random() < 0.4:
        end.options["erspan-ver"] = rnd.choice(("1", "2") if end.kind == "ip6erspan" else ("0", "1", "2"))


def _fault(rnd: random.Random, end: End, version: int, across: bool) -> None:
    """Let an end say something else than the other."""
    some = outer(rnd.choice((1, 2, 3)), version, across)
    match rnd.choice(("key", "remote", "local", "ttl", "id", "half", "mode", "sum", "kind")):
        case "key" if end.kind in _KEYED:
            end.options[rnd.choice(("key", "ikey", "okey"))] = "99"
        case "key" if "erspan" in end.kind:
            end.options["key"] = "99"
        case "kind" if end.kind in _SIMILAR:
            end.kind = _SIMILAR[end.kind]
            end.options = {name: value for name, value in end.options.items() if name in ("local", "remote", "key")}
            if end.kind in _KEYED:
                end.options["seq"] = rnd.choice(("on", "off"))
        case "remote":
            end.options["remote"] = some
        case "local" if end.kind != "geneve":
            end.options["local"] = some
        case "ttl" if version == 4:
            end.options["ttl"] = rnd.choice(("1", "2", "64"))
        case "id" if "id" in end.options:
            end.options["id"] = "77"
        case "half" if end.kind in ("gre", "ipip") and "local" in end.options:
            del end.options["remote"]
        case "mode" if end.kind in ("ip6tnl", "sit"):
            end.options["mode"] = rnd.choice(("ip6ip6", "ipip6") if end.kind == "ip6tnl" else ("ip6ip", "ipip"))
        case "sum" if end.kind in _KEYED:
            end.options[rnd.choice(("csum", "seq", "icsum", "iseq", "oseq"))] = "on"
        case _:
            end.options.pop("local", None)


def _session_fault(rnd: random.Random, end: End) -> None:
    """Let an end of an L2TP say something else than the other."""
    wrong = {"session-id": "77", "peer-session-id": "77", "cookie": "89abcdef", "peer-cookie": "89abcdef"}
    wrong["l2spec-type"] = "none"
    if "udp-sport" in end.options:
        wrong |= {"udp-dport": "1799", "udp6-csum-tx": "off"}
    name = rnd.choice(list(wrong))
    end.options[name] = wrong[name]
