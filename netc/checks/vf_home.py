"""A virtual function is put where it is already.

## What it does
Finds a `vf` outside any namespace's block.

## What happens at run time
The devices of virtual functions are in the host's own namespace from the start (kernel
Documentation/PCI/pci-iov-howto.rst): there is nowhere to move it, and renaming it there would be in udev's way.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.kinds.virtual import functions
from netc.topology.model import Topology

BAD = """
uplink enp1s0 { vfs 2 }
vf taken0 10.0.0.1/24 on enp1s0 { index 0 }
"""
GOOD = """
uplink enp1s0 { vfs 2 }
netns a { vf taken0 10.0.0.1/24 on enp1s0 { index 0 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device, parent in functions(topology):
        if device.netns.is_root:
            yield check.find(
                device.span,
                f"the virtual functions of {parent.name} are on the host anyway",
                effect="there would be nowhere to move it",
                help="write the statement into the block of a namespace",
            )


CHECK = Check("N394", "vf-home", Severity.ERROR, _run, BAD, GOOD)
