"""What a statement's file in `statements/` provides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netc.bind.draft import Draft, Place
from netc.syntax.tree import Statement


@dataclass(frozen=True, slots=True)
class StatementKind:
    """A keyword, how it is written, and what binds it (raising BindError).

    `in_block` tells whether it may stand inside a namespace's block; `of_lab`, that it is about the lab and not about
    one machine, so that it may stand outside every `host`; `in_host`, that it may stand in the block of one.
    """

    keyword: str
    form: str
    bind: Callable[[Statement, Place, Draft], None]
    in_block: bool = True
    of_lab: bool = False
    in_host: bool = True
