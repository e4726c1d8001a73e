"""A device's name holds what no device's name can hold.

## What it does
Finds device names that are empty, `.` or `..`, or that hold a `/`, a `:`, a space or another blank, or a character
that cannot be seen.

## What happens at run time
A device's name is the name of a directory below /sys/class/net and /proc/sys/net, and `ip` separates words by blanks.
The kernel refuses `/`, `:`, blanks, `.`, `..` and the empty name: `Invalid argument` (kernel net/core/dev.c,
dev_valid_name). Of `/`, blanks and the empty name `ip` does not even ask it, and says `not a valid ifname`. Other
control characters both take, and show them raw in every listing from then on: netc does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import ALLOWED_TEXT, Fault, bad_names
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth "eth 0" 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
GOOD = """
netns ns1 { veth eth-0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bad in bad_names(topology, Fault.CHARS):
        if bad.name in {"", ".", ".."}:
            message = f"`{bad.shown}` is no name for a device" if bad.name else "the device's name is empty"
        else:
            char = next(c for c in bad.name if c in "/:" or c.isspace() or not c.isprintable())
            what = "a space" if char == " " else f"`{char}`" if char.isprintable() else f"U+{ord(char):04X}"
            message = f"the device name `{bad.shown}` holds {what}"
        yield check.find(
            bad.span,
            message,
            effect=_effect(bad.name),
            help=f"use a name that holds only {ALLOWED_TEXT}",
        )


def _effect(name: str) -> str:
    if name == "" or any(char in "/ \t\n\v\f\r" for char in name):
        return "`ip link add` would refuse it: not a valid ifname"
    if name in {".", ".."} or any(
        char in ":\N{NO-BREAK SPACE}" for char in name
    ):  # it holds the byte 0xa0: lib/ctype.c
        return "the kernel would refuse it: Invalid argument"
    return "`ip` would accept it and print it raw, so that nobody can read it"


CHECK = Check("N102", "ifname-chars", Severity.ERROR, _run, BAD, GOOD)
