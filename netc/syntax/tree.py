"""The Document: what stands in a lab file, with a span on every node, before anybody knows what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from netc.source import Source, Span


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a string in quotes; `text` is without the quotes and with escapes resolved."""

    text: str
    span: Span
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """One of `--`, `->`, `<->`, `-/>`."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Equals:
    """An equals sign."""

    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """Words in parentheses: a template's parameters, a use's arguments."""

    items: tuple[Word, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """Statements in braces."""

    statements: tuple[Statement, ...]
    span: Span


Part: TypeAlias = Word | Arrow | Equals | Group | Block


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; its first part is always a word."""

    head: Word
    parts: tuple[Part, ...]
    span: Span

    @property
    def keyword(self) -> str:
        """The head as a keyword; "" where it stands in quotes, which make a word mean only itself."""
        return "" if self.head.quoted else self.head.text

    @property
    def words(self) -> tuple[Word, ...]:
        """The words after the head, up to the first part that is not a word."""
        found = []
        for part in self.parts:
            if not isinstance(part, Word):
                break
            found.append(part)
        return tuple(found)

    @property
    def title(self) -> str:
        """The statement on one line as far as its first block, the way scripts name it."""
        texts = [self.head.text]
        for part in self.parts:
            if isinstance(part, Block):
                break
            if isinstance(part, Group):
                texts.append("(" + ", ".join(w.text for w in part.items) + ")")
            else:
                texts.append("=" if isinstance(part, Equals) else part.text)
        return " ".join(texts)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its `#`; `own_line` tells whether nothing stands before it on its line."""

    text: str
    span: Span
    own_line: bool


@dataclass(frozen=True, slots=True)
class Allow:
    """A comment `# netc: allow NAME... -- REASON`: what the lab means, although netc finds fault with it.

    It holds for what stands in `scope`, or for the whole file where that is None.
    """

    names: tuple[Word, ...]
    reason: str
    span: Span
    scope: Span | None

    def covers(self, span: Span) -> bool:
        """Whether it holds for a span, or for the loop or the `use` that led to it."""
        return any(self._holds(place) for place in (span, *(frame.span for frame in span.frames)))

    def _holds(self, place: Span) -> bool:
        if place.source.name != self.span.source.name:
            return False
        scope = self.scope
        if scope is None:
            return True
        start = (place.line, place.column)
        return (scope.line, scope.column) <= start <= (scope.end_line, scope.end_column)


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file."""

    source: Source
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()
    allows: tuple[Allow, ...] = ()
