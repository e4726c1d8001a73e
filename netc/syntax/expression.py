"""The text inside `${...}` to a small tree; evaluating it is the unroller's work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from netc import resources


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""

    value: int


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a `let`, a loop's variable or a template's parameter."""

    text: str


@dataclass(frozen=True, slots=True)
class Binary:
    """`left OP right`; OP is one of + - * / %."""

    op: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Index:
    """`subnet[position]`: an address of a subnet."""

    subnet: Expression
    position: Expression


_LONGEST = 200  # characters; the tree is built and evaluated by recursion

Expression: TypeAlias = Number | Name | Binary | Index


class ExpressionError(Exception):
    """The text is no expression; `column` counts from 0 into it."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = (resources.folder("grammar") / "expression.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr")


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Return the tree of `text`; raises ExpressionError."""
    if len(text) > _LONGEST:
        raise ExpressionError(f"more than {_LONGEST} characters", 0)
    try:
        return _build(_grammar().parse(text))
    except UnexpectedInput as unexpected:
        at_end = getattr(unexpected, "token", None) == Token("$END", "") or not unexpected.column > 0
        column = len(text) if at_end else min(unexpected.column - 1, len(text))
        raise ExpressionError(f"`{text[column:].strip()}`" if text[column:].strip() else "its end", column) from None


def _build(node: Tree[Token] | Token) -> Expression:
    assert isinstance(node, Tree)
    children = node.children
    match node.data:
        case "number":
            return Number(int(str(children[0])))
        case "name":
            return Name(str(children[0]))
        case "negative":
            return Binary("-", Number(0), _build(children[0]))
        case "index":
            return Index(_build(children[0]), _build(children[1]))
        case _:
            return Binary(str(children[1]), _build(children[0]), _build(children[2]))
