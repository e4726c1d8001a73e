"""Text to Document. The only module that imports lark."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken

from netc import resources
from netc.diagnostics import Edit, Findings, error
from netc.source import BYTE_ORDER_MARK, Source, Span
from netc.syntax.allow import read_allows
from netc.syntax.tree import Arrow, Block, Comment, Document, Equals, Group, Part, Statement, Word

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser

_SPELLED = {"_SEP": "line end"}
_MOST_DEPTH = 50
# The full-width forms of ASCII, and the punctuation that a Chinese or Japanese keyboard types in its stead.
_FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | dict(
    zip("。、“”‘’", ".,\"\"''", strict=True)
)
_IGNORED = {"COMMENT", "CONTINUED", "BLANK"}
_INTERPOLATION = re.compile(r"\$?\$\{[^}\n]*\}")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_./:%+*@~$][A-Za-z0-9_./:%+*@~$-]*")
_ESCAPES = {"n": "\n", "t": "\t"}


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    path = resources.folder("grammar") / "netc.lark"
    return Lark(path.read_text(encoding="utf-8"), parser="lalr", lexer="basic")


def parse(source: Source, findings: Findings) -> Document:
    """Return the Document of `source`; what cannot be read is told in `findings`, and the rest is read all the same."""
    lark = _grammar()
    read = list(lark.lex(source.text.removeprefix(BYTE_ORDER_MARK), dont_ignore=True))
    comments = [token for token in read if token.type == "COMMENT"]
    tokens = _without_open_values([token for token in read if token.type not in _IGNORED], source, findings)
    tree = _Feeder(lark.parse_interactive(""), tokens, source, findings).tree()
    builder = _Builder(source, findings)
    statements = builder.body(tree.children[0])
    noted = tuple(builder.comment(token) for token in comments)
    return Document(source, statements, noted, read_allows(noted, statements, findings))


def _without_open_values(tokens: list[Token], source: Source, findings: Findings) -> list[Token]:
    """Tell each `${` that its line does not close, and put one word in place of what follows it there.

    The lexer takes `a${n` for a word, a block and another word: the findings about those would explain nothing.
    """
    if not any(_opens_value(*pair) for pair in pairwise(tokens)):
        return tokens
    left: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if position < len(tokens) and _opens_value(token, tokens[position]):
            start = token.end_column or 2
            token = Token.new_borrow_pos("WORD", str(token), token)
            while position < len(tokens) and _touches(token, tokens[position]):  # the word ends at the first blank
                token.end_column = tokens[position].end_column
                position += 1
            line = token.line or 1
            span = Span(source, line, start - 1, line, token.end_column or start)
            help = "write the missing `}`, or `$${` for the characters themselves"
            findings.add(error("N002", span, "this `${` is never closed on its line", help=help))
        left.append(token)
    return left


def _opens_value(token: Token, after: Token) -> bool:
    return token.type == "WORD" and after.type == "BEGIN" and token.endswith("$") and _touches(token, after)


def _touches(token: Token, after: Token) -> bool:
    return after.type != "_SEP" and (token.end_line, token.end_column) == (after.line, after.column)


class _Feeder:
    """Feeds tokens to lark; after one that does not fit, it goes on with the next statement of the same block."""

    def __init__(self, parser: InteractiveParser, tokens: list[Token], source: Source, findings: Findings) -> None:
        self._parser = parser
        self._tokens = tokens
        self._source = source
        self._findings = findings
        self._open_blocks: list[Token] = []
        self._in_group = False

    def tree(self) -> Tree[Token]:
        """Feed everything and return lark's tree."""
        position = 0
        while position < len(self._tokens):
            token = self._tokens[position]
            position = position + 1 if self._fits(token) else self._recover(position)
        last = self._tokens[-1] if self._tokens else Token("_SEP", "")
        self._close_all(last)
        tree: Tree[Token] = self._parser.feed_eof(last)
        return tree

    def _fits(self, token: Token) -> bool:
        """Feed one token, and keep count of what is open; return False where it cannot stand."""
        kind = token.type
        if kind == "END" and not self._open_blocks:  # fed, it would make lark end the whole file
            return False
        if kind == "BEGIN" and len(self._open_blocks) >= _MOST_DEPTH:  # later phases walk blocks by recursion
            return False
        try:
            self._parser.feed_token(token)
        except UnexpectedToken:
            return False
        if kind == "BEGIN":
            self._open_blocks.append(token)
        elif kind == "END":
            self._open_blocks.pop()
        elif kind in {"OPEN", "CLOSE"}:
            self._in_group = kind == "OPEN"
        return True

    def _recover(self, position: int) -> int:
        """Tell about the token that does not fit; return the position from which to go on."""
        token = self._tokens[position]
        message, help = _explain(set(self._parser.choices()), token, self._in_group)
        self._tell(token, message, help)
        if self._in_group:
            self._close_group(token)
        if token.type == "END" and not self._open_blocks:
            return position + 1
        return _statement_end(self._tokens, position)

    def _close_all(self, last: Token) -> None:
        """Close what the end of the file leaves open."""
        if self._in_group:
            message = "this `(` is never closed" if last.type == "OPEN" else "a `(` is never closed"
            self._tell(last, message, "write the missing `)`")
            self._close_group(last)
        if self._open_blocks:
            self._tell(self._open_blocks[-1], "this `{` is never closed", "write the missing `}`")
        for _ in self._open_blocks:
            self._parser.feed_token(Token.new_borrow_pos("END", "", last))

    def _close_group(self, anchor: Token) -> None:
        """Leave a half-read `( )`, giving the parser the word that may be due."""
        self._in_group = False
        close = Token.new_borrow_pos("CLOSE", "", anchor)
        try:
            self._parser.feed_token(close)
        except UnexpectedToken:
            self._parser.feed_token(Token.new_borrow_pos("WORD", "", anchor))
            self._parser.feed_token(close)

    def _tell(self, token: Token, message: str, help: str) -> None:
        self._findings.add(error("N001", _span(self._source, token), message, help=help))


def _statement_end(tokens: list[Token], position: int) -> int:
    """Return the position where the broken statement ends; its blocks are skipped with it."""
    depth = 0
    while position < len(tokens):
        kind = tokens[position].type
        if kind == "BEGIN":
            depth += 1
        elif kind == "END":
            if depth == 0:
                break
            depth -= 1
        elif kind == "_SEP" and depth == 0:
            break
        position += 1
    return position


def _explain(choices: set[str], token: Token, in_group: bool) -> tuple[str, str]:
    shown = _quoted(_SPELLED.get(token.type, str(token)))
    if token.type == "END" and not in_group:
        return "this `}` closes nothing", "remove it, or write the missing `{` before it"
    if in_group:
        if token.type in {"_SEP", "BEGIN", "END"}:
            return (
                f"{shown} comes before the `)`",
                "write the missing `)`; a list stands on one line, which `\\` can continue",
            )
        if "_COMMA" in choices:
            return f"{shown} needs a `,` before it", "put a comma between the words of a list"
        return f"a word is missing before {shown}", "a list holds words with a `,` between them"
    if token.type == "_COMMA":
        return f"{shown} cannot stand here", "statements and options end with `;` or with the line, words with a blank"
    if token.type == "BEGIN" and "BEGIN" in choices:
        return f"blocks are nested more than {_MOST_DEPTH} deep here", "is a `}` missing before?"
    if token.type == "BEGIN":
        return (
            "this block has no statement before it",
            "write `{` on the line of the statement that it belongs to",
        )
    if "EQUALS" not in choices:
        return f"a statement cannot start with {shown}", "start it with a word, such as `netns` or `veth`"
    return (
        f"{shown} cannot stand here",
        "parentheses hold the words of a template or a use: `use pod(web, 10.0.0.1)`",
    )


def _quoted(shown: str) -> str:
    return shown if shown == "line end" else f"`{shown}`"


def _span(source: Source, token: Token) -> Span:
    line, column = token.line or 1, token.column or 1
    if token.type == "_SEP":
        return Span(source, line, column, line, column + 1)
    return Span(source, line, column, token.end_line or line, token.end_column or column)


class _Builder:
    """Turns lark's tree into ours and tells what is no good word."""

    def __init__(self, source: Source, findings: Findings) -> None:
        self._source = source
        self._findings = findings

    def body(self, tree: Tree[Token] | Token) -> tuple[Statement, ...]:
        assert isinstance(tree, Tree)
        return tuple(self._statement(child) for child in tree.children if isinstance(child, Tree))

    def comment(self, token: Token) -> Comment:
        span = _span(self._source, token)
        before = self._source.line(span.line)[: span.column - 1]
        return Comment(str(token).rstrip(), span, not before.strip())

    def _statement(self, tree: Tree[Token]) -> Statement:
        parts: list[Part] = []
        for child in tree.children:
            part = self._part(child)
            if parts and isinstance(part, Word):
                self._tell_if_touching(parts[-1], part)
            parts.append(part)
        head = parts[0]
        assert isinstance(head, Word)
        return Statement(head, tuple(parts[1:]), head.span.until(parts[-1].span))

    def _part(self, child: Tree[Token] | Token) -> Part:
        if isinstance(child, Token):
            span = _span(self._source, child)
            if child.type == "ARROW":
                return Arrow(str(child), span)
            return Equals(span) if child.type == "EQUALS" else self._word(child, span)
        first, last = child.children[0], child.children[-1]
        assert isinstance(first, Token)
        assert isinstance(last, Token)
        span = _span(self._source, first).until(_span(self._source, last))
        if child.data == "block":
            return Block(self.body(child.children[1]), span)
        inner = [item for item in child.children[1:-1] if isinstance(item, Token)]
        return Group(tuple(self._word(item, _span(self._source, item)) for item in inner), span)

    def _tell_if_touching(self, before: Part, word: Word) -> None:
        if isinstance(before, Word) and (before.quoted or word.quoted):
            ends = (before.span.end_line, before.span.end_column)
            if ends == (word.span.line, word.span.column):
                self._findings.add(
                    error(
                        "N002",
                        before.span.until(word.span),
                        "a word and a string touch",
                        help="put a space between them, or all of it in one pair of quotes",
                    )
                )

    def _word(self, token: Token, span: Span) -> Word:
        if token.type == "OPEN_STRING":
            self._findings.add(
                error("N002", span, "this string is never closed", help='write the missing `"` on the same line')
            )
            return Word(str(token)[1:], span, quoted=True)
        if token.type == "STRING":
            return Word(self._unescape(str(token)[1:-1], span), span, quoted=True)
        self._tell_if_bad(str(token), span)
        return Word(str(token), span)

    def _unescape(self, text: str, span: Span) -> str:
        def resolve(match: re.Match[str]) -> str:
            char = match[1]
            if char not in '"\\nt':
                where = span.part(1 + match.start(), 1 + match.end())
                self._findings.add(
                    error(
                        "N002",
                        where,
                        f"`\\{char}` is no escape",
                        help='a string knows \\", \\\\, \\n and \\t',
                    )
                )
            return _ESCAPES.get(char, char)

        return re.sub(r"\\(.)", resolve, text)

    def _tell_if_bad(self, text: str, span: Span) -> None:
        if span.end_column - span.column > len(text):  # it stands for a `${` that is not closed, which is told
            return
        plain = _INTERPOLATION.sub(lambda match: "v" * len(match[0]), text) if "$" in text else text
        if plain.isascii() and _PLAIN_WORD.fullmatch(plain) and "--" not in plain:
            return
        if (bad := _bad_word(plain)) is not None:
            start, end, message, help = bad
            where = span.part(start, end)
            ascii = _FULL_WIDTH.get(plain[start:end], "")
            edits = [Edit(where, ascii)] if ascii else []
            self._findings.add(error("N002", where, message, help=help, edits=edits))


def _bad_word(text: str) -> tuple[int, int, str, str] | None:
    """Return start, end, message and help of the first thing that no word can hold."""
    for index, char in enumerate(text):
        if char in _FULL_WIDTH:
            return index, index + 1, f"`{char}` is full-width punctuation", f"write `{_FULL_WIDTH[char]}`"
        if char == "#":
            return (
                index,
                index + 1,
                "a `#` inside a word",
                "put a space before it to start a comment, or the word in quotes",
            )
        if char in "\\'`" or not char.isprintable():
            return (
                index,
                index + 1,
                f"a word cannot hold {_visible(char)}",
                "put the word in quotes if it is meant",
            )
    if match := re.search("[\u2010-\u2015\u2212]", text):
        dash = f"`{match[0]}` is a dash that is not on the keyboard (U+{ord(match[0]):04X})"
        return *match.span(), dash, "write `-`; an arrow is `--`, `->` or `<->`"
    if match := re.search(r"--|<->|->|-/>", text):
        return (
            *match.span(),
            f"`{match[0]}` inside a word",
            "put spaces around an arrow; put a name that holds `--` in quotes",
        )
    if text.startswith("-"):
        return (
            0,
            len(text),
            f"the word `{text}` starts with `-`",
            "a lab has no options of that form; leave the `-` out",
        )
    return None


def _visible(char: str) -> str:
    return f"`{char}`" if char.isprintable() else f"the character U+{ord(char):04X}"
