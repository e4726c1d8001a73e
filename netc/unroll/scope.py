"""The names that `${...}` knows at a place, and what an expression is worth there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from netc.diagnostics import Finding, Label, did_you_mean, error
from netc.syntax.expression import Binary, Expression, ExpressionError, Index, Name, Number, parse_expression
from netc.syntax.tree import Word

if TYPE_CHECKING:
    from netc.source import Span

_MOST_DEPTH = 50  # names worked out from names, and operations inside operations
_LONGEST_WORD = 10_000  # characters; a few lines of `let` could double a text without an end
_LIMIT = 2**63  # numbers beyond are a mistake, and would let a short lab ask for endless arithmetic
_INTERPOLATION = re.compile(r"(\$?)\$\{([^}\n]*)\}")


class UnrollError(Exception):
    """Carries the finding that ended an evaluation; `told` where it has been told before."""

    def __init__(self, finding: Finding, *, told: bool = False) -> None:
        super().__init__(finding.message)
        self.finding = finding
        self.told = told


def fail(span: Span, message: str, help: str = "", labels: tuple[Label, ...] = ()) -> UnrollError:
    """Build the error for something wrong in a `let`, a loop, a template or a `${...}`."""
    return UnrollError(error("N010", span, message, help=help, labels=labels))


@dataclass(slots=True)
class Binding:
    """A name's value; a `let` is worth its word, looked up where it stands, once somebody asks.

    `failure` is what came of asking where it went wrong, so that it is told once and not at every use.
    """

    span: Span
    word: Word | None = None
    value: str | None = None
    scope: Scope | None = None
    failure: UnrollError | None = None


@dataclass(slots=True)
class Scope:
    """Names declared here; others are looked for in the scopes around."""

    outer: Scope | None = None
    names: dict[str, Binding] = field(default_factory=dict)

    def find(self, name: str) -> Binding | None:
        """Return the binding of `name`, from here outwards."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def known(self) -> set[str]:
        """Return every name that can be used here."""
        return set(self.names) | (self.outer.known() if self.outer else set())

    def declare(self, word: Word, binding: Binding) -> None:
        """Add a name; one that is known already is refused, so that a name always means one thing."""
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", word.text):
            raise fail(
                word.span,
                f"`{word.text}` cannot be the name of a value",
                "use letters, digits and `_`, such as `lan2`",
            )
        if (earlier := self.find(word.text)) is not None:
            raise fail(
                word.span,
                f"`{word.text}` is already the name of a value here",
                "choose another name",
                (Label(earlier.span, "first declared here"),),
            )
        self.names[word.text] = binding


class Evaluator:
    """Works out the words of one place."""

    def __init__(self, scope: Scope, depth: int = 0) -> None:
        self._scope = scope
        self._depth = depth  # how many names are being worked out around this one

    def word(self, word: Word) -> Word:
        """Return the word with every `${...}` replaced; raises UnrollError."""
        if "${" not in word.text:
            return word

        def replace(match: re.Match[str]) -> str:
            if match[1]:
                return match[0][1:]
            return self._text(match[2], _inner_span(word, match))

        if "${" in _INTERPOLATION.sub("", word.text):
            raise fail(word.span, "this `${` is never closed", "write the missing `}`, or `$${` for the characters")
        text = _INTERPOLATION.sub(replace, word.text)
        if len(text) > _LONGEST_WORD:
            raise fail(word.span, f"this word grows beyond {_LONGEST_WORD:,} characters", "shorten it")
        return Word(text, word.span, word.quoted)

    def number(self, text: str, span: Span) -> int:
        """Return what a loop's bound is worth: a number or the name of one."""
        return _as_number(self._text(text, span), span)

    def value(self, name: Word) -> str:
        """Return what a name of this place is worth."""
        return self._lookup(name.text, name.span, self._depth)

    def _text(self, text: str, span: Span) -> str:
        try:
            expression = parse_expression(text)
        except ExpressionError as bad:
            exact = span.line == span.end_line and span.end_column - span.column == len(text)
            where = span.part(bad.column, len(text)) if exact and bad.column < len(text) else span
            raise fail(
                where,
                f"an expression cannot hold {bad} here",
                "it knows numbers, names, + - * / % and SUBNET[NUMBER]",
            ) from None
        return self._evaluate(expression, span, self._depth)

    def _evaluate(self, expression: Expression, span: Span, depth: int) -> str:
        if depth > _MOST_DEPTH:
            raise fail(span, f"values are worked out from values more than {_MOST_DEPTH} deep here", "simplify it")
        match expression:
            case Number(value):
                return str(_bounded(value, span))
            case Name(text):
                return self._lookup(text, span, depth)
            case Index(subnet, position):
                number = _as_number(self._evaluate(position, span, depth + 1), span)
                return _pick(self._evaluate(subnet, span, depth + 1), number, span)
            case Binary(op, left, right):
                a = _as_number(self._evaluate(left, span, depth + 1), span)
                b = _as_number(self._evaluate(right, span, depth + 1), span)
                return str(_calculate(op, a, b, span))

    def _lookup(self, name: str, span: Span, depth: int) -> str:
        binding = self._scope.find(name)
        if binding is None:
            raise fail(
                span,
                f"nothing here is called `{name}`",
                did_you_mean(name, self._scope.known()) or f"declare it: `let {name} = ...`",
            )
        if binding.failure is not None:
            raise UnrollError(binding.failure.finding, told=True)
        if binding.value is None:
            if binding.word is None:
                raise fail(
                    span,
                    f"`{name}` is worked out from itself",
                    "break the circle",
                    (Label(binding.span, "declared here"),),
                )
            word, binding.word = binding.word, None  # asked for again before it is known: a circle
            try:
                binding.value = Evaluator(binding.scope or self._scope, depth + 1).word(word).text
            except UnrollError as failure:
                binding.failure = failure
                raise
        return binding.value


def _inner_span(word: Word, match: re.Match[str]) -> Span:
    span = word.span
    shift = 1 if word.quoted else 0
    exact = span.line == span.end_line and span.end_column - span.column == len(word.text) + 2 * shift
    if not exact:
        return span
    inner = 2 if match[2] else 0  # of `${}`, all of it: a span without a character shows nothing
    return span.part(match.start(inner) + shift, match.end(inner) + shift)


def _as_number(text: str, span: Span) -> int:
    if not re.fullmatch(r"-?[0-9]{1,20}", text):
        raise fail(span, f"`{text}` is no whole number", "only whole numbers can be counted with")
    return _bounded(int(text), span)


def _bounded(value: int, span: Span) -> int:
    if abs(value) >= _LIMIT:
        raise fail(span, "this number is too large", "stay below 2^63")
    return value


def _calculate(op: str, a: int, b: int, span: Span) -> int:
    if op in "/%" and b == 0:
        raise fail(span, "division by zero")
    results = {"+": a + b, "-": a - b, "*": a * b, "/": a // (b or 1), "%": a % (b or 1)}
    return _bounded(results[op], span)


def _pick(text: str, position: int, span: Span) -> str:
    try:
        subnet: IPv4Network | IPv6Network = ip_network(text, strict=True)
    except ValueError:
        raise fail(
            span,
            f"`{text}` is no subnet to take an address from",
            "an index wants a subnet such as 10.0.0.0/24",
        ) from None
    if not 0 <= position < subnet.num_addresses:
        raise fail(
            span,
            f"{subnet} has no address number {position}",
            _numbers_of(subnet),
        )
    return str(subnet[position])


def _numbers_of(subnet: IPv4Network | IPv6Network) -> str:
    last = subnet.num_addresses - 1
    if subnet.version == 6 or last < 3:  # RFC 3021: neither address of a /31 is set apart
        return f"it has the numbers 0 to {last}"
    hosts = "1 or 2" if last == 3 else f"1 to {last - 1}"
    return f"for a host, use {hosts}: 0 is the subnet, {last} its broadcast address"
