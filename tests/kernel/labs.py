"""Labs compiled for the tests: the examples, and small ones written where they are used."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from netc.bind import bind
from netc.diagnostics import Findings
from netc.networks import expand
from netc.pipeline import compile_lab
from netc.plan.build import build_plan
from netc.plan.slices import slices
from netc.plan.step import Plan
from netc.render.render import BASH, files_of, render
from netc.source import Source
from netc.syntax.parser import parse
from netc.topology.model import Topology
from netc.unroll import unroll
from tests.kernel import features
from tests.kernel.world import PATH, ROOT, Ran, World, furnished, until_ready, with_virtual_functions

EXAMPLES = sorted((ROOT / "examples").glob("*.net"))
GUEST = ROOT / "tests" / "kernel" / "guest.net"


@dataclass(frozen=True)
class Lab:
    """The scripts of one host of a lab, and what they were made from."""

    plan: Plan
    folder: Path
    alone: bool  # whether the lab has no other host, so that what it expects can hold here

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.plan.lab.name

    def path(self, script: str) -> Path:
        """Return the path of one of its scripts; `script` without `.sh`."""
        return self.folder / f"{script}.sh"

    def run(self, world: World, script: str, *flags: str) -> Ran:
        """Run one of its scripts in a host."""
        return world.script(self.path(script), *flags)

    def must(self, world: World, script: str, *flags: str) -> Ran:
        """Run one of its scripts, which has to end well."""
        ran = self.run(world, script, *flags)
        assert ran.status == 0, f"{script}.sh of {self.name}: {ran}"
        return ran

    def host(self) -> World:
        """Return a host that has what the lab needs there: its uplinks, each wired to somewhere."""
        virtual = features.SRIOV in features.needed(self.plan)
        world = with_virtual_functions(self.plan.uplinks[0].name) if virtual else furnished()
        for number, uplink in enumerate(self.plan.uplinks):
            if virtual:
                world.do(*(f"ip addr add {address} dev {uplink.name} nodad" for address in uplink.addresses))
                continue
            if uplink.name == "nic0":
                continue
            far = f"wire{number + 1}"
            lines = [f"ip link add name {uplink.name} type veth peer name {far} netns other"]
            lines += [f"ip -n other link set dev {far} up"]
            if not uplink.moved:
                lines += [f"ip link set dev {uplink.name} addrgenmode none up", until_ready(uplink.name)]
            for address in uplink.addresses:
                lines.append(f"ip addr add {address} dev {uplink.name} nodad")
                ip = address.partition("/")[0]
                if ":" in ip:  # its route comes a moment later
                    lines.append(f"until ip -6 route show table local | grep -q 'local {ip} '; do sleep 0.01; done")
            world.do(*lines)
        return world

    def lacks(self) -> str | None:
        """Return what the lab needs and cannot have here; None if nothing."""
        tools = [tool for tool in (*self.plan.tools, "ping") if shutil.which(tool, path=PATH) is None]
        return f"needs {', '.join(tools)}" if tools else features.lacks(self.plan)


#: A lab, the host that up.sh ran on, and how it ended.
Brought: TypeAlias = tuple[Lab, World, Ran]
#: The fixture `up`: a check's code, and whether its good lab is meant.
Up: TypeAlias = Callable[[str, bool], Brought]


def ping(world: World, netns: str, target: str, *words: str) -> bool:
    """Return whether a ping is answered, within three tries."""
    command = shlex.split(f"ip netns exec {netns} ping -n -c 1 -W 1 {' '.join(words)} {target}")
    return any(world.run(*command).status == 0 for _ in range(3))


def build(text: str, name: str, folder: Path) -> list[Lab]:
    """Compile a lab's text into scripts below `folder`, a folder for each of its hosts; errors fail the test.

    Of several hosts, the last of the labs is all of them, emulated on one.
    """
    plans = _plans(text, name, emulated=False)
    labs = [_written(plan, folder / plan.lab.name / plan.machine) for plan in plans]
    if len(plans) > 1:
        (plan,) = _plans(text, name, emulated=True)
        labs.append(_written(plan, folder / plan.lab.name / "all of them"))
    return labs


def despite_findings(text: str, folder: Path) -> Lab:
    """Compile a lab's text into scripts in `folder`, whatever its checks would find; those of its first host."""
    topology = _bound(text)
    return _written(build_plan(topology, topology.machines[0]), folder)


def hosts_despite_findings(text: str, folder: Path) -> tuple[list[Lab], Topology]:
    """Compile likewise, for every host of a lab, into a folder for each."""
    topology = _bound(text)
    return [_written(build_plan(part, machine), folder / machine) for machine, part in slices(topology)], topology


def _bound(text: str) -> Topology:
    findings = Findings()
    expansion = expand(unroll(parse(Source("test.net", text), findings), str, findings), findings)
    topology = bind(expansion.document, "test", findings)
    assert not list(findings), [finding.message for finding in findings]
    return topology


def _plans(text: str, name: str, *, emulated: bool) -> tuple[Plan, ...]:
    def read(path: str) -> str:
        return (ROOT / "examples" / path).read_text()

    compiled = compile_lab(Source(name, text), read, emulated=emulated)
    errors = [
        f"{finding.span.place}: {finding.message}" for finding in compiled.findings if finding.severity == "error"
    ]
    assert compiled.plans, errors
    return compiled.plans


def _written(plan: Plan, folder: Path) -> Lab:
    folder.mkdir(parents=True)
    for script in files_of(BASH):
        (folder / script).write_text(render(plan, script))
    return Lab(plan, folder, plan.alone)
