"""A virtual function is wanted that its NIC has not.

## What it does
Finds a `vf` whose index is not below the `vfs` of its uplink, and one on a device that is no uplink with `vfs`.

## What happens at run time
The kernel makes N virtual functions where N is written to `sriov_numvfs`, and numbers them from 0: there is no
`virtfnN` in sysfs, and `ip link set dev PF vf N` ends in "Invalid argument" (kernel
Documentation/PCI/pci-iov-howto.rst, net/core/rtnetlink.c).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.virtual import INDEX, VFS, functions
from netc.topology.model import Made, Topology

BAD = """
uplink enp1s0 { vfs 2 }
netns a { vf eth0 on enp1s0 { index 2 } }
"""
GOOD = """
uplink enp1s0 { vfs 2 }
netns a { vf eth0 on enp1s0 { index 1 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device, parent in functions(topology):
        index, count = INDEX.of(device), VFS.of(parent)
        if parent.made is not Made.OTHERS or count is None:
            yield check.find(
                device.span,
                f"{parent.name} has no virtual functions in this lab",
                effect="there would be no device to put into the namespace",
                help=f"declare the NIC of the host: `uplink {parent.name} {{ vfs {(index or 0) + 1} }}`",
                labels=[Label(parent.span, "declared here")],
            )
        elif index is not None and index >= count:
            yield check.find(
                device.settings["index"].span,
                f"{parent.name} has {count} virtual functions, and they count from 0",
                effect=f"there would be no virtual function {index}",
                help=f"use an index from 0 to {count - 1}, or write `vfs {index + 1}`",
                labels=[Label(parent.settings["vfs"].span, "their number")],
            )


CHECK = Check("N390", "vf-index", Severity.ERROR, _run, BAD, GOOD)
