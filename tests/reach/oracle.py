"""Asks the kernel what the model predicts: brings labs up in throw-away hosts and pings every pair in them."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from netc.bind import bind
from netc.checks import checks
from netc.diagnostics import Findings
from netc.plan.build import build_plan
from netc.reach.gateway import Verdict, judge
from netc.reach.net import Net
from netc.reach.pings import Ping, ping
from netc.render.render import render
from netc.source import Source
from netc.syntax.parser import parse
from netc.topology.model import Made, NetnsKey, Topology
from netc.unroll import unroll
from tests.kernel.world import Job, World
from tests.reach.signs import accepted

#: Of a lab's pings, how many that are to be answered are tried alone.
ALONE = 4
PINGER = Path(__file__).with_name("pinger.py")
#: One lab in namespaces of its own: nothing is left when it ends.
SCRIPT = """
mount -t tmpfs tmpfs /run
ip link set dev lo up
bash "$1/up.sh" -q || exit 3
exec python3 -I -S {pinger} "$1/job" "$1/result"
"""
#: The checks of what the kernel refuses to take, as far as the generators draw it.
REFUSING = ("N203", "N204", "N208", "N209", "N210", "N214", "N215", "N219", "N220", "N353", "N362", "N363")


@dataclass(frozen=True)
class Pair:
    """A ping: the namespace that sends it, its target, and what the model says, None where it cannot tell."""

    netns: NetnsKey
    target: str
    accepts: frozenset[str] | None
    ping: Ping

    def __str__(self) -> str:
        stops = ", ".join(f"{walk.stop.name} at {walk.where.label}" for walk in self.ping.walks)
        return f"{self.netns.label} -> {self.target}: {' or '.join(sorted(self.accepts or ['unknown']))} ({stops})"


@dataclass
class Case:
    """A lab, what the model says of it, and what the kernel did."""

    name: str
    text: str
    topology: Topology | None = None
    pairs: list[Pair] = field(default_factory=list)
    refused: str = ""
    results: list[str] = field(default_factory=list)

    @property
    def asked(self) -> list[Pair]:
        """The pings that the model can tell."""
        return [pair for pair in self.pairs if pair.accepts is not None]

    def disagreements(self) -> Iterator[str]:
        """Yield where model and kernel disagree."""
        for pair, result in zip(self.asked, self.results, strict=True):
            assert pair.accepts is not None
            if result not in pair.accepts:
                yield f"{self.name}: the kernel says {result}, the model {pair}"


def read(name: str, text: str) -> Case:
    """Bind a lab, and predict every pair; `refused` says why it is none that comes up."""
    case = Case(name, text)
    findings = Findings()
    document = unroll(parse(Source("lab.net", text), findings), lambda path: "", findings)
    topology = bind(document, "lab", findings)
    if findings.failed:
        case.refused = "; ".join(finding.message for finding in findings)
        return case
    net = Net(topology)
    case.refused = next(_refusals(net), "")
    if case.refused:
        return case
    case.topology = topology
    case.pairs = list(predict(net))
    return case


def _refusals(net: Net) -> Iterator[str]:
    """Yield why up.sh would fail: what checks say that the kernel refuses, and gateways that the host may know of."""
    for check in map(checks().__getitem__, REFUSING):
        told = (finding for finding in check.run(check, net.topology) if finding.stops or not check.comes_up)
        yield from (f"{finding.code}: {finding.message}" for finding in told)
    for route in net.topology.routes:
        if route.gateway is not None and judge(net, route).verdict is Verdict.UNKNOWN:
            yield f"{route.origin.text}: {Verdict.UNKNOWN.value}"


def predict(net: Net) -> Iterator[Pair]:
    """Yield the pings of every address by every namespace."""
    for netns in net.topology.netnses:
        for device in net.topology.devices.values():
            for address in device.addresses:
                if address.ip.is_link_local and address.ip.version == 6:
                    continue
                found = ping(net, netns, address.ip)
                yield Pair(netns, str(address.ip), accepted(net, found), found)


def ask(world: World, cases: list[Case], folder: Path) -> None:
    """Bring labs up at the same time, each in a host of its own, and ping their pairs."""
    jobs = []
    for number, case in enumerate(cases):
        assert case.topology is not None
        place = folder / f"{os.getpid()}-{number}"
        place.mkdir(parents=True, exist_ok=True)
        (place / "result").unlink(missing_ok=True)
        (place / "up.sh").write_text(render(build_plan(case.topology, "host"), "up.sh"))
        netnses = ["", *(key.netns for key in case.topology.netnses if not key.is_root)]
        pings = [[pair.netns.netns, pair.target, None, sorted(pair.accepts or ())] for pair in case.asked]
        job = {"netnses": netnses, "pings": pings, "alone": _some_answered(case)}
        (place / "job").write_text(json.dumps(job))
        jobs.append(Job(("unshare", "--net", "--mount", "bash", "-c", SCRIPT.format(pinger=PINGER), "lab", str(place))))
    for number, (case, ran) in enumerate(zip(cases, world.together(*jobs, timeout=300), strict=True)):
        result = folder / f"{os.getpid()}-{number}" / "result"
        if ran.status == 3:
            case.refused = f"up.sh: {ran.err.strip()[-400:]}"
        elif ran.status:
            raise RuntimeError(f"{case.name}: {ran}")
        else:
            case.results = json.loads(result.read_text())


def _some_answered(case: Case) -> list[int]:
    """Return some of the pings that the model says are answered: what is to fail and does not is tried alone anyway."""
    answered = [number for number, pair in enumerate(case.asked) if pair.ping.answered]
    return random.Random(case.text).sample(answered, min(ALONE, len(answered)))


def is_made(topology: Topology) -> bool:
    """Whether a lab needs nothing of its host."""
    return all(device.made is not Made.OTHERS for device in topology.devices.values())
