"""Findings as text for a person: place, code, what, where in the source, what would happen, what to write."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netc.diagnostics import Finding, Label, Severity
from netc.source import Span

_TAB = 4
_MOST_WIDTH = 160


@dataclass(frozen=True, slots=True)
class Palette:
    """Escape sequences (ECMA-48 SGR) around parts of a finding; all empty where colour is not wanted."""

    error: str = ""
    warning: str = ""
    info: str = ""
    strong: str = ""
    faint: str = ""
    end: str = ""


PLAIN = Palette()
COLOUR = Palette("\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1m", "\x1b[2m", "\x1b[0m")


def report(findings: Iterable[Finding], palette: Palette = PLAIN) -> str:
    """Return the findings as text, each as a paragraph, and a line that counts them."""
    found = list(findings)
    if not found:
        return ""
    paragraphs = ["\n".join(_paragraph(turns, palette)) for turns in _by_place(found)]
    return "\n\n".join([*paragraphs, _count(found)]) + "\n"


def _by_place(found: list[Finding]) -> list[list[Finding]]:
    """Return the findings, those that are the same but for the turn of a loop together."""
    places: dict[object, list[Finding]] = {}
    for finding in found:
        alone = None if finding.span.frames else finding.message
        places.setdefault((finding.code, finding.span.sort_key(), alone), []).append(finding)
    return list(places.values())


def _count(found: list[Finding]) -> str:
    parts = []
    for severity in Severity:
        number = sum(finding.severity is severity for finding in found)
        if number:
            parts.append(f"{number} {severity}{'s' if number > 1 and severity is not Severity.INFO else ''}")
    return f"{', '.join(parts)}; `netc explain {found[0].code}` tells more"


def _paragraph(turns: list[Finding], palette: Palette) -> Iterator[str]:
    finding = turns[0]
    colour = {Severity.ERROR: palette.error, Severity.WARNING: palette.warning, Severity.INFO: palette.info}[
        finding.severity
    ]
    span = finding.span
    place = f"{span.source.path or span.source.name}:{span.line}:{span.column}"
    head = f"{palette.strong}{place}:{palette.end} {colour}{finding.severity}[{finding.code}]{palette.end}: "
    yield f"{head}{palette.strong}{_printable(finding.message)}{palette.end}"
    yield from _excerpt(finding, colour, palette)
    for frame in span.frames:
        yield f"   = {frame.text} ({frame.span.source.path or frame.span.source.name}:{frame.span.line})"
    if len(turns) > 1:
        last = turns[-1].span.frames[-1].text
        yield f"   = and {len(turns) - 1} more like this here, the last {last}"
    if finding.effect:
        yield f"   = {_printable(finding.effect)}"
    if finding.help:
        yield f"   = {palette.strong}help{palette.end}: {_printable(finding.help)}"


def _excerpt(finding: Finding, colour: str, palette: Palette) -> Iterator[str]:
    marks = [(finding.span, "^", "", colour)]
    for label in finding.labels:
        if label.span.source is finding.span.source:
            marks.append((label.span, "-", label.text, palette.faint))
        else:
            yield f"   = {_elsewhere(label)}"
    width = max(len(str(span.line)) for span, _, _, _ in marks)
    yield f" {' ' * width} |"
    previous = 0
    for span, sign, text, paint in sorted(marks, key=lambda mark: (mark[0].line, mark[1])):
        if span.line != previous:
            yield f" {span.line:>{width}} | {_shown(span.source.line(span.line))}".rstrip()
        previous = span.line
        indent, length = _columns(span)
        underline = f"{paint}{sign * length}{palette.end if paint else ''} {_printable(text)}"
        yield f" {' ' * width} | {' ' * indent}{underline}".rstrip()


def _elsewhere(label: Label) -> str:
    span = label.span
    return f"{span.source.path or span.source.name}:{span.line}:{span.column}: {_printable(label.text)}"


def _columns(span: Span) -> tuple[int, int]:
    """Return how many columns stand before the span and how many it takes, as a terminal shows them."""
    line = span.source.line(span.line)
    start = _width(line[: span.column - 1])
    end_column = span.end_column if span.end_line == span.line else len(line) + 1
    length = max(1, _width(line[span.column - 1 : end_column - 1]))
    return min(start, _MOST_WIDTH), max(1, min(length, _MOST_WIDTH - min(start, _MOST_WIDTH)))


def _shown(line: str) -> str:
    shown = "".join(" " * _TAB if char == "\t" else char if char.isprintable() else "\ufffd" for char in line)
    return shown if len(shown) <= _MOST_WIDTH else shown[: _MOST_WIDTH - 3] + "..."


def _width(text: str) -> int:
    total = 0
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        total += _TAB if char == "\t" else 2 if wide else 0 if unicodedata.combining(char) else 1
    return total


def _printable(text: str) -> str:
    """Return text without what would disturb a terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
