"""Random labs of IPsec between three namespaces, right ones and ones with faults, from a seed.

They are for kernels that have ESP and AH: see tests/vm.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from tests.reach.tunnels import outer, underlay

#: Ways to protect a packet, by the words of a state.
_ALGORITHMS = {
    "esp": (
        'aead "rfc4106(gcm(aes))" auto 128',
        'enc "cbc(aes)" auto auth-trunc "hmac(sha256)" auto 128',
        'enc "ecb(cipher_null)" none auth "hmac(sha1)" auto',
    ),
    "ah": ('auth-trunc "hmac(sha256)" auto 128', 'auth "hmac(sha1)" auto'),
}


@dataclass
class State:
    """A state, the same at both ends but for faults."""

    source: str
    target: str
    spi: int
    protocol: str
    mode: str
    algorithms: str
    reqid: int = 0
    words: str = ""

    @property
    def text(self) -> str:
        reqid = f" reqid {self.reqid}" if self.reqid else ""
        ends = f"src {self.source} dst {self.target}"
        head = f"ipsec state {ends} proto {self.protocol} spi {self.spi:#x} mode {self.mode}{reqid}"
        return " ".join(word for word in (head, self.words, self.algorithms) if word)


@dataclass
class Policy:
    """A policy of one end."""

    source: str
    target: str
    direction: str
    templates: list[str]
    more: list[str] = field(default_factory=list)

    @property
    def chosen(self) -> str:
        """The words that choose packets, beside the addresses."""
        return " ".join(words for words in self.more if words.startswith("proto"))

    @property
    def text(self) -> str:
        rest = [words for words in self.more if not words.startswith("proto")]
        words = ("src", self.source, "dst", self.target, self.chosen, "dir", self.direction, *rest, *self.templates)
        return " ".join(["ipsec policy", *(word for word in words if word)])


#: The devices that bring their own policies, of kernels that have them.
HERE = ("vti", "vti6")
MACHINE = (*HERE, "xfrm")


def draw(seed: int, kinds: tuple[str, ...] = HERE) -> str:
    """Return the text of the lab of a seed, with devices of these kinds."""
    rnd = random.Random(seed)
    across, lines = underlay(rnd)
    for number in (1, 2, 3):
        lines.append(f"in n{number} {{ address lo 10.6{number}.0.1/32 fd00:6{number}::1/128 }}")
        if rnd.random() < 0.4:
            lines += _leaf(number)
        if rnd.random() < 0.15:
            lines.append(f"in n{number} {{ sysctl net.ipv4.conf.all.rp_filter = 1 }}")
    if not across:
        lines += [f"in n{a} {{ {_ways(a, b)} }}" for a in (1, 2, 3) for b in (1, 2, 3) if a != b]
    taken: set[tuple[str, ...]] = set()
    for number in range(rnd.randint(2, 5)):
        lines += _association(rnd, number, across, taken)
    for number in range(rnd.choice((0, 1, 2))):
        lines += _device(rnd, rnd.choice(kinds), number, across)
    return "\n".join(lines) + "\n"


def _ways(own: int, far: int) -> str:
    """Return the routes to what is behind another namespace on one link."""
    return (
        f"route 10.6{far}.0.0/24 via 10.0.0.{far} src 10.6{own}.0.1; route 10.7{far}.0.0/24 via 10.0.0.{far}; "
        f"route fd00:6{far}::/64 via fd00:0::{far}; route fd00:7{far}::/64 via fd00:0::{far}"
    )


def _leaf(number: int) -> list[str]:
    """Return a namespace behind another one."""
    near, far = (f"10.7{number}.0.{host}/24 fd00:7{number}::{host}/64" for host in (1, 2))
    return [
        f"in n{number} {{ forward ipv4 ipv6; veth in {near} -- l{number}:e0 {far} }}",
        f"netns l{number} {{ route default via 10.7{number}.0.1; route default via fd00:7{number}::1 }}",
    ]


def _association(rnd: random.Random, number: int, across: bool, taken: set[tuple[str, ...]]) -> list[str]:
    """Return the states and policies of two of the namespaces, for what they say to each other or what is behind.

    The kernel takes one policy for the same packets and the same direction: those are `taken`.
    """
    one, two = rnd.sample((1, 2, 3), 2)
    version = rnd.choice((4, 4, 4, 6))
    mode = rnd.choice(("transport", "tunnel", "tunnel"))
    protocols = rnd.choice((("esp",), ("esp",), ("ah",), ("esp", "ah")))
    reqid = rnd.choice((0, 0, 7 + number))
    states: dict[tuple[int, int], list[State]] = {}
    for place, (own, far) in enumerate(((one, two), (two, one))):
        ends = outer(own, version, across), outer(far, version, across)
        states[own, far] = [
            State(
                *ends,
                0x100 * (number + 1) + 0x10 * layer + place,
                protocol,
                mode if not layer else "transport",
                rnd.choice(_ALGORITHMS[protocol]),
                reqid,
            )
            for layer, protocol in enumerate(protocols)
        ]
    lines = []
    shapes = rnd.choice(("near", "behind", "behind", "any")) if mode == "tunnel" else "near"
    faulty = rnd.random() < 0.5
    for own, far in ((one, two), (two, one)):
        held = [replace(state) for pair in states.values() for state in pair]
        policies = [
            *_policies(rnd, states[own, far], shapes, (own, far), version, across, "out"),
            *_policies(rnd, states[far, own], shapes, (far, own), version, across, "in"),
            *_policies(rnd, states[far, own], shapes, (far, own), version, across, "fwd"),
        ]
        if faulty and rnd.random() < 0.6:
            _fault(rnd, held, policies, version, across)
        kept = []
        for policy in policies:
            key = (str(own), policy.source, policy.target, policy.direction, policy.chosen)
            if key not in taken:
                kept.append(policy)
            taken.add(key)
        lines += [f"in n{own} {{ {text} }}" for text in [*(one.text for one in held), *(one.text for one in kept)]]
    return lines


def _device(rnd: random.Random, kind: str, number: int, across: bool) -> list[str]:
    """Return devices of two of the namespaces that have policies of their own, and perhaps a route by one."""
    one, two = rnd.sample((1, 2, 3), 2)
    version = 6 if kind == "vti6" else 4
    word = "if_id" if kind == "xfrm" else "mark"
    keys = dict.fromkeys((one, two), 40 + number)
    if rnd.random() < 0.15:
        keys[one] += 7
    lines = []
    for own, far in ((one, two), (two, one)):
        near, there = outer(own, version, across), outer(far, version, across)
        inner = " ".join([f"10.{80 + number}.0.{own}/24", f"fd00:{80 + number}::{own}/64"][: rnd.choice((1, 2, 2))])
        options = f"if-id {keys[own]}" if kind == "xfrm" else f"local {near}; remote {there}; key {keys[own]}"
        parent = " on e0" if kind == "xfrm" else ""
        lines.append(f"in n{own} {{ {kind} p{number} {inner}{parent} {{ {options} }} }}")
        spi = {own: 0x900 + 0x10 * number + own, far: 0x900 + 0x10 * number + far}
        for source, target, sender in ((near, there, own), (there, near, far)):
            words = f"flag af-unspec {word} {40 + number}"
            state = State(source, target, spi[sender], "esp", "tunnel", _ALGORITHMS["esp"][0], 0, words)
            fault = rnd.random()
            if fault < 0.04:
                continue
            if fault < 0.07:
                state.words = f"flag af-unspec {word} {50 + number}"
            lines.append(f"in n{own} {{ {state.text} }}")
            tmpl = f"tmpl src {source} dst {target} proto esp mode tunnel"
            for everything in ("0.0.0.0/0", "::/0"):
                for direction in ("out",) if sender == own else ("in", "fwd"):
                    policy = Policy(everything, everything, direction, [tmpl], [f"{word} {40 + number}"])
                    if rnd.random() > 0.04:
                        lines.append(f"in n{own} {{ {policy.text} }}")
    if rnd.random() < 0.4:
        lines.append(f"in n{one} {{ route 10.{86 + number}.0.0/24 dev p{number} }}")
        lines.append(f"in n{two} {{ address lo 10.{86 + number}.0.1/32 }}")
    return lines


def _policies(
    rnd: random.Random,
    states: list[State],
    shape: str,
    pair: tuple[int, int],
    version: int,
    across: bool,
    direction: str,
) -> list[Policy]:
    """Return the policies of one direction for what goes from one namespace to another."""
    own, far = pair
    templates = []
    for state in states:
        ends = f"src {state.source} dst {state.target} " if state.mode == "tunnel" else ""
        reqid = f" reqid {state.reqid}" if state.reqid else ""
        templates.append(f"tmpl {ends}proto {state.protocol} mode {state.mode}{reqid}")
    if shape == "near":
        if version == 4:
            return [Policy(states[0].source, states[0].target, direction, templates)]
        types = (f"proto ipv6-icmp type {number}" for number in (128, 129))
        return [Policy(states[0].source, states[0].target, direction, templates, [words]) for words in types]
    inner = [f"10.{{}}{number}.0.0/24" if version == 4 else f"fd00:{{}}{number}::/64" for number in (own, far)]
    if shape == "behind":
        return [Policy(inner[0].format(tens), inner[1].format(tens), direction, templates) for tens in (6, 7)]
    everything = "0.0.0.0/0" if version == 4 else "::/0"
    return [Policy(everything, inner[1].format(6), direction, templates)]


def _fault(rnd: random.Random, states: list[State], policies: list[Policy], version: int, across: bool) -> None:
    """Let one end have something else than the other."""
    state, policy = rnd.choice(states), rnd.choice(policies)
    match rnd.choice(("lost", "spi", "reqid", "mode", "keys", "unsaid", "block", "before", "ends", "use", "icmp")):
        case "lost":
            states.remove(state)
        case "spi":
            state.spi += 5
        case "reqid":
            state.reqid += 1
        case "mode":
            state.mode = "tunnel" if state.mode == "transport" else "transport"
        case "keys":
            state.algorithms = rnd.choice(_ALGORITHMS[state.protocol])
        case "unsaid":
            policies.remove(policy)
        case "block":
            policy.templates, policy.more = [], [*policy.more, "action block"]
        case "before":
            other = Policy(policy.source, policy.target, policy.direction, [], [])
            if not policy.more:
                policy.more = ["priority 5"]
                other.more = [rnd.choice(("proto icmp", "proto tcp")), rnd.choice(("priority 3", "priority 9"))]
                policies.append(other)
        case "ends":
            some = outer(rnd.choice((1, 2, 3)), version, across)
            policy.templates = [text.replace(f"dst {state.target}", f"dst {some}") for text in policy.templates]
        case "use":
            policy.templates = [f"{text} level use" for text in policy.templates]
        case _:
            policy.more = [*policy.more, "proto icmp type 8"] if version == 4 and not policy.more else policy.more
