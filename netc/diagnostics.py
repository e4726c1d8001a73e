"""Findings as data: what is wrong, where, what would happen, what to write instead."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from netc.source import Source, Span


_LONGEST_WORD, _FEW, _AROUND = 64, 128, 16
BAD_WORD = "N002"  # what is no word has no meaning that a later phase could find fault with


class Severity(StrEnum):
    """How bad a finding is; an error means that no script is written."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Label:
    """A further place that helps to understand a finding, and a few words about it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that cures a finding for certain: `text` stands where `span` stands; a span of no width inserts it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell the author of a lab.

    `effect` says what would happen at run time, `help` what to write instead; both are plain sentences. `edits` are
    the cure where there is but one. `stops` says that up.sh would fail over this one, whatever others of its code do.
    `allowed` is the reason that the lab gives for what it means; such a finding is
    kept apart from those that are told. `symptom` is what has been seen to fail, as something to compare, and `causes`
    are the symptoms that a finding is the cause of: whoever tells of the symptom leaves the cure to it.
    """

    code: str
    severity: Severity
    message: str
    span: Span
    labels: tuple[Label, ...] = ()
    effect: str = ""
    help: str = ""
    edits: tuple[Edit, ...] = ()
    stops: bool = False
    allowed: str = ""
    symptom: object = None
    causes: frozenset[object] = frozenset()

    def sort_key(self) -> tuple[object, ...]:
        """Order findings by place, then by code; the turns of a loop keep their order."""
        return (*self.span.sort_key(), self.code)


def with_causes(findings: Iterable[Finding], allowed: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings; one whose cause another tells names that one for the cure, and takes it over if it is allowed.

    Both would else say what to write, in other words or for another mistake.
    """
    told = tuple(findings)
    cures: dict[object, str] = {}
    for finding in (*told, *allowed):
        help = finding.help if finding.allowed else f"{finding.code} tells why, and what to write"
        for symptom in finding.causes:
            cures.setdefault(symptom, help)
    return tuple(replace(f, help=cures[f.symptom]) if f.symptom in cures else f for f in told)


def error(
    code: str,
    span: Span,
    message: str,
    *,
    help: str = "",
    effect: str = "",
    labels: Iterable[Label] = (),
    edits: Iterable[Edit] = (),
) -> Finding:
    """Build an error finding of the language itself (a check builds its own through `Check.find`)."""
    return Finding(code, Severity.ERROR, message, span, tuple(labels), effect, help, tuple(edits))


@dataclass(slots=True)
class Findings:
    """Collects findings while a phase runs; a phase adds to it and goes on."""

    items: list[Finding] = field(default_factory=list)
    _seen: set[Finding] = field(default_factory=set, init=False, repr=False)

    def add(self, finding: Finding) -> None:
        """Add one finding, unless the very same is there already (a loop's turns often repeat one)."""
        if finding not in self._seen:
            self._seen.add(finding)
            self.items.append(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add several findings."""
        for finding in findings:
            self.add(finding)

    def sorted(self) -> tuple[Finding, ...]:
        """Return all findings, sorted by place; what a later phase says of a word that is none is left out."""
        bad: dict[tuple[Source, int], list[Span]] = {}
        for finding in self.items:
            if finding.code == BAD_WORD:
                bad.setdefault((finding.span.source, finding.span.line), []).append(finding.span)
        told = [f for f in self.items if not _is_echo(f, bad.get((f.span.source, f.span.line), []))]
        return tuple(sorted(told, key=Finding.sort_key))

    @property
    def failed(self) -> bool:
        """Whether an error is among them."""
        return any(f.severity is Severity.ERROR for f in self.items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)


def _is_echo(finding: Finding, bad: list[Span]) -> bool:
    """Whether a finding points at a single word of which one of the spans `bad` is a part."""
    span = finding.span
    if not bad or finding.code == BAD_WORD or span.end_line != span.line:
        return False
    written = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    if " " in written and not written.startswith('"'):
        return False
    return any(span.column <= part.column and part.end_column <= span.end_column for part in bad)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a help sentence with the nearest known word, or all of them if they are few, or ""."""
    candidates = sorted(set(known))
    near = difflib.get_close_matches(word, _likely(word, candidates), n=3, cutoff=0.6)
    if near:
        swapped = next((one for one in near if sorted(one) == sorted(word)), near[0])  # letters change places first
        return f"did you mean `{swapped}`?"
    if 0 < len(candidates) <= 12:
        return "there is " + ", ".join(f"`{c}`" for c in candidates)
    return ""


def _likely(word: str, candidates: list[str]) -> list[str]:
    """Return the candidates worth a closer look: all of a few, else those that begin or end like `word`.

    Comparing is slow, and a lab of thousands of names can hold thousands of misspelt ones.
    """
    if len(word) > _LONGEST_WORD:
        return []
    if len(candidates) <= _FEW:
        return candidates
    backwards = sorted(candidate[::-1] for candidate in candidates)
    place, back = bisect_left(candidates, word), bisect_left(backwards, word[::-1])
    near = {*candidates[max(place - _AROUND, 0) : place + _AROUND]}
    near |= {name[::-1] for name in backwards[max(back - _AROUND, 0) : back + _AROUND]}
    return sorted(near)
