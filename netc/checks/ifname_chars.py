"""A device's name holds what no device's name can hold.

## What it does
Finds device names that are empty, `.` or `..`, or that hold a `/`, a `:`, a space or another blank, or a character
that cannot be seen.

## What happens at run time
A device's name is the name of a directory below /sys/class/net and /proc/sys/net, and `ip` separates words by blanks.
The kernel refuses `/`, `:`, blanks, `.`, `..` and the empty name: `Invalid argument` (kernel net/core/dev.c,
dev_valid_name); `ip` does not even ask it, and says `not a valid ifname`. Control characters both take,
and show them raw in every listing from then on: netc does not.
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
            effect="the kernel refuses such a name (Invalid argument), or shows it so that nobody can read it",
            help=f"use a name that holds only {ALLOWED_TEXT}",
        )


CHECK = Check("N102", "ifname-chars", Severity.ERROR, _run, BAD, GOOD)
