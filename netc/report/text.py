"""Findings as text for a person: place, code, what, where in the source, what would happen, what to write."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netc.diagnostics import Finding, Label, Severity
from netc.source import Span

_TAB = 4
_DOTS = "..."
_MOST_WIDTH = 160
_BEFORE_MARK = 60  # columns of a long line that are shown before what a finding points at
_MOST = 50  # a first run over somebody's lab shall not push the first finding out of sight


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


def report(findings: Iterable[Finding], palette: Palette = PLAIN, most: int = _MOST) -> str:
    """Return the findings as text, each as a paragraph, and a line that counts them.

    After `most` paragraphs it says how many are left out; errors come before warnings then.
    """
    found = list(findings)
    if not found:
        return ""
    places = _by_place(found)
    shown = _worst(places, most)
    paragraphs = ["\n".join(_paragraph(turns, palette)) for turns in shown]
    if len(shown) < len(places):
        rest = len(places) - len(shown)
        paragraphs.append(f"and {rest} more; `netc check --format github` tells each of them in one line")
    return "\n\n".join([*paragraphs, _count(found)]) + "\n"


def _worst(places: list[list[Finding]], most: int) -> list[list[Finding]]:
    """Return at most that many, the errors among them first of all, in the order of their places."""
    if len(places) <= most:
        return places
    severities = list(Severity)
    order = sorted(range(len(places)), key=lambda index: (severities.index(places[index][0].severity), index))
    return [places[index] for index in sorted(order[:most])]


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
    previous, start = 0, 0
    for span, sign, text, paint in sorted(marks, key=lambda mark: (mark[0].line, mark[1])):
        line = span.source.line(span.line)
        if span.line != previous:
            start = _start_of_excerpt(line, span.column - 1)
            yield f" {span.line:>{width}} | {_shown(line, start)}".rstrip()
        previous = span.line
        indent, length = _columns(line, start, span)
        underline = f"{paint}{sign * length}{palette.end if paint else ''} {_printable(text)}"
        yield f" {' ' * width} | {' ' * indent}{underline}".rstrip()


def _elsewhere(label: Label) -> str:
    span = label.span
    return f"{span.source.path or span.source.name}:{span.line}:{span.column}: {_printable(label.text)}"


def _start_of_excerpt(line: str, mark: int) -> int:
    """Return the index of the first character that is shown of a line: not the first where the mark is far away."""
    # Lines can be a million characters long: nothing here looks at more of one than could be shown.
    if _width(line[: _MOST_WIDTH + 1]) <= _MOST_WIDTH or _fits(line[: min(mark, _MOST_WIDTH)]):
        return 0
    start = mark
    while start > 0 and _width(line[start - 1 : mark]) <= _BEFORE_MARK:
        start -= 1
    return start


def _fits(before: str) -> bool:
    return _width(before) <= _MOST_WIDTH - _BEFORE_MARK


def _columns(line: str, start: int, span: Span) -> tuple[int, int]:
    """Return how many columns stand before the span and how many it takes, as a terminal shows them."""
    end_column = span.end_column if span.end_line == span.line else len(line) + 1
    dots = len(_DOTS) if start else 0
    first = min(max(span.column - 1, start), start + _MOST_WIDTH)
    last = min(max(end_column - 1, first), first + _MOST_WIDTH)
    before = min(dots + _width(line[start:first]), _MOST_WIDTH)
    return before, max(1, min(_width(line[first:last]), _MOST_WIDTH - before))


def _shown(line: str, start: int) -> str:
    """Return what is shown of a line, from a character on: as many columns as there is room for."""
    text, room = _DOTS if start else "", _MOST_WIDTH - (len(_DOTS) if start else 0)
    rest = line[start : start + room + 1]
    whole = _width(rest) <= room
    for char in rest:
        room -= _width(char)
        if room < (0 if whole else len(_DOTS)):
            return text + _DOTS
        text += " " * _TAB if char == "\t" else char if char.isprintable() else "\ufffd"
    return text


def _width(text: str) -> int:
    total = 0
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        total += _TAB if char == "\t" else 2 if wide else 0 if unicodedata.combining(char) else 1
    return total


def _printable(text: str) -> str:
    """Return text without what would disturb a terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
