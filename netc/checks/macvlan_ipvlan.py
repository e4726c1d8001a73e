"""A parent has macvlan and ipvlan children

## What it does
Finds parents of both macvlan (or macvtap) and ipvlan devices.

## What happens at run time
Both want the frames of the parent, and only one can have them: `Device or resource busy` (kernel net/core/dev.c,
netdev_rx_handler_register; containernetworking/cni#7).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import children
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology

BAD = """
netns far
veth wire -- far:eth0 192.168.7.2/24
netns a { macvlan eth0 192.168.7.11/24 on wire { mode bridge } }
netns b { ipvlan eth0 192.168.7.12/24 on wire { mode l2 } }
"""
GOOD = """
netns far
veth wire -- far:eth0 192.168.7.2/24
netns a { macvlan eth0 192.168.7.11/24 on wire { mode bridge } }
netns b { macvlan eth0 192.168.7.12/24 on wire { mode bridge } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    shared = children(topology, "macvlan", "macvtap", "ipvlan")
    for key, found in shared.items():
        other = next((child for child in found if (child.kind == "ipvlan") != (found[0].kind == "ipvlan")), None)
        if other is not None:
            yield check.find(
                other.span,
                f"{topology.devices[key].name} has a {found[0].kind} already, and cannot have an {other.kind} as well"
                if other.kind == "ipvlan"
                else f"{topology.devices[key].name} has an ipvlan already, and cannot have a {other.kind} as well",
                labels=[Label(found[0].span, f"the {found[0].kind}")],
                effect='the kernel would refuse the second: "Device or resource busy"',
                help="make all children of one kind, or give each kind a parent of its own",
            )


CHECK = Check("N328", "macvlan-ipvlan", Severity.ERROR, _run, BAD, GOOD)
