"""The catalogue of mistakes: every row has its answer, and what is said to be impossible is."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest

from netc.checks import checks
from netc.explain import codes
from netc.plan.step import Absorbed, Inverse, Plan, Stage, Step
from tests.compiled import EXAMPLES, ROOT, compile_file, compile_text, plan_of

ANSWERS = {"by", "never", "test", "beyond"}


@lru_cache(maxsize=1)
def rows() -> tuple[dict[str, Any], ...]:
    text = (ROOT / "docs" / "catalogue.toml").read_text(encoding="utf-8")
    return tuple(row for section in tomllib.loads(text)["section"] for row in section["rows"])


def answer(row: dict[str, Any]) -> set[str]:
    """Return how a row is answered: by its own check, or by what it says."""
    own = {"check"} if row["name"] in {check.name for check in checks().values()} else set()
    return own | (ANSWERS & row.keys())


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row["name"]))
def test_every_row_says_only_what_is_so(row: dict[str, Any]) -> None:
    found = answer(row)
    assert found, "every row has an answer"
    assert row.keys() <= {"name", "what", *ANSWERS}
    assert ("never" in found) == ("test" in found), "what cannot happen has a test, and nothing else has"
    assert not ("check" in found and found & {"by", "beyond"})
    known = {code for code, _, _ in codes()}
    assert set(re.findall(r"N[0-9]{3}", row.get("by", ""))) <= known
    if "test" in row:
        path, _, name = row["test"].partition("::")
        functions = [node.name for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
                     if isinstance(node, ast.FunctionDef)]  # fmt: skip
        assert not name or name in functions


def test_names_are_unique() -> None:
    names = [row["name"] for row in rows()]
    assert len(set(names)) == len(names)


# -- what cannot happen ---------------------------------------------------------------------------------------

RICH = """
lab rich
forward ipv4
uplink eth9 10.9.0.1/24
bridge br.0 10.0.0.1/24 fd00::1/64 { mac 02:00:00:00:00:10; nf-call off; stp off }
netns a {
  forward ipv4 ipv6
  veth eth.0 10.0.0.2/24 fd00::2/64 { mac 02:00:00:00:00:02; proxy-arp on; rp-filter 0 } -- br.0
  macvlan m0 10.9.0.7/24 on host:eth9 { mode bridge }
  address lo 10.99.0.1/32 fd99::1/128
  neigh 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth.0
  route default via 10.0.0.1
  rule pref 100 from 10.99.0.1 lookup 77
  sysctl net/ipv4/conf/eth.0/arp_notify = 1
  exec "sleep 100"
}
netns b {
  bridge inner
  veth x 10.3.0.1/24 -- a:y 10.3.0.2/24
  vxlan v 10.4.0.1/24 { id 3; dstport 4789; remote 10.3.0.2; mac 02:00:00:00:00:77 }
  macvlan child on x
}
"""


@lru_cache(maxsize=1)
def plans() -> tuple[Plan, ...]:
    """Return the plans of all examples, and of a lab with something of everything."""
    found = [plan for path in EXAMPLES for plan in compile_file(path).plans]
    return (*found, plan_of(RICH))


def steps() -> Iterator[tuple[Plan, Step]]:
    yield from ((plan, step) for plan in plans() for step in plan.steps)


def after(words: tuple[str, ...], word: str) -> str | None:
    """Return what follows a word of a command."""
    return words[words.index(word) + 1] if word in words[:-1] else None


def is_link(step: Step, verb: str) -> bool:
    return step.argv[:3] == ("ip", "link", verb)


def test_dotted_sysctl() -> None:
    keys = [step.argv[-1].partition("=")[0] for _, step in steps() if step.argv[0] == "sysctl"]
    dotted = [key for key in keys if "eth.0" in key]
    assert "net/ipv4/conf/eth.0/proxy_arp" in dotted
    assert "net/ipv4/conf/eth.0/arp_notify" in dotted
    assert all(key.startswith("net/") for key in dotted)


def test_dup_ifname() -> None:
    """A device that the lab makes is made where it stays: nothing is moved into a namespace after it was made."""
    made: set[tuple[Plan, str]] = set()
    for plan, step in steps():
        if is_link(step, "add"):
            name = after(step.argv, "name")
            where = after(step.argv[: step.argv.index("type")], "netns") or step.netns.netns
            assert (plan, f"{where}:{name}") not in made
            made.add((plan, f"{where}:{name}"))
        if is_link(step, "set") and "netns" in step.argv:
            assert (plan, f"{step.netns.netns}:{after(step.argv, 'dev')}") not in made, step.argv


def test_dad_window() -> None:
    found = 0
    for _, step in steps():
        if step.argv[:3] == ("ip", "addr", "add") and ":" in step.argv[3]:
            assert "nodad" in step.argv
            found += 1
    assert found > 3


def test_lo_down() -> None:
    for plan in plans():
        for name in plan.netnses:
            (making,) = [step for step in plan.steps if step.makes == f"netns {name}"]
            assert 'ip link set dev lo alias "$0" up' in " ".join(making.argv)


def test_brnf_modprobe() -> None:
    off = [step for _, step in steps() if "bridge-nf-call" in " ".join(step.argv)]
    assert off
    assert all(step.argv[:2] == ("sysctl", "-e") for step in off), "-e: where the parameter is missing all is well"
    assert not any("br_netfilter" in " ".join(step.argv) for _, step in steps())


def test_rule_no_pref() -> None:
    assert [f.code for f in compile_text("netns a { rule from 10.0.0.1 lookup 7 }\n").findings] == ["N009"]
    for _, step in steps():
        if "rule" in step.argv[:3]:
            assert "pref" in step.argv


def test_route_before_up() -> None:
    for plan in plans():
        up: set[tuple[str, str | None]] = {(name, "lo") for name in ("", *plan.netnses)}
        up |= {("", uplink.name) for uplink in plan.uplinks}
        for step in plan.steps:
            device = (step.netns.netns, after(step.argv, "dev"))
            if is_link(step, "set") and "up" in step.argv:
                up.add(device)
            if "route" in step.argv[:3] and device[1] is not None:
                assert device in up, step.argv


def test_sysctl_before_link() -> None:
    for plan in plans():
        known = {(name, "lo") for name in ("", *plan.netnses)} | {("", uplink.name) for uplink in plan.uplinks}
        for step in plan.steps:
            if is_link(step, "add"):
                known |= set(_names(step))
            elif step.argv[0] == "sysctl" and (
                match := re.search(r"[./](?:conf|neigh)[./](.+)[./][a-z_]+=", step.argv[-1])
            ):
                assert match[1] in {"all", "default"} or (step.netns.netns, match[1]) in known, step.argv


def _names(step: Step) -> Iterator[tuple[str, str]]:
    """Yield the devices that a command makes, with their namespaces."""
    words = step.argv
    own, peer = (words[: words.index("peer")], words[words.index("peer") :]) if "peer" in words else (words, ())
    for part in (own, peer):
        if (name := after(part, "name")) is not None:
            yield after(part, "netns") or step.netns.netns, name


def test_cfg_before_move() -> None:
    for plan in plans():
        touched: set[tuple[str, str | None]] = set()
        for step in plan.steps:
            device = (step.netns.netns, after(step.argv, "dev"))
            if is_link(step, "set") and "netns" in step.argv:
                assert device not in touched, f"{step.argv} moves what is set up already"
            elif step.argv[:3] == ("ip", "addr", "add") or {"up", "master"} & set(step.argv):  # what a move clears
                touched.add(device)


def test_down_up() -> None:
    for plan in plans():
        up: set[tuple[str, str | None]] = set()
        for step in plan.steps:
            device = (step.netns.netns, after(step.argv, "dev"))
            if is_link(step, "set"):
                assert not ("down" in step.argv and device in up), step.argv
                up |= {device} if "up" in step.argv else set()


def test_mac_late() -> None:
    given = [step for _, step in steps() if is_link(step, "add") and "address" in step.argv]
    assert given
    late = [step for _, step in steps() if is_link(step, "set") and "address" in step.argv]
    assert all(step.stage < Stage.NEIGHBOUR for step in late)


def test_parent_deleted() -> None:
    """Children are made after their parents, and steps are undone backwards: so they go before them."""
    for plan in plans():
        made: set[tuple[str, str]] = {("", uplink.name) for uplink in plan.uplinks}
        for step in plan.steps:
            if is_link(step, "add"):
                parent = after(step.argv[3:], "link")
                if parent is not None:
                    where = step.netns.netns if (step.netns.netns, parent) in made else ""
                    assert (where, parent) in made, step.argv
                made |= set(_names(step))


def test_phys_in_netns() -> None:
    """What is moved into a namespace is undone by itself, and not with the namespace."""
    for _, step in steps():
        if is_link(step, "set") and "netns" in step.argv:
            assert isinstance(step.undo, Inverse), step.argv
            assert step.stage > Stage.NETNS, "undone backwards: before the namespace"
    assert all(isinstance(step.undo, Inverse | Absorbed) for _, step in steps() if is_link(step, "add"))


def test_exec_sysfs() -> None:
    for _, step in steps():
        if not step.netns.is_root:
            assert "/sys/" not in " ".join(step.argv), step.argv


def test_bridge_mac_floats() -> None:
    bridges = [step for _, step in steps() if is_link(step, "add") and after(step.argv, "type") == "bridge"]
    assert bridges
    assert all("address" in step.argv[: step.argv.index("type")] for step in bridges)


def test_hairpin_promisc() -> None:
    assert [f.code for f in compile_text("bridge br { promisc on }\n").findings] == ["N004"]


def test_ipforward_resets() -> None:
    forwarding = [step for _, step in steps() if re.search(r"ip_forward=|conf\.all\.forwarding=", step.argv[-1])]
    assert forwarding
    assert all(step.stage < Stage.LINK for step in forwarding)
