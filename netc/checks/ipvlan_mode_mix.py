"""ipvlan children of one parent say different modes

## What it does
Compares the modes of the ipvlan devices on each parent; where none is said it is `l3`.

## What happens at run time
The mode is the parent's: the child that is made last changes it for all (kernel drivers/net/ipvlan/ipvlan_main.c,
ipvlan_link_new, ipvlan_set_port_mode). The others are then not what the lab says: in `l3` they answer no ARP.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import children, option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Device, Topology

BAD = """
netns far
veth wire -- far:eth0 192.168.7.2/24
netns a { ipvlan eth0 192.168.7.11/24 on wire { mode l2 } }
netns b { ipvlan eth0 192.168.7.12/24 on wire { mode l3 } }
"""
GOOD = """
netns far
veth wire -- far:eth0 192.168.7.2/24
netns a { ipvlan eth0 192.168.7.11/24 on wire { mode l2 } }
netns b { ipvlan eth0 192.168.7.12/24 on wire { mode l2 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for key, found in children(topology, "ipvlan").items():
        first = _mode(found[0])
        other = next((child for child in found if _mode(child) != first), None)
        if other is not None:
            yield check.find(
                option_span(other, "mode"),
                f"the children of {topology.devices[key].name} cannot be in mode {_mode(other)} and in mode {first}",
                labels=[Label(option_span(found[0], "mode"), f"mode {first}")],
                effect=f"all of them would be in mode {_mode(found[-1])}, that of the last one made",
                help="write one mode at all of them",
            )


def _mode(child: Device) -> str:
    return option(child, "mode") or "l3"


CHECK = Check("N329", "ipvlan-mode-mix", Severity.WARNING, _run, BAD, GOOD)
