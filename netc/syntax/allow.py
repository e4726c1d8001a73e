"""Reads the comments that allow a finding: `# netc: allow NAME -- REASON`, and where each of them holds.

At the end of a line it holds for the statement that it follows, with its block; on a line of its own for the statement
after it; `allow-file`, before the first statement, for the whole file. `netc fmt` moves neither to another statement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.diagnostics import did_you_mean, error
from netc.syntax.tree import Allow, Block, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from netc.diagnostics import Findings
    from netc.syntax.tree import Comment, Statement

_FORM = "# netc: allow NAME -- why it is meant"
_OURS = re.compile(r"#\s*netc\s*:\s*")
_DIRECTIVES = ("allow", "allow-file")


def read_allows(comments: Iterable[Comment], statements: Sequence[Statement], findings: Findings) -> tuple[Allow, ...]:
    """Return what the comments of a file allow; one that cannot be read is told in `findings`."""
    ours = [(comment, start) for comment in comments if (start := _OURS.match(comment.text)) is not None]
    found = (_read(comment, start.end(), statements, findings) for comment, start in ours)
    return tuple(allow for allow in found if allow is not None)


def _read(comment: Comment, start: int, statements: Sequence[Statement], findings: Findings) -> Allow | None:
    said, dashes, reason = comment.text[start:].partition("--")
    words = [
        Word(match[0], comment.span.part(start + match.start(), start + match.end()))
        for match in re.finditer(r"[^\s,]+", said)
    ]

    def tell(word: Word | None, message: str, help: str) -> None:
        findings.add(error("N014", comment.span if word is None else word.span, message, help=help))

    if not words or words[0].text not in _DIRECTIVES:
        shown = f"`{words[0].text}` is nothing that" if words else "nothing says what"
        near = did_you_mean(words[0].text, _DIRECTIVES) if words else ""
        tell(words[0] if words else None, f"{shown} a comment can ask of netc", near or f"write `{_FORM}`")
        return None
    directive, names = words[0], tuple(words[1:])
    if not names:
        tell(directive, "this allows nothing: the name of a finding is missing", f"write `{_FORM}`")
        return None
    if not dashes or not reason.strip():
        form = f"# netc: {directive.text} {' '.join(name.text for name in names)} -- why it is meant"
        tell(None, "the reason is missing", f"write `{form}`")  # and not what it is about as well
    if directive.text == "allow-file":
        if any((s.span.line, s.span.column) < (comment.span.line, comment.span.column) for s in statements[:1]):
            tell(directive, "`allow-file` stands before the first statement of a file", "move it to the top")
            return None
        return Allow(names, reason.strip(), comment.span, None)
    statement = _after(comment, statements) if comment.own_line else _before(comment, statements)
    if statement is None:
        tell(None, "this holds for nothing: no statement follows in this block", "put it above the statement it is for")
        return None
    return Allow(names, reason.strip(), comment.span, statement.span)


def _after(comment: Comment, statements: Sequence[Statement]) -> Statement | None:
    """Return the statement that follows a comment in the block that the comment stands in."""
    place = (comment.span.line, comment.span.column)
    for statement in statements:
        if (statement.span.line, statement.span.column) > place:
            return statement
        if place < (statement.span.end_line, statement.span.end_column):
            block = _block_around(comment, statement)
            return statement if block is None else _after(comment, block.statements)
    return None


def _before(comment: Comment, statements: Sequence[Statement]) -> Statement | None:
    """Return the statement that a comment at the end of a line follows, or whose block opens right before it."""
    place = (comment.span.line, comment.span.column)
    found: Statement | None = None
    for statement in statements:
        if (statement.span.line, statement.span.column) > place:
            break
        found = statement
    block = None if found is None else _block_around(comment, found)
    if block is None:
        return found
    return _before(comment, block.statements) or found


def _block_around(comment: Comment, statement: Statement) -> Block | None:
    place = (comment.span.line, comment.span.column)
    return next((b for b in _blocks(statement) if (b.span.line, b.span.column) < place < _end(b)), None)


def _blocks(statement: Statement) -> Iterator[Block]:
    return (part for part in statement.parts if isinstance(part, Block))


def _end(block: Block) -> tuple[int, int]:
    return block.span.end_line, block.span.end_column
