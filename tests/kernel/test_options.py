"""Every option of every kind, made on a kernel: up.sh takes it, and status.sh finds it as the lab declares it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

import pytest

from netc.bind import bind
from netc.diagnostics import Findings
from netc.kinds import kinds
from netc.kinds.attributes import Attribute, AttributeKind
from netc.kinds.bonding import DELAYS
from netc.kinds.tunnel import Tunnel6
from netc.plan.build import build_plan
from netc.plan.step import Plan, Step
from netc.source import Source, Span
from netc.syntax.parser import parse
from netc.syntax.tree import Word
from netc.topology.options import WrongCount
from netc.topology.values import BindError
from netc.unroll import unroll
from tests.kernel import features
from tests.kernel.world import World

#: Kinds that `ip link add` makes, with options.
KINDS = [
    name
    for name, kind in kinds().items()
    if isinstance(kind, AttributeKind) and kind.attributes and kind.probe is not None
]
#: What an option is tried with: the first that its parser takes. The addresses are those of the namespace.
SAMPLES = (
    "on",
    "5",
    "100",
    "1500",
    "10.0.0.1",
    "0x8",
    "02:00:00:00:00:07",
    "1:2",
    "20",
    "5000 6000",
    "01:80:c2:00:00:05",
    "2",
)
#: Values that mean something only with others.
SAID = {
    ("bond", "ns-ip6-target"): "fd00::7",
    **{("bond", name): "200" for name in DELAYS},
    ("bridge", "group-fwd-mask"): "0x8",
    ("geneve", "remote"): "10.0.0.9",
    ("vxlan", "group"): "239.1.1.1",
}
#: What else has to be said for an option to mean anything.
WITH = {
    **{("bond", name): "miimon 100" for name in DELAYS},
    ("bond", "tlb-dynamic-lb"): "mode balance-tlb",
    **{("bond", name): "mode 802.3ad" for name in ("lacp-rate", "lacp-active")},
    **{("bond", f"ad-{name}"): "mode 802.3ad" for name in ("user-port-key", "actor-sys-prio", "actor-system")},
    ("bridge", "mcast-vlan-snooping"): "vlan-filtering on",
    ("geneve", "flowlabel"): "remote fd00::9",
    **{(kind, f"erspan-{name}"): "erspan-ver 2" for kind in ("erspan", "ip6erspan") for name in ("dir", "hwid")},
    ("sit", "isatap"): "local 10.0.0.1",
    ("macvlan", "macaddr"): "mode source",
    ("macvtap", "macaddr"): "mode source",
    ("vxlan", "flowlabel"): "remote fd00::9",
    ("vxlan", "vnifilter"): "external on",
    ("vxlan", "gpe"): "external on",
    **{(kind, "ignore-df"): "pmtudisc off" for kind in ("gre", "gretap", "erspan")},
}
#: What a kind cannot be without; and a far end, since the kernel has one tunnel with none already.
ALWAYS = {
    "vlan": "id 7",
    "vxlan": "id 7",
    "xfrm": "if-id 7",
    **dict.fromkeys(("geneve", "gre", "gretap", "erspan", "ipip", "sit", "vti"), "remote 10.0.0.9"),
    **dict.fromkeys(("ip6gre", "ip6gretap", "ip6erspan", "ip6tnl", "vti6"), "remote fd00::9"),
}
#: Options that exclude others.
WITHOUT: dict[tuple[str, str], set[str]] = {
    **{("vxlan", name): {"id"} for name in ("external", "vnifilter", "gpe")},
    **{(kind, "external"): {"remote"} for kind in ("gre", "gretap", "ipip", "ip6gre", "ip6gretap", "ip6tnl")},
    **{(kind, "external"): {"remote", "key"} for kind in ("erspan", "ip6erspan")},
    ("geneve", "external"): {"remote", "id"},
    ("xfrm", "external"): {"if-id"},
    ("sit", "isatap"): {"remote"},
}
#: What needs a newer iproute2 than Debian 12's. `encap` needs a module that is not loaded by itself.
ELSEWHERE = {("vxlan", "localbypass"), ("bridge", "fdb-max-learned"), ("xfrm", "external")}
#: What a kernel may lack that has the kind: see tunnels.net.
ELSEWHERE |= {("sit", "6rd-prefix"), ("sit", "6rd-relay-prefix")}


def takes(attribute: Attribute, text: str) -> bool:
    span = Span(Source("lab.net", text), 1, 1, 1, 1 + len(text))
    try:
        attribute.option.parse(tuple(Word(word, span) for word in text.split()))
    except (BindError, WrongCount):
        return False
    return True


def values(kind: AttributeKind, attribute: Attribute) -> Iterator[str]:
    """Yield what to try an option with: both of `on|off`, every word that it takes, one sample of anything else."""
    form = attribute.option.form
    if (said := SAID.get((kind.name, attribute.option.name))) is not None:
        yield said
        return
    words = [word for word in form.split("|") if takes(attribute, word)]
    yield from words
    if "|".join(words) != form:
        samples = ("fd00::1", *SAMPLES) if isinstance(kind, Tunnel6) else SAMPLES
        found = [sample for sample in samples if takes(attribute, sample)]
        assert found, f"{kind.name}: no sample for {attribute.option.name}"
        yield found[0]


def blocks(kind: AttributeKind) -> Iterator[str]:
    """Yield a block for every value of every option."""
    for attribute in kind.attributes:
        name = attribute.option.name
        if attribute.late or (kind.name, name) in ELSEWHERE or re.match("encap($|-)", name):
            continue
        for value in values(kind, attribute):
            said = {name: value}
            key = (kind.name, name)
            without = set() if value == "off" else WITHOUT.get(key, set())
            others = ["" if value == "off" and key in WITHOUT else WITH.get(key, ""), ALWAYS.get(kind.name, "")]
            if kind.name in {"macvlan", "macvtap"} and name == "flag":
                others.append("mode passthru" if value == "nopromisc" else "mode source")
            for option in kind.required:
                others.append(f"{option} {next(values(kind, by_name(kind, option)))}")
            for other in filter(None, others):
                said.setdefault(*other.split(maxsplit=1))
            yield "; ".join(f"{option} {value}" for option, value in said.items() if option not in without)


def by_name(kind: AttributeKind, name: str) -> Attribute:
    return next(attribute for attribute in kind.attributes if attribute.option.name == name)


def lab_of(kind: AttributeKind) -> str:
    """Return a lab in which every block stands in a namespace of its own."""
    lines = []
    for number, block in enumerate(blocks(kind)):
        parent = " on p0" if kind.needs_parent or "group 239" in block else ""
        lines.append(f"netns o{number} {{")
        lines.append(f"  veth p0 10.0.0.1/24 fd00::1/64 -- host:q{number}")
        lines.append(f"  {kind.name} x{number}{parent} {{ {block} }}")
        lines.append("}")
    return "\n".join([f"lab {kind.name}", *lines, ""])


def plan_of(text: str) -> Plan:
    """Return the plan of a lab, whatever its checks would find: some options do nothing without more."""
    findings = Findings()
    topology = bind(unroll(parse(Source("test.net", text), findings), str, findings), "test", findings)
    assert not list(findings), [finding.message for finding in findings]
    return build_plan(topology, topology.machines[0])


@pytest.mark.parametrize("name", KINDS)
def test_every_option_is_taken_and_seen(name: str, compiled: object) -> None:
    """The commands of up.sh for each device, and what status.sh would see of it; `compiled`: in a machine, too.

    All are run by one ip(8), one device after the other: in a machine every process costs.
    """
    kind = kinds()[name]
    assert isinstance(kind, AttributeKind)
    plan = plan_of(lab_of(kind))
    devices: dict[str, list[Step]] = {}
    for step in plan.steps:
        made = re.search(r" (x\d+) ", f"{shlex.join(step.argv)} ")
        if step.argv[0] == "ip" and made is not None:
            devices.setdefault(made[1], []).append(step)
    wanted = features.needed(replace(plan, steps=tuple(step for steps in devices.values() for step in steps)))
    if lacks := features.why_not(wanted):
        pytest.skip(f"{name} {lacks}")
    lines = ["link add name p0 up type veth peer name p1", "link set dev p1 up", "addr add fd00::1/64 dev p0 nodad"]
    lines.append("addr add 10.0.0.1/24 dev p0")
    for device, steps in devices.items():
        lines += [shlex.join(step.argv[1:]) for step in steps]
        lines += [f"link show dev {device}", f"link del dev {device}"]
    with World() as world:
        ran = world.run("sh", "-c", 'printf "%s\\n" "$1" | ip -d -o -batch -', "sh", "\n".join(lines))
    assert ran.status == 0, f"{ran.err}: {at_fault(lines, ran.err)}"
    printed = dict(re.findall(r"^\d+: (x\d+)[@:](.*)$", ran.out, re.MULTILINE))
    for device, steps in devices.items():
        (seen,) = [step.observation for step in steps if step.observation]
        said = plan.lab.span.source.line(int(steps[0].origin.span.line))
        words = " ".join(re.sub(r"[<>,\\\\]", " ", printed[device]).split())
        lacking = [phrase for phrase in seen.words if f" {phrase} " not in f" {words} "]
        assert not lacking, f"{said}: without {lacking}: {words}"


def at_fault(lines: list[str], said: str) -> str:
    """Return the line that ip(8) says it stopped at."""
    found = re.search(r"Command failed -:(\d+)", said)
    return lines[int(found[1]) - 1] if found else ""
