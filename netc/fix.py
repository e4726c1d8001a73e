"""Makes the edits of findings: new texts from old ones, until nothing is left that has but one cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.source import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from netc.diagnostics import Edit, Finding
    from netc.source import Source, Span

Texts = dict[str, str]  # by the file's path from the lab's folder

_MOST_ROUNDS = 50  # a cure can bring up another finding; every round ends at least one


def fix(check: Callable[[Mapping[str, str]], Sequence[Finding]]) -> Texts:
    """Return the changed texts of the files that edits change.

    `check` returns the findings of a lab with some texts in place of what its files hold. After each round of edits it
    is asked again, so that what is left out for touching another edit is made in the next.
    """
    texts: Texts = {}
    seen: set[tuple[tuple[str, str], ...]] = set()
    for _ in range(_MOST_ROUNDS):
        changed = texts | edited(check(texts))
        state = tuple(sorted(changed.items()))
        if changed == texts or state in seen:
            break
        seen.add(state)
        texts = changed
    return texts


def edited(findings: Iterable[Finding]) -> Texts:
    """Return the texts with one round of edits made: of each finding all of them, or none where one cannot be made."""
    chosen: dict[str, list[Edit]] = {}
    sources: dict[str, Source] = {}
    for finding in findings:
        if not finding.edits or not all(_is_plain(edit.span) for edit in finding.edits):
            continue
        if any(_touches(edit, other) for edit in finding.edits for other in chosen.get(edit.span.source.name, ())):
            continue
        for edit in finding.edits:
            sources[edit.span.source.name] = edit.span.source
            edits = chosen.setdefault(edit.span.source.name, [])
            if edit not in edits:
                edits.append(edit)
    return {name: _apply(sources[name].text, edits) for name, edits in chosen.items()}


def _is_plain(span: Span) -> bool:
    """Whether what an edit replaces stands there once and as it is: in no loop, no template, and without `${...}`."""
    written = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    return not span.frames and span.line == span.end_line and "${" not in written


def _touches(edit: Edit, other: Edit) -> bool:
    """Whether two edits cannot both be made: they overlap, or insert different texts at one place."""
    if edit == other:
        return False
    one, two = edit.span, other.span
    starts, ends = max(_start(one), _start(two)), min(_end(one), _end(two))
    inside = _start(one) < _start(two) < _end(one) or _start(two) < _start(one) < _end(two)
    return inside or starts < ends or _start(one) == _start(two) or _end(one) == _end(two)


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def _apply(text: str, edits: list[Edit]) -> str:
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    lines = text.removeprefix(mark).split("\n")
    line_end = "\r\n" if lines[0].endswith("\r") else "\n"
    for edit in sorted(edits, key=lambda edit: _start(edit.span), reverse=True):
        span = edit.span
        line = lines[span.line - 1]
        new = edit.text.replace("\n", line_end)
        lines[span.line - 1] = line[: span.column - 1] + new + line[span.end_column - 1 :]
    return mark + "\n".join(lines)
