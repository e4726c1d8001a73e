"""A text that reaches the scripts holds what cannot be shown there safely.

## What it does
- The lab's name and its name prefix become part of file names, of `ip` arguments and of comments: they hold ASCII
  letters, digits, `_`, `.` and `-`, and start with a letter or digit. A lab without a `lab` statement is called after
  its file.
- The command of `exec` may hold anything that can be seen, since the scripts quote it; a line end, a NUL or another
  control character is an error.
- So is one in the name of an included file, which the scripts' comments name.

Names of devices and namespaces have checks of their own (N105, N108); the values of every other word are typed.

## What happens at run time
A line end inside a comment ends the comment: the rest of it would run as a command, as root. A control character can
make a terminal show another command than the one that runs. libioc issue #456 is a container manager that passed such
a text on.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import ALLOWED, ALLOWED_TEXT, visible
from netc.diagnostics import Finding, Severity
from netc.source import Source, Span
from netc.topology.model import Origin, Topology

BAD = """
lab "my lab; reboot"
netns ns1 { exec "sh -c 'date\\necho done'" }
"""
GOOD = """
lab my-lab
netns ns1 { exec "sh -c 'date; echo done'" }
"""
_LONGEST = 100  # bytes; file names and aliases hold the lab's name and more
_EFFECT = "the scripts would hold it where a shell, a terminal or a file system could take it for something else"


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    yield from _lab(check, topology)
    for process in topology.processes:
        texts = (process.origin.title, *process.argv)
        char = next((c for text in texts for c in text if not c.isprintable()), None)
        if char is not None:
            yield check.find(
                process.origin.span,
                f"the command holds the character U+{ord(char):04X}, which cannot be seen",
                effect="a line end would end the comment or the command that it stands in; others hide what runs",
                help="write it so that it can be read: `;` between commands, or `printf` with an escape",
            )
    for source, span in _sources(topology).items():
        if not source.name.isprintable():
            shown = visible(source.name)
            yield check.find(
                Span(source, 1, 1, 1, 1) if source is not topology.lab.span.source else span,
                f"the file's name `{shown}` holds a character that cannot be seen",
                effect="the scripts' comments name the file: a line end in it would start a command",
                help="rename the file",
            )


def _lab(check: Check, topology: Topology) -> Iterator[Finding]:
    lab = topology.lab
    name = lab.name.removeprefix(lab.prefix)
    for what, text in (("name", name), ("name prefix", lab.prefix)):
        if text == "" and what == "name prefix":
            continue
        if not ALLOWED.fullmatch(text):
            message, help = f"the lab's {what} `{visible(text)}` is unsafe", f"use one that holds only {ALLOWED_TEXT}"
        elif len(text) > _LONGEST:
            message, help = f"the lab's {what} is {len(text)} bytes long", f"use at most {_LONGEST}"
        else:
            continue
        if what == "name" and lab.span.column == lab.span.end_column:
            help += ": write `lab NAME` at the top of the file"
        yield check.find(lab.span, message, effect=_EFFECT, help=help)


def _sources(topology: Topology) -> dict[Source, Span]:
    """Return the files that the lab's objects come from."""
    found: dict[Source, Span] = {topology.lab.span.source: topology.lab.span}
    origins: list[Origin] = [device.origin for device in topology.devices.values()]
    for objects in (topology.routes, topology.rules, topology.sysctls, topology.forwards, topology.processes):
        origins += [item.origin for item in objects]
    for origin in origins:
        found.setdefault(origin.span.source, origin.span)
    return found


CHECK = Check("N106", "text-shell", Severity.ERROR, _run, BAD, GOOD)
