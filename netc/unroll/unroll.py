"""Unrolls a Document: afterwards it holds only statements about networks."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from netc.diagnostics import Findings, Label, did_you_mean, error
from netc.source import Frame, Source, Span
from netc.syntax.parser import parse
from netc.syntax.tree import Allow, Block, Document, Equals, Group, Part, Statement, Word
from netc.unroll.scope import Binding, Evaluator, Scope, UnrollError, fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Reader = Callable[[str], str]  # path from the lab's folder -> text; raises OSError or UnicodeDecodeError

_MOST_STATEMENTS = 1_000_000
_MOST_DEPTH = 50
_MOST_INCLUDES = 1_000  # files that include files twice would grow without an end


@dataclass(frozen=True, slots=True)
class _Template:
    name: Word
    parameters: tuple[Word, ...]
    body: Block
    scope: Scope


def unroll(document: Document, read: Reader, findings: Findings) -> Document:
    """Return `document` without `let`, `for`, `template`, `use`, `include` and `${...}`.

    Every span carries the turns of loops and the uses of templates that it came through. What is wrong is told
    in `findings`; the statement that it stands in is left out and the rest goes on.
    """
    return _Unroller(read, findings).document(document)


class _Unroller:
    def __init__(self, read: Reader, findings: Findings) -> None:
        self._read = read
        self._findings = findings
        self._templates: dict[str, _Template] = {}
        self._used: set[str] = set()
        self._allows: list[Allow] = []
        self._active: list[str] = []
        self._made = 0
        self._included_files = 0
        self._full = False

    def document(self, document: Document) -> Document:
        scope = Scope()
        statements = list(self._included(document, (document.source.name,)))
        self._declare_templates(statements, scope)
        unrolled = tuple(self._body(statements, scope, (), 0))
        idle = [template.body.span for name, template in self._templates.items() if name not in self._used]
        allows = tuple(a for a in self._allows if a.scope is None or not any(_lies_in(a.scope, body) for body in idle))
        return replace(document, statements=unrolled, allows=allows)

    # -- include ---------------------------------------------------------------------------------------------

    def _included(self, document: Document, chain: tuple[str, ...]) -> Iterator[Statement]:
        self._allows += document.allows
        for statement in document.statements:
            if statement.keyword == "include":
                yield from self._include(statement, document.source, chain)
            else:
                yield statement

    def _include(self, statement: Statement, source: Source, chain: tuple[str, ...]) -> Iterator[Statement]:
        words = statement.words
        if len(words) != 1 or len(statement.parts) != 1:
            self._tell(statement.span, "`include` takes one file", 'write `include "common.net"`', code="N011")
            return
        word = words[0]
        name = posixpath.normpath(posixpath.join(posixpath.dirname(source.name), word.text))
        if word.text.startswith("/") or "\0" in name or not word.text:
            self._tell(
                word.span,
                "a file is included by its path from this file",
                'write `include "common.net"`',
                code="N011",
            )
            return
        if name in chain:
            self._tell(
                word.span,
                f"{name} includes itself",
                "break the circle: " + " -> ".join((*chain, name)),
                code="N011",
            )
            return
        self._included_files += 1
        if len(chain) > _MOST_DEPTH or self._included_files > _MOST_INCLUDES:
            if self._included_files <= _MOST_INCLUDES + 1:
                self._tell(word.span, "too many files are included here", "include each file once", code="N011")
            return
        try:
            text = self._read(name)
        except (OSError, UnicodeDecodeError) as reason:
            why = reason.strerror if isinstance(reason, OSError) else "it is not UTF-8 text"
            self._tell(
                word.span,
                f"cannot read {name}: {why}",
                "the path counts from the including file's folder",
                code="N011",
            )
            return
        path = posixpath.join(posixpath.dirname(source.path), word.text) if source.path else name
        yield from self._included(parse(Source(name, text, path), self._findings), (*chain, name))

    # -- declarations ----------------------------------------------------------------------------------------

    def _declare_templates(self, statements: Iterable[Statement], scope: Scope) -> None:
        for statement in statements:
            if statement.keyword == "template":
                with _Guard(self._findings):
                    self._declare_template(statement, scope)

    def _declare_template(self, statement: Statement, scope: Scope) -> None:
        match statement.parts:
            case (Word() as name, Group() as group, Block() as body):
                parameters = group.items
            case (Word() as name, Block() as body):
                parameters = ()
            case _:
                raise fail(
                    statement.span,
                    "a template is a name, its parameters and a block",
                    "write `template pod(name, ip) { ... }`",
                )
        if (earlier := self._templates.get(name.text)) is not None:
            raise fail(
                name.span,
                f"there is a template `{name.text}` already",
                "choose another name",
                (Label(earlier.name.span, "the first one"),),
            )
        self._templates[name.text] = _Template(name, parameters, body, scope)

    def _declare_lets(self, statements: Iterable[Statement], scope: Scope, frames: tuple[Frame, ...]) -> None:
        for statement in statements:
            if statement.keyword == "let":
                with _Guard(self._findings, frames):
                    match statement.parts:
                        case (Word() as name, Equals(), Word() as value):
                            scope.declare(name, Binding(name.span, word=value, scope=scope))
                        case _:
                            raise fail(
                                statement.span,
                                "`let` gives one name one value",
                                "write `let N = 8` or `let lan = 10.0.0.0/24`",
                            )

    # -- the walk --------------------------------------------------------------------------------------------

    def _body(
        self, statements: Sequence[Statement], scope: Scope, frames: tuple[Frame, ...], depth: int
    ) -> Iterator[Statement]:
        self._declare_lets(statements, scope, frames)
        for statement in statements:
            if self._full:
                return
            with _Guard(self._findings, frames):
                yield from self._statement(statement, scope, frames, depth)

    def _statement(
        self, statement: Statement, scope: Scope, frames: tuple[Frame, ...], depth: int
    ) -> Iterator[Statement]:
        keyword = statement.keyword
        if keyword == "let":
            # Worked out even where nobody uses it, so that its mistakes are told.
            name = statement.words[0] if statement.words else None
            if name is not None and name.text in scope.names:
                Evaluator(scope).value(name)
        elif keyword == "for":
            yield from self._for(statement, scope, frames, depth)
        elif keyword == "template":
            if depth > 0:
                raise fail(statement.span, "a template stands at the top level of a file", "move it out of the block")
        elif keyword == "use":
            yield from self._use(statement, scope, frames, depth)
        elif keyword == "include":
            raise UnrollError(
                error(
                    "N011",
                    statement.span,
                    "`include` stands at the top level of a file",
                    help="move it out of the block",
                )
            )
        else:
            yield self._plain(statement, scope, frames, depth)

    def _plain(self, statement: Statement, scope: Scope, frames: tuple[Frame, ...], depth: int) -> Statement:
        self._count(statement)
        if "${" in statement.head.text and not statement.head.quoted:
            raise fail(
                statement.head.span,
                "`${...}` cannot stand for a statement or an option",
                "write the keyword out; use it in the words after it",
            )
        evaluator = Evaluator(scope)
        parts = tuple(self._part(part, evaluator, scope, frames, depth) for part in statement.parts)
        if not frames:
            return Statement(statement.head, parts, statement.span)
        head = replace(statement.head, span=_framed(statement.head.span, frames))
        return Statement(head, parts, _framed(statement.span, frames))

    def _part(self, part: Part, evaluator: Evaluator, scope: Scope, frames: tuple[Frame, ...], depth: int) -> Part:
        if isinstance(part, Block):
            inner = tuple(self._body(part.statements, Scope(scope), frames, self._deeper(part.span, depth)))
            return Block(inner, _framed(part.span, frames))
        if isinstance(part, Word):
            part = evaluator.word(part)
        elif isinstance(part, Group):
            part = Group(tuple(evaluator.word(word) for word in part.items), part.span)
        return replace(part, span=_framed(part.span, frames)) if frames else part

    def _for(self, statement: Statement, scope: Scope, frames: tuple[Frame, ...], depth: int) -> Iterator[Statement]:
        words = statement.words
        block = statement.parts[-1] if statement.parts else None
        if (
            len(words) < 3
            or words[1].text != "in"
            or not isinstance(block, Block)
            or len(statement.parts) != len(words) + 1
        ):
            raise fail(
                statement.span,
                "a loop is a name, `in`, a range or words, and a block",
                "write `for i in 1..8 { ... }` or `for v in red blue { ... }`",
            )
        evaluator = Evaluator(scope)
        for value in self._values([evaluator.word(word) for word in words[2:]], evaluator):
            if self._full:
                return
            self._count(statement)  # a turn can be empty, and there can be a million times a million of them
            turn = Frame(
                f"in the turn {words[0].text} = {value} of this loop",
                statement.head.span.until(words[-1].span),
            )
            inner = Scope(scope)
            inner.declare(words[0], Binding(words[0].span, value=value))
            yield from self._body(block.statements, inner, (*frames, turn), self._deeper(statement.span, depth))

    def _values(self, words: list[Word], evaluator: Evaluator) -> Iterator[str]:
        if len(words) > 1 or words[0].quoted or ".." not in words[0].text:
            yield from (word.text for word in words)
            return
        first, _, last = words[0].text.partition("..")
        span = words[0].span
        start, end = (evaluator.number(text, _part_of(words[0], text)) for text in (first, last))
        if end < start:
            raise fail(span, f"the range {start}..{end} is empty", "a range runs upwards and holds both its ends")
        if end - start >= _MOST_STATEMENTS:
            raise fail(
                span,
                f"the range {start}..{end} has too many turns",
                f"a lab can have {_MOST_STATEMENTS:,} statements",
            )
        yield from (str(value) for value in range(start, end + 1))

    def _use(self, statement: Statement, scope: Scope, frames: tuple[Frame, ...], depth: int) -> Iterator[Statement]:
        match statement.parts:
            case (Word() as name, Group() as group):
                arguments = group.items
            case (Word() as name,):
                arguments = ()
            case _:
                raise fail(
                    statement.span,
                    "`use` takes a template's name and its arguments",
                    "write `use pod(web, 10.0.0.1)`",
                )
        self._count(statement)
        template = self._templates.get(name.text)
        if template is None:
            raise fail(name.span, f"there is no template `{name.text}`", did_you_mean(name.text, self._templates))
        if name.text in self._active:
            raise fail(
                name.span,
                f"the template `{name.text}` uses itself here, without an end",
                "a template can use others, not itself",
            )
        if len(arguments) != len(template.parameters):
            wanted = ", ".join(word.text for word in template.parameters)
            raise fail(
                statement.span,
                f"`{name.text}` takes {_counted(len(template.parameters))} ({wanted}), not {len(arguments)}",
                labels=(Label(template.name.span, "the template"),),
            )
        evaluator = Evaluator(scope)
        inner = Scope(template.scope)
        for parameter, argument in zip(template.parameters, arguments, strict=True):
            inner.declare(parameter, Binding(parameter.span, value=evaluator.word(argument).text))
        frame = Frame(f"in this use of the template {name.text}", statement.span)
        self._active.append(name.text)
        self._used.add(name.text)
        try:
            yield from self._body(
                template.body.statements, inner, (*frames, frame), self._deeper(statement.span, depth)
            )
        finally:
            self._active.pop()

    # -- limits ----------------------------------------------------------------------------------------------

    def _deeper(self, span: Span, depth: int) -> int:
        if depth >= _MOST_DEPTH:
            raise fail(
                span,
                f"blocks, loops and templates are nested more than {_MOST_DEPTH} deep here",
                "does a template use itself?",
            )
        return depth + 1

    def _count(self, statement: Statement) -> None:
        self._made += 1
        if self._made > _MOST_STATEMENTS:
            self._full = True
            raise fail(statement.span, f"the lab grows beyond {_MOST_STATEMENTS:,} statements here", "shorten a loop")

    def _tell(self, span: Span, message: str, help: str, *, code: str) -> None:
        self._findings.add(error(code, span, message, help=help))


class _Guard:
    """Turns an UnrollError into a finding that knows its loop's turn, and lets the work go on."""

    def __init__(self, findings: Findings, frames: tuple[Frame, ...] = ()) -> None:
        self._findings = findings
        self._frames = frames

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, reason: object, trace: object) -> bool:
        if not isinstance(reason, UnrollError):
            return False
        if reason.told:
            return True
        finding = reason.finding
        self._findings.add(replace(finding, span=_framed(finding.span, self._frames)))
        return True


def _part_of(word: Word, text: str) -> Span:
    """Return the span of a bound of a range; that of the whole range where `${...}` stood in it."""
    span = word.span
    if not text or word.quoted or span.end_column - span.column != len(word.text):
        return span
    start = 0 if word.text.startswith(text) else len(word.text) - len(text)
    return span.part(start, start + len(text))


def _lies_in(inner: Span, outer: Span) -> bool:
    start, end = (inner.line, inner.column), (inner.end_line, inner.end_column)
    return (
        inner.source is outer.source
        and (outer.line, outer.column) <= start
        and end <= (outer.end_line, outer.end_column)
    )


def _counted(number: int) -> str:
    return f"{number} argument{'' if number == 1 else 's'}"


def _framed(span: Span, frames: tuple[Frame, ...]) -> Span:
    return replace(span, frames=frames) if frames and span.frames != frames else span
