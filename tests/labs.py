"""Runs the corridor's first half over text, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netc.bind.bind import bind
from netc.diagnostics import Finding, Findings
from netc.networks import expand
from netc.source import Source
from netc.syntax.parser import parse
from netc.syntax.tree import Arrow, Block, Document, Equals, Group, Statement, Word
from netc.topology.model import Address, Device, DeviceKey, NetnsKey, Topology
from netc.unroll.unroll import unroll

HOST = NetnsKey("host", "")


@dataclass(frozen=True)
class Told:
    """A finding as tests compare it: its code, what of the source its span covers, and its message."""

    code: str
    at: str
    message: str


def reader(files: Mapping[str, str]) -> Callable[[str], str]:
    """Return what reads included files."""

    def read(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory", name)
        return files[name]

    return read


def parsed(text: str) -> tuple[Document, Findings]:
    """Return the Document of a text and the findings."""
    findings = Findings()
    return parse(Source("lab.net", text), findings), findings


def unrolled(text: str, files: Mapping[str, str] | None = None) -> tuple[Document, Findings]:
    """Return the unrolled Document of a text and the findings."""
    document, findings = parsed(text)
    return unroll(document, reader(files or {}), findings), findings


def bound(text: str, prefix: str | None = None) -> tuple[Topology, Findings]:
    """Return the Topology of a text and the findings."""
    document, findings = unrolled(text)
    return bind(expand(document, findings, prefix).document, "lab", findings, prefix), findings


def topology_of(text: str, prefix: str | None = None) -> Topology:
    """Return the Topology of a text that has no fault."""
    topology, findings = bound(text, prefix)
    assert told(findings) == []
    return topology


def told(findings: Findings) -> list[Told]:
    """Return the findings in the order of their places."""
    return [Told(finding.code, covered(finding), finding.message) for finding in findings.sorted()]


def covered(finding: Finding) -> str:
    """Return the text that a finding's span covers."""
    span = finding.span
    lines = [span.source.line(number) for number in range(span.line, span.end_line + 1)]
    lines[-1] = lines[-1][: span.end_column - 1]
    return "\n".join(lines)[span.column - 1 :]


def assert_spans_inside(findings: Findings) -> None:
    """Check that every span of every finding lies inside its source."""
    for finding in findings:
        for span in (finding.span, *(label.span for label in finding.labels)):
            lines = span.source.text.split("\n")
            assert (1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column), finding
            assert span.end_line <= len(lines), finding
            assert span.column <= len(lines[span.line - 1]) + 1, finding
            # A line end is a character, too.
            assert span.end_column <= len(lines[span.end_line - 1]) + 2, finding


Plain = tuple[object, ...]


def plain(statements: tuple[Statement, ...]) -> Plain:
    """Return statements without their spans, to compare them."""
    return tuple((_plain_part(statement.head), *map(_plain_part, statement.parts)) for statement in statements)


def _plain_part(part: Word | Arrow | Equals | Group | Block) -> Plain:
    match part:
        case Word(text, _, quoted):
            return ("word", text, quoted)
        case Arrow(text):
            return ("arrow", text)
        case Equals():
            return ("equals",)
        case Group(items):
            return ("group", *map(_plain_part, items))
        case Block(inner):
            return ("block", plain(inner))


def texts(document: Document) -> list[str]:
    """Return the statements of a document as one line each, blocks in braces."""
    return [_text(statement) for statement in document.statements]


def _text(statement: Statement) -> str:
    inner = [_text(s) for part in statement.parts if isinstance(part, Block) for s in part.statements]
    has_block = any(isinstance(part, Block) for part in statement.parts)
    return statement.title + (" { " + "; ".join(inner) + " }" if has_block else "")


def device(topology: Topology, netns: str, name: str) -> Device:
    """Return a device of a namespace; "" is the host's own."""
    return topology.devices[DeviceKey(NetnsKey("host", netns), name)]


def addresses(topology: Topology, netns: str, name: str) -> list[str]:
    """Return a device's addresses."""
    return [str(address.interface) for address in device(topology, netns, name).addresses]


def all_addresses(topology: Topology) -> list[Address]:
    """Return every address."""
    return [address for device in topology.devices.values() for address in device.addresses]
