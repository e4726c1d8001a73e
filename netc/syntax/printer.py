"""A Document as text that binds to the same things: what `netc expand` prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netc.source import LINE_MARK
from netc.syntax.formatter import flat
from netc.syntax.tree import Block, Statement, Word

if TYPE_CHECKING:
    from netc.syntax.tree import Document, Part

_HEAD = "# As plain statements: `#line` says which line of the lab those after it come from."
_HOLD_STATEMENTS = {"host", "netns", "in"}
_BARE = re.compile(r"[A-Za-z0-9_.:/@+%*~][A-Za-z0-9_.:/@+%*~-]*")


def print_document(document: Document, lab: str, prefix: str, place: str) -> str:
    """Return the text of an unrolled document of statements that are all plain.

    A mark before a statement says which line of which file it comes from, so that scripts name that line. The lab's
    name and prefix are always written, since the text may be read under another name; `place` is where they come from.
    """
    others = tuple(statement for statement in document.statements if statement.keyword != "lab")
    lines = [
        _HEAD,
        f"{LINE_MARK}{place}",
        f"lab {_flat_word(lab)}" + (f" {{ name-prefix {prefix} }}" if prefix else ""),
    ]
    return "".join(f"{line}\n" for line in [*lines, *_Printer(place).body(others, "")])


class _Printer:
    def __init__(self, place: str) -> None:
        self._place = place

    def body(self, statements: Iterable[Statement], indent: str) -> Iterator[str]:
        for statement in statements:
            if statement.span.place != self._place:
                self._place = statement.span.place
                yield f"{indent}{LINE_MARK}{self._place}"
            safe = _safe(statement)
            block = safe.parts[-1] if safe.parts else None
            if statement.keyword not in _HOLD_STATEMENTS or not isinstance(block, Block):
                yield indent + flat(safe)
                continue
            yield f"{indent}{flat(replace(safe, parts=safe.parts[:-1]))} {{"
            inner = statement.parts[-1]
            assert isinstance(inner, Block)
            yield from self.body(inner.statements, indent + "  ")
            yield f"{indent}}}"


def _flat_word(text: str) -> str:
    return text if _is_bare(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _safe(statement: Statement) -> Statement:
    """Return a statement whose words are read again as what they are."""
    return replace(statement, parts=tuple(_safe_part(part) for part in statement.parts))


def _safe_part(part: Part) -> Part:
    if isinstance(part, Word):
        return Word(part.text.replace("${", "$${"), part.span, part.quoted or not _is_bare(part.text))
    if isinstance(part, Block):
        return Block(tuple(_safe(inner) for inner in part.statements), part.span)
    return part


def _is_bare(text: str) -> bool:
    return bool(_BARE.fullmatch(text)) and not any(arrow in text for arrow in ("--", "->", "-/>"))
