"""A device's name holds a character that a shell, sysctl or a reviewer would stumble over.

## What it does
Holds every device's name that the kernel would take against a short list: ASCII letters, digits, `_`, `.` and `-`,
the first of them a letter or digit. N101 to N104 tell what the kernel itself refuses; a name has one finding, not
several.

## What happens at run time
The kernel takes `x;y$(id)` and `-x` for names, and so hands them to every script on the host that lists devices
without quoting: the command inside runs as root, at the next hot-plug script or monitoring job. It has happened:
ossec-hids issue #1812, volcano issue #5874. The scripts of netc quote, but what they make is read by others. Letters
outside ASCII look alike in a review, and `ip` pads them wrongly in its tables.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import ALLOWED_TEXT, Fault, bad_names
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth "eth0$(id)" 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
GOOD = """
netns ns1 { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bad in bad_names(topology, Fault.SHELL):
        yield check.find(
            bad.span,
            f"the device name `{bad.shown}` is unsafe",
            effect="scripts that list the host's devices would read it as a command, an option or another name",
            help=f"use a name that holds only {ALLOWED_TEXT}",
        )


CHECK = Check("N105", "ifname-shell", Severity.ERROR, _run, BAD, GOOD)
