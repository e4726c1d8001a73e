"""Reads the parts of one statement from left to right, and says what is missing or too much."""

from __future__ import annotations

from netc.diagnostics import did_you_mean, error
from netc.source import Span
from netc.syntax.tree import Arrow, Block, Equals, Group, Part, Statement, Word
from netc.topology.values import BindError

_VERBS = {"add", "del", "delete", "replace", "change"}  # iproute2 has them after `route` and the like


def shape(span: Span, message: str, help: str = "") -> BindError:
    """Build the error for a statement that has not the shape that its keyword wants."""
    return BindError(error("N009", span, message, help=help))


class Cursor:
    """A place in a statement's parts; `form` is how the statement is written, for its messages."""

    def __init__(self, statement: Statement, form: str) -> None:
        self._parts = statement.parts
        self._position = 0
        self._statement = self.statement = statement
        self._form = form

    def peek(self) -> Part | None:
        """Return the next part without taking it."""
        return self._parts[self._position] if self._position < len(self._parts) else None

    def peek_word(self) -> Word | None:
        """Return the next part if it is a word."""
        part = self.peek()
        return part if isinstance(part, Word) else None

    def word(self, what: str) -> Word:
        """Take the next part, which must be a word; `what` names it in the message."""
        part = self.peek()
        if not isinstance(part, Word):
            raise shape(self._here(), f"{what} is missing", f"write `{self._form}`")
        self._position += 1
        return part

    def words(self) -> list[Word]:
        """Take all words up to the next other part."""
        found = []
        while (word := self.peek_word()) is not None:
            found.append(word)
            self._position += 1
        return found

    def accept(self, text: str) -> Word | None:
        """Take the next part if it is the bare word `text`."""
        word = self.peek_word()
        if word is None or word.text != text or word.quoted:
            return None
        self._position += 1
        return word

    def refuse_verb(self) -> None:
        """Refuse `add` and the like, which iproute2 has here and a lab has not."""
        word = self.peek_word()
        if word is not None and word.text in _VERBS:
            raise shape(word.span, f"`{word.text}` is not said in a lab", "leave it out: a lab says what is there")

    def arrow(self, *known: str) -> Arrow:
        """Take the next part, which must be one of the known arrows."""
        part = self.peek()
        if not isinstance(part, Arrow) or part.text not in known:
            raise shape(self._here(), f"{' or '.join(f'`{a}`' for a in known)} is missing", f"write `{self._form}`")
        self._position += 1
        return part

    def equals(self) -> None:
        """Take the next part, which must be `=`."""
        if not isinstance(self.peek(), Equals):
            raise shape(self._here(), "`=` is missing", f"write `{self._form}`")
        self._position += 1

    def block(self) -> Block | None:
        """Take the next part if it is a block."""
        part = self.peek()
        if not isinstance(part, Block):
            return None
        self._position += 1
        return part

    def unknown(self, word: Word, known: tuple[str, ...]) -> BindError:
        """Build the error for a word that is none of those that can stand here."""
        help = did_you_mean(word.text, known) or f"write `{self._form}`"
        return shape(word.span, f"`{word.text}` cannot stand here", help)

    def once(self, word: Word, *, again: bool) -> None:
        """Refuse a word that has been said before."""
        if again:
            raise BindError(error("N007", word.span, f"`{word.text}` is said twice", help="keep one of the two"))

    def end(self) -> None:
        """Refuse whatever is left."""
        part = self.peek()
        if part is None:
            return
        shown = {Block: "a block", Group: "( )", Equals: "`=`"}.get(type(part)) or f"`{getattr(part, 'text', '')}`"
        after = "a new statement starts on a new line" if self._after_block() else f"write `{self._form}`"
        raise shape(part.span, f"{shown} cannot stand here", after)

    def _after_block(self) -> bool:
        return self._position > 0 and isinstance(self._parts[self._position - 1], Block)

    def _here(self) -> Span:
        part = self.peek()
        return self._statement.span if part is None else part.span
