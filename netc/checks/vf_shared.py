"""Two devices of the lab are the same virtual function.

## What it does
Finds two `vf` statements with the same NIC and the same index.

## What happens at run time
A virtual function has one device, which is in one namespace at a time: the second command finds it gone from the host
(kernel net/core/dev.c, dev_change_net_namespace).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.virtual import INDEX, VFS, functions
from netc.topology.model import Device, DeviceKey, Topology

BAD = """
uplink enp1s0 { vfs 2 }
netns a { vf eth0 on enp1s0 { index 0 } }
netns b { vf eth0 on enp1s0 { index 0 } }
"""
GOOD = """
uplink enp1s0 { vfs 2 }
netns a { vf eth0 on enp1s0 { index 0 } }
netns b { vf eth0 on enp1s0 { index 1 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    first: dict[tuple[DeviceKey, int | None], Device] = {}
    for device, parent in functions(topology):
        earlier = first.setdefault((parent.key, INDEX.of(device)), device)
        if earlier is not device:
            yield check.find(
                device.settings["index"].span,
                f"virtual function {INDEX.of(device)} of {parent.name} is {earlier.key.label} already",
                effect=f"up.sh would move its device into {earlier.netns.label}, and not find it "
                f"for {device.key.label}",
                help=_help(topology, parent),
                labels=[Label(earlier.settings["index"].span, "first used here")],
            )


def _help(topology: Topology, parent: Device) -> str:
    used = {INDEX.of(device) for device, other in functions(topology) if other.key == parent.key}
    free = next(index for index in count() if index not in used)
    number = VFS.of(parent)
    more = f", and `vfs {free + 1}` at {parent.name}" if number is not None and free >= number else ""
    return f"write another index, such as `index {free}`{more}"


CHECK = Check("N391", "vf-shared", Severity.ERROR, _run, BAD, GOOD)
