"""The canonical form of a lab file: what `netc fmt` writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from netc.syntax.tree import Arrow, Block, Equals, Group, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from netc.syntax.tree import Comment, Document, Part, Statement

WIDTH = 100
_INDENT = "  "
# Statements whose blocks hold statements; every other block holds options, where `_` and `-` are equal.
_HOLD_STATEMENTS = {"netns", "in", "host", "template"}
# Where the block is of the same sort as the one that it stands in.
_TRANSPARENT = {"for"}
# A head whose `_` can become `-` without making an arrow of it.
_SOFT_HEAD = re.compile(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+)*")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}

# A statement's lines: text, and between two texts the block that stands open there.
_Layout: TypeAlias = "list[str | Block]"


def format_document(document: Document) -> str:
    """Return the canonical text of a document that parsed without a finding.

    It says the same, comments included, and formatting it again changes nothing. Two spaces indent a block; a block
    that was written on one line stays there if the line then has at most 100 columns; one blank line in a row is kept.
    """
    formatter = _Formatter(document.comments)
    formatter.body(document.statements, 0, None, options=False)
    return "".join(f"{line}\n" for line in formatter.lines)


class _Formatter:
    """Writes lines; the comments are taken up in the order of the text, each once its place has come."""

    def __init__(self, comments: Sequence[Comment]) -> None:
        self.lines: list[str] = []
        self._comments = comments
        self._taken = 0
        self._source_line = 0  # where the last thing written ends in the source
        self._fresh = True  # whether the last thing written is a `{`, or nothing

    def body(self, statements: Sequence[Statement], depth: int, end: tuple[int, int] | None, *, options: bool) -> None:
        """Write the statements of a block, or of the file, and the comments up to its end."""
        for statement in statements:
            span = statement.span
            self._take_comments(depth, (span.line, span.column))
            self._keep_blank(span.line)
            self._statement(statement, depth, options=options)
        self._take_comments(depth, end)

    def _take_comments(self, depth: int, end: tuple[int, int] | None) -> None:
        while self._taken < len(self._comments):
            comment = self._comments[self._taken]
            span = comment.span
            if end is not None and (span.line, span.column) > end:
                return
            self._taken += 1
            if span.line == self._source_line:
                self.lines[-1] += f"  {comment.text}"
                continue
            self._keep_blank(span.line)
            self.lines.append(_INDENT * depth + comment.text)
            self._source_line, self._fresh = span.line, False

    def _keep_blank(self, line: int) -> None:
        if not self._fresh and line - self._source_line > 1:
            self.lines.append("")

    def _statement(self, statement: Statement, depth: int, *, options: bool) -> None:
        head = statement.head.text
        inner = options if head in _TRANSPARENT else head not in _HOLD_STATEMENTS
        indent = _INDENT * depth
        for piece in _layout(statement, WIDTH - len(indent), options=options, inner=inner):
            if isinstance(piece, str):
                self.lines.append(indent + piece)
                continue
            self._source_line, self._fresh = piece.span.line, True
            self.body(piece.statements, depth + 1, (piece.span.end_line, piece.span.end_column), options=inner)
        self._source_line, self._fresh = statement.span.end_line, False


def _layout(statement: Statement, room: int, *, options: bool, inner: bool) -> _Layout:
    """Return the lines of a statement; where one has no room, all its blocks stand open."""
    kept = _lines(statement, options=options, inner=inner, every=False)
    if all(not isinstance(line, str) or len(line) <= room for line in kept):
        return kept
    return _lines(statement, options=options, inner=inner, every=True)


def _lines(statement: Statement, *, options: bool, inner: bool, every: bool) -> _Layout:
    found: _Layout = []
    line = _head(statement.head, options=options)
    before: Part = statement.head
    for part in statement.parts:
        if not isinstance(part, Block):
            line += _joint(before, part) + _plain(part)
        elif _stands_open(part, every=every):
            found += [f"{line} {{", part]
            line = "}"
        else:
            line += " " + _at_most(_flat_block(part, options=inner))
        before = part
    return [*found, line]


def _stands_open(block: Block, *, every: bool) -> bool:
    on_one_line = block.span.line == block.span.end_line
    # A block without a statement over several lines may hold comments; on one line it cannot.
    return not on_one_line or (every and bool(block.statements))


def _at_most(pieces: Iterator[str]) -> str:
    """Join the pieces, as far as there can be room for them: what is longer is not used, only seen to be too long."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text) > WIDTH:
            break
    return text


def _flat_block(block: Block, *, options: bool) -> Iterator[str]:
    yield "{ "
    for index, statement in enumerate(block.statements):
        yield "; " if index else ""
        yield from _flat_statement(statement, options=options)
    yield " }" if block.statements else "}"


def flat(statement: Statement) -> str:
    """Return a statement on one line, however long."""
    return "".join(_flat_statement(statement, options=False))


def _flat_statement(statement: Statement, *, options: bool) -> Iterator[str]:
    head = statement.head.text
    inner = options if head in _TRANSPARENT else head not in _HOLD_STATEMENTS
    yield _head(statement.head, options=options)
    before: Part = statement.head
    for part in statement.parts:
        if isinstance(part, Block):
            yield " "
            yield from _flat_block(part, options=inner)
        else:
            yield _joint(before, part) + _plain(part)
        before = part


def _joint(before: Part, part: Part) -> str:
    return "" if isinstance(part, Group) and isinstance(before, Word) else " "


def _head(word: Word, *, options: bool) -> str:
    if options and not word.quoted and _SOFT_HEAD.fullmatch(word.text):
        return word.text.replace("_", "-")
    return _plain(word)


def _plain(part: Word | Arrow | Equals | Group) -> str:
    if isinstance(part, Group):
        return "(" + ", ".join(_plain(word) for word in part.items) + ")"
    if isinstance(part, Equals):
        return "="
    if isinstance(part, Word) and part.quoted:
        return '"' + "".join(_ESCAPED.get(char, char) for char in part.text) + '"'
    return part.text
