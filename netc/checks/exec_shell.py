"""A command of `exec` is written for a shell, and none runs.

## What it does
Looks for words that only a shell understands (`&&`, `||`, `|`, `;`, `&`, redirections) among the words of an `exec`.

## What happens at run time
`exec` splits the command into words, as a shell would, and runs the first: what follows `&&` or `>` is handed to that
program as words of its own. It mostly ends at once, with a message that only /run/netc/NETNS/LAB/exec.log holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1
exec ns1 "cd /srv && python3 -m http.server"
"""
GOOD = """
netns ns1
exec ns1 "sh -c 'cd /srv && python3 -m http.server'"
"""
_PLAIN = re.compile(r"[A-Za-z0-9_./:,=+@%&|;<> -]+")  # no quotes, no `$`, no backslash
_SHELL_WORDS = {"&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1"}


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for process in topology.processes:
        found = next((word for word in process.argv if word in _SHELL_WORDS or word.endswith(";")), None)
        if found is not None:
            yield check.find(
                process.origin.span,
                f"`{found}` is for a shell, and no shell reads the line",
                effect=_effect(process.argv, found),
                help=f"write the command as `{_through_shell(process.argv)}`",
            )


def _effect(argv: tuple[str, ...], found: str) -> str:
    if found == argv[0]:
        return f"there is no program `{found}`: the command would fail at once (see exec.log)"
    return f"it would be an argument of `{argv[0]}`, which mostly ends at once over it (see exec.log)"


def _through_shell(argv: tuple[str, ...]) -> str:
    """Return the command as a shell would read it, where its words need no quotes."""
    command = " ".join(argv)
    if not _PLAIN.fullmatch(command) or "" in argv or len(command) > 80 or any(" " in word for word in argv):
        return "\"sh -c '...'\""
    return f"\"sh -c '{command}'\""


CHECK = Check("N109", "exec-shell", Severity.WARNING, _run, BAD, GOOD)
