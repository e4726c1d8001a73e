"""What must hold of every plan, without a shell: undo beside do, order, determinism."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netc.plan.step import Absorbed, AtRunTime, Inverse, Kept, Note, Plan, Restore, Stage, Step
from tests.compiled import EXAMPLES, ROOT, plan_of, plans_of

PLANS = {f"{path.stem} {name}".strip(): plan for path in EXAMPLES for name, plan in plans_of(path).items()}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())


@every_plan
def test_what_is_absorbed_is_made_before_and_undone(plan: Plan) -> None:
    made: dict[str, Step] = {}
    for step in plan.steps:
        if isinstance(step.undo, Absorbed):
            assert step.undo.by in made, f"{step.argv} counts on {step.undo.by}, which no earlier step makes"
        if step.makes:
            assert isinstance(step.undo, Inverse | Absorbed)
            made[step.makes] = step


@every_plan
def test_stages_only_grow(plan: Plan) -> None:
    stages = [step.stage for step in plan.steps]
    assert stages == sorted(stages)


@every_plan
def test_a_name_is_made_before_it_is_used(plan: Plan) -> None:
    devices: set[tuple[str, str]] = {("", "lo")} | {(name, "lo") for name in plan.netnses}
    devices |= {("", uplink.name) for uplink in plan.uplinks}
    for step in plan.steps:
        words = step.argv
        if words[:3] == ("ip", "link", "add"):
            devices |= _added(step)
        elif any(isinstance(word, AtRunTime) for word in words):
            if "netns" in words:
                devices.add((words[words.index("netns") + 1], words[words.index("name") + 1]))
        elif "vf" in words:
            assert words[words.index("dev") + 1] in {uplink.name for uplink in plan.uplinks}
        elif step.makes.startswith("link "):  # tun, tap and l2tp have commands of their own
            netns, _, name = step.makes.removeprefix("link ").partition(":")
            devices.add((netns if netns in plan.netnses else "", name))
        elif "dev" in words and step.stage is not Stage.NETNS:
            assert (step.netns.netns, words[words.index("dev") + 1]) in devices, words
        if "master" in words:
            assert (step.netns.netns, words[words.index("master") + 1]) in devices, words


def _added(step: Step) -> set[tuple[str, str]]:
    words, own = step.argv, step.netns.netns
    if "peer" not in words:
        where = words[words.index("netns") + 1] if "netns" in words else own
        return {(where, words[words.index("name") + 1])}
    peer = words[words.index("peer") :]
    far = peer[peer.index("netns") + 1] if "netns" in peer else own
    return {(own, words[words.index("name") + 1]), (far, peer[peer.index("name") + 1])}


def test_the_hosts_own_values_are_noted_before_they_change() -> None:
    steps = plan_of("forward ipv4 ipv6\nsysctl net.ipv4.conf.all.arp_ignore = 1\nnetns a { forward ipv4 }").steps
    for step in steps:
        if step.argv[0] == "sysctl":
            assert bool(step.notes) == step.netns.is_root == isinstance(step.undo, Restore)


def test_forwarding_notes_what_the_kernel_changes_along() -> None:
    (step,) = (step for step in plan_of("forward ipv4").steps if step.argv[0] == "sysctl")
    first, second = step.notes
    assert isinstance(first, Note)
    assert isinstance(second, Note)
    assert [first.wanted, second.wanted] == ["1", "0"]
    assert first.files == ("/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf/*/forwarding")
    assert second.files == ("/proc/sys/net/ipv4/conf/all/accept_redirects",)


def test_a_module_is_kept_with_a_reason() -> None:
    (step,) = plan_of("module br_netfilter").steps
    assert step.argv == ("modprobe", "br_netfilter")
    assert isinstance(step.undo, Kept)
    assert step.undo.reason


def test_routes_without_a_gateway_come_first() -> None:
    lab = """
    forward ipv4
    netns a {
      route default via 169.254.1.1 dev eth0
      route 169.254.1.1 dev eth0 scope link
      veth eth0 10.0.0.1/32 -- host:v 169.254.1.1/32
    }
    route 10.0.0.1 dev v
    """
    routes = [step.argv[3:] for step in plan_of(lab).steps if step.argv[:2] == ("ip", "route")]
    assert [words[0] for words in routes] == ["169.254.1.1", "10.0.0.1", "default"]


def test_parents_and_masters_come_before_what_needs_them() -> None:
    lab = "netns a { veth eth0 10.0.0.1/24 -- br0:p }\nbridge br0 { subnet 10.0.0.0/24 }"
    links = [step.argv[4] for step in plan_of(lab).steps if step.argv[:3] == ("ip", "link", "add")]
    assert links == ["br0", "p"]


def test_only_the_hosts_objects_carry_route_marks() -> None:
    lab = "route 10.9.0.0/16 dev lo\nnetns a { route 10.9.0.0/16 dev lo }"
    on_host, inside = (step for step in plan_of(lab).steps if step.argv[:2] == ("ip", "route"))
    assert "proto" in on_host.argv
    assert isinstance(on_host.undo, Inverse)
    assert "proto" not in inside.argv
    assert isinstance(inside.undo, Absorbed)


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_same_input_same_bytes(seed: str, tmp_path: Path) -> None:
    """Hash order, the place of the file and the working directory leave no trace in a script."""
    copy = tmp_path / "two-bridges.net"
    copy.write_bytes((ROOT / "examples" / "two-bridges.net").read_bytes())
    outputs = set()
    for path, folder in ((copy, tmp_path), (ROOT / "examples" / "two-bridges.net", Path("/"))):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        build = [sys.executable, "-m", "netc", "build", str(path)]
        outputs.add(subprocess.run(build, cwd=folder, env=environment, capture_output=True, check=True).stdout)
    assert len(outputs) == 1
    assert str(tmp_path).encode() not in outputs.pop()
