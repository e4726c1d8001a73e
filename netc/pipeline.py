"""The corridor: text to scripts, every phase spelled out once."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

from netc.allow import allow
from netc.bind import bind
from netc.checks import run_checks
from netc.diagnostics import Finding, Findings
from netc.emulate import emulate
from netc.plan.build import build_plan
from netc.plan.step import Plan
from netc.source import Source
from netc.syntax.parser import parse
from netc.syntax.tree import Document
from netc.topology.model import Topology
from netc.unroll import unroll

Reader = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a lab came to: its findings, and where no error is among them its plans, one for each machine.

    `allowed` are the findings that the lab says it means.
    """

    findings: tuple[Finding, ...]
    allowed: tuple[Finding, ...]
    document: Document
    topology: Topology
    plans: tuple[Plan, ...]

    @property
    def failed(self) -> bool:
        """Whether an error is among the findings, so that there is no plan."""
        return not self.plans


def compile_lab(source: Source, read: Reader, prefix: str | None = None, emulated: bool = False) -> Compiled:
    """Compile a lab. `read` returns the text of an included file by its path from the lab's folder.

    An emulated lab has one plan, which stands in for those of all its hosts.
    """
    findings = Findings()
    document = parse(source, findings)
    unrolled = unroll(document, read, findings)
    topology = bind(unrolled, stem_of(source.name), findings, prefix)
    complete = not findings.failed
    run_checks(topology, findings)
    findings, allowed = allow(unrolled.allows, findings, complete=complete)
    if emulated and not findings.failed:
        topology = emulate(topology)
    plans = () if findings.failed else tuple(build_plan(topology, machine) for machine in topology.machines)
    return Compiled(findings.sorted(), allowed, document, topology, plans)


def stem_of(name: str) -> str:
    """Return the lab's name where the file says none: its own, without the ending."""
    return posixpath.splitext(posixpath.basename(name))[0] or "lab"
