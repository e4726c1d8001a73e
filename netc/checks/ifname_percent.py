"""A device's name holds a percent sign, which the kernel fills in.

## What it does
Finds a `%` in the name of a device.

## What happens at run time
The kernel takes `%d` in a new device's name for "the next free number": `a%d` becomes `a0`, and every later command
that names `a%d` ends in `Cannot find device`. Another use of `%` is refused: `Invalid argument` (kernel
net/core/dev.c, __dev_alloc_name).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import Fault, bad_names
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth eth%d 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
GOOD = """
netns ns1 { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bad in bad_names(topology, Fault.PERCENT):
        yield check.find(
            bad.span,
            f"the device name `{bad.shown}` holds a `%`",
            effect="the kernel puts a number in its place, so that no later command would find the device",
            help="write the number yourself: `eth0`, or `eth${i}` in a loop",
        )


CHECK = Check("N104", "ifname-percent", Severity.ERROR, _run, BAD, GOOD)
