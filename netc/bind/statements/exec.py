"""A command that runs in a namespace while the lab is up: a server, a routing daemon.

    exec ns1 "iperf3 -s"
    exec ns1 "sh -c 'while sleep 1; do date; done'"

It is started once everything else is there, in the background, and ended on down together with what it started. The
words are split as a shell would, but no shell runs unless the command says so. Inside a namespace's block the
namespace can be left out.

Source: ip-netns(8).
"""

from __future__ import annotations

import shlex

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement
from netc.topology.model import Process
from netc.topology.values import bad_value

FORM = 'exec NETNS "COMMAND"'


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    first = cursor.word("the namespace")
    command = cursor.peek_word()
    netns = place.netns
    if command is None:
        if place.netns.is_root:  # `exec ns1` would run a program called ns1 on the host
            raise shape(statement.span, "the namespace or the command is missing", f"write `{FORM}`")
        command = first
    else:
        netns = draft.netns(first, place.netns.machine)
        cursor.word("the command")
    cursor.end()
    try:
        argv = tuple(shlex.split(command.text))
    except ValueError:
        raise bad_value(
            command.span, "a quote in the command is never closed", "close it, or escape it with a backslash"
        ) from None
    if not argv or not argv[0] or "\0" in command.text:
        raise bad_value(command.span, "there is no command to run", f"write `{FORM}`")
    draft.processes.append(Process(netns, argv, place.origin(statement)))


STATEMENT = StatementKind("exec", FORM, _bind)
