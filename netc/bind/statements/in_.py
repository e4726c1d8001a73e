"""Adds to a namespace that is declared elsewhere: what templates need.

template web(name) { in ${name} { exec "python3 -m http.server" } }

Source: ip-netns(8).
"""

from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement

FORM = "in NETNS { STATEMENTS }"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    """Do nothing: the walk walks the block."""


STATEMENT = StatementKind("in", FORM, _bind, in_block=False, of_lab=True)
