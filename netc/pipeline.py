"""The corridor: text to scripts, every phase spelled out once."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, replace

from netc.allow import allow
from netc.bind import bind
from netc.checks import run_checks
from netc.diagnostics import Finding, Findings, with_causes
from netc.emulate import emulate, refusals
from netc.networks import expand
from netc.plan.build import build_plan
from netc.plan.slices import slices
from netc.plan.step import Plan
from netc.routing import asks_for_routes, write_routes
from netc.source import Source
from netc.syntax.parser import parse
from netc.syntax.printer import print_document
from netc.syntax.tree import Document
from netc.topology.model import Topology
from netc.unroll import unroll

Reader = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a lab came to: its findings, and where no error is among them its plans, one for each machine.

    `allowed` are the findings that the lab says it means; `plain` is the document without loops, templates and
    networks.
    """

    findings: tuple[Finding, ...]
    allowed: tuple[Finding, ...]
    document: Document
    plain: Document
    topology: Topology
    plans: tuple[Plan, ...]

    @property
    def failed(self) -> bool:
        """Whether an error is among the findings, so that there is no plan."""
        return not self.plans


@dataclass(frozen=True, slots=True)
class Bound:
    """A lab whose statements are understood: its topology, and what was found on the way, before any check."""

    findings: Findings
    document: Document
    unrolled: Document
    plain: Document
    topology: Topology


def bind_lab(source: Source, read: Reader, prefix: str | None = None) -> Bound:
    """Return a lab as a topology. `read` returns the text of an included file by its path from the lab's folder."""
    findings = Findings()
    document = parse(source, findings)
    unrolled = unroll(document, read, findings)
    expansion = expand(unrolled, findings, prefix)
    plain = _with_routes(expansion.document, stem_of(source.name), prefix)
    topology = bind(plain, stem_of(source.name), findings, prefix)
    return Bound(findings, document, unrolled, plain, replace(topology, networks=expansion.networks))


def compile_lab(source: Source, read: Reader, prefix: str | None = None, emulated: bool = False) -> Compiled:
    """Compile a lab. An emulated one has one plan, which stands in for those of all its hosts."""
    bound = bind_lab(source, read, prefix)
    findings, topology = bound.findings, bound.topology
    complete = not findings.failed
    run_checks(topology, findings)
    findings, allowed = allow(bound.unrolled.allows, findings, complete=complete)
    for refusal in refusals(topology) if emulated else ():
        findings.add(refusal)
    if emulated and not findings.failed:
        topology = emulate(topology)
    plans = () if findings.failed else tuple(build_plan(part, machine) for machine, part in slices(topology))
    told = with_causes(findings.sorted(), allowed)
    return Compiled(told, allowed, bound.document, bound.plain, topology, plans)


def _with_routes(document: Document, stem: str, prefix: str | None) -> Document:
    """Return a document with the routes of `routing auto` written out, if it binds at all."""
    if not asks_for_routes(document):
        return document
    found = Findings()
    topology = bind(document, stem, found, prefix)
    return document if found.failed else write_routes(document, topology)


def printed(compiled: Compiled) -> str:
    """Return a lab as plain statements, which compile to the same bytes."""
    lab = compiled.topology.lab
    networks = {span for network in compiled.topology.networks for span in network.spans()}
    meant = {f.code: f.allowed for f in compiled.allowed if f.span not in networks}  # no network, no fault with it
    allows = [f"# netc: allow-file {code} -- {reason}" for code, reason in meant.items()]
    text = print_document(compiled.plain, lab.name.removeprefix(lab.prefix), lab.prefix, lab.span.place)
    return "".join(f"{line}\n" for line in allows) + text


def stem_of(name: str) -> str:
    """Return the lab's name where the file says none: its own, without the ending."""
    return posixpath.splitext(posixpath.basename(name))[0] or "lab"
