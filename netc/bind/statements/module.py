"""A kernel module that the lab needs loaded.

    module br_netfilter

up.sh loads it; it is never unloaded, since others may use it by then, and down.sh says so.

Source: modprobe(8).
"""

import re

from netc.bind.cursor import Cursor
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement
from netc.topology.model import Module
from netc.topology.values import bad_value

FORM = "module NAME"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    word = cursor.word("the module's name")
    cursor.end()
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,62}", word.text):
        raise bad_value(word.span, f"`{word.text}` is no module's name", "write a name such as br_netfilter")
    draft.modules.append(Module(place.netns.machine, word.text, word.span, place.origin(statement)))


STATEMENT = StatementKind("module", FORM, _bind, in_block=False)
