"""A virtual function is declared by the name that its device happens to have.

## What it does
Finds an uplink whose name looks like that of a virtual function of another uplink with `vfs`: `enp1s0v0` beside
`enp1s0`.

## What happens at run time
The device comes only when up.sh writes the number of virtual functions, and its name is the driver's and udev's to
choose: `eth1`, `enp1s0v0`, `ens1f0v0` (systemd.net-naming-scheme(7)). up.sh would refuse, since it is not there yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.virtual import VFS
from netc.topology.model import Made, Topology

BAD = """
uplink enp1s0 { vfs 2 }
uplink enp1s0v0
netns a { macvlan eth0 on enp1s0v0 { mode passthru } }
"""
GOOD = """
uplink enp1s0 { vfs 2 }
netns a { vf eth0 on enp1s0 { index 0 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    uplinks = [device for device in topology.devices.values() if device.made is Made.OTHERS]
    for physical in uplinks:
        for device in uplinks if VFS.of(physical) is not None else ():
            match = re.fullmatch(re.escape(physical.name) + r"v(\d+)", device.name)
            if match and device.netns == physical.netns:
                yield check.find(
                    device.span,
                    f"{device.name} is a virtual function's name, and not one to rely on",
                    effect="it comes with `sriov_numvfs`, after up.sh has looked for it, and may be called otherwise",
                    help=f"write `vf NAME on {physical.name} {{ index {match[1]} }}` in a namespace",
                    labels=[Label(physical.span, "its physical function")],
                )


CHECK = Check("N393", "vf-name", Severity.WARNING, _run, BAD, GOOD)
