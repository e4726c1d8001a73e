"""A command of `exec` is written for a shell, and none runs.

## What it does
Looks for words that only a shell understands (`&&`, `||`, `|`, `;`, `&`, redirections) among the words of an `exec`.

## What happens at run time
`exec` splits the command into words, as a shell would, and runs the first: what follows `&&` or `>` is handed to that
program as words of its own. It mostly ends at once, with a message that only /run/netc/NETNS/LAB/exec.log holds.
"""

from __future__ import annotations

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
_SHELL_WORDS = {"&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1"}


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for process in topology.processes:
        found = next((word for word in process.argv if word in _SHELL_WORDS or word.endswith(";")), None)
        if found is not None:
            yield check.find(
                process.origin.span,
                f"`{found}` is for a shell, and no shell runs",
                effect=f"{process.argv[0]} would get it as a word of its own",
                help="write `sh -c '...'` around the command",
            )


CHECK = Check("N109", "exec-shell", Severity.WARNING, _run, BAD, GOOD)
