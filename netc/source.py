"""Where things stand in a lab: sources, spans, and the turns of loops that led to them."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace

BYTE_ORDER_MARK = "\ufeff"
#: Starts a comment that says where the statements after it come from, as FILE:LINE: `netc expand` writes it.
LINE_MARK = "#line "
_LINE_MARK = re.compile(rf"^[ \t]*{LINE_MARK}(.*:[0-9]+)[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One file of a lab.

    Scripts call it by `name`, its path from the lab's own folder, so that they are the same bytes wherever the
    lab lies; findings call it by `path`, as the user spelt it, so that an editor can open it.
    """

    name: str
    text: str
    path: str = ""
    _lines: list[str] = field(default_factory=list, init=False, repr=False)  # split once, when first asked for
    _marks: dict[int, str] = field(default_factory=dict, init=False, repr=False)  # line of a mark -> what it says

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line end and byte order mark, or "" past the end."""
        if not self._lines:
            self._lines.extend(self.text.removeprefix(BYTE_ORDER_MARK).split("\n"))
        return self._lines[number - 1].rstrip("\r") if 0 < number <= len(self._lines) else ""

    def place(self, number: int) -> str:
        """Return a line's place as FILE:LINE: that of the last mark before it, or else its own."""
        if LINE_MARK not in self.text:
            return f"{self.name}:{number}"
        if not self._marks:
            self._marks[0] = ""
            text, line, last = self.text, 1, 0
            for match in _LINE_MARK.finditer(text):
                line += text.count("\n", last, match.start())
                last = match.start()
                self._marks[line] = match[1]
        lines = list(self._marks)
        return self._marks[lines[bisect_left(lines, number) - 1]] or f"{self.name}:{number}"


@dataclass(frozen=True, slots=True)
class Frame:
    """One step on the way from what was written to what it became: a loop's turn, a template's use, a network."""

    text: str
    span: Span
    expanded: bool = False  # whether it is a network that is written out


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source. Lines and columns count characters from 1; the end column is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int
    frames: tuple[Frame, ...] = ()

    @property
    def place(self) -> str:
        """The place as FILE:LINE, the way scripts name it."""
        return self.source.place(self.line)

    def until(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of `other`."""
        return Span(self.source, self.line, self.column, other.end_line, other.end_column, self.frames)

    def within(self, frame: Frame) -> Span:
        """Return this span as seen from inside `frame`, the outermost frame first."""
        return replace(self, frames=(frame, *self.frames))

    def part(self, start: int, end: int) -> Span:
        """Return the span of the characters `start` to `end` (from 0, exclusive) of a span on one line."""
        return replace(self, column=self.column + start, end_line=self.line, end_column=self.column + end)

    def sort_key(self) -> tuple[str, int, int, int, int]:
        """Order spans by where they start; the frames (turns of loops) keep their own order."""
        return (self.source.path or self.source.name, self.line, self.column, self.end_line, self.end_column)
