"""Two devices of the lab are the same virtual function.

## What it does
Finds two `vf` statements with the same NIC and the same index.

## What happens at run time
A virtual function has one device, which is in one namespace at a time: the second command finds it gone from the host
(kernel net/core/dev.c, dev_change_net_namespace).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.virtual import INDEX, functions
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
                effect="its one device would be gone when it is looked for again",
                help="give each an index of its own",
                labels=[Label(earlier.settings["index"].span, "first used here")],
            )


CHECK = Check("N391", "vf-shared", Severity.ERROR, _run, BAD, GOOD)
