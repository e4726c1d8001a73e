"""The settings of a virtual function contradict each other.

## What it does
Finds a `vf` with `qos` or `proto` and no `vlan` that they belong to, and one whose `min-rate` is above its `max-rate`.

## What happens at run time
`ip link set ... vf 0 qos 3` is refused by the command itself, since both are part of a VLAN (iproute2 ip/iplink.c).
A lowest rate above the highest is refused by the kernel, "Invalid argument" (net/core/rtnetlink.c, handle_vf_rate).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.virtual import MAX_RATE, MIN_RATE, VLAN, functions
from netc.topology.model import Topology

BAD = """
uplink enp1s0 { vfs 2 }
netns a { vf eth0 on enp1s0 { index 0; qos 3 } }
"""
GOOD = """
uplink enp1s0 { vfs 2 }
netns a { vf eth0 on enp1s0 { index 0; vlan 100; qos 3 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device, _ in functions(topology):
        for name in ("qos", "proto"):
            if name in device.settings and VLAN.of(device) is None:
                yield check.find(
                    device.settings[name].name_span,
                    f"`{name}` belongs to a VLAN, and {device.key.label} has none",
                    effect="`ip link set` would refuse it",
                    help="say the VLAN too: `vlan 100`",
                )
        least, most = MIN_RATE.of(device), MAX_RATE.of(device)
        if least and most and least > most:
            yield check.find(
                device.settings["min-rate"].span,
                f"the lowest rate, {least} Mbit/s, is above the highest, {most} Mbit/s",
                effect="the kernel would refuse it: Invalid argument",
                help=f"write at most `min-rate {most}`",
                labels=[Label(device.settings["max-rate"].span, "the highest rate")],
            )


CHECK = Check("N392", "vf-params", Severity.ERROR, _run, BAD, GOOD)
