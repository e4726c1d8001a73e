"""A VXLAN is given an MTU that its lower device has no room for

## What it does
Compares the `mtu` of a VXLAN with that of its parent, less 50 bytes (70 over IPv6).

## What happens at run time
`ip link add` makes it with the largest MTU that fits, and says nothing (kernel drivers/net/vxlan/vxlan_core.c,
__vxlan_change_mtu, tried on 6.18); `ip link set mtu` would be refused: `Invalid argument`. The device is not as the lab
says, and status.sh tells.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, option_span
from netc.diagnostics import Finding, Severity
from netc.reach.wire import known_mtu
from netc.topology.model import Topology

BAD = """
netns a {
  veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
  vxlan vx0 10.9.0.1/24 on eth0 { id 1; dstport 4789; remote 10.0.0.2; mtu 1500 }
}
netns b
"""
GOOD = """
netns a {
  veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
  vxlan vx0 10.9.0.1/24 on eth0 { id 1; dstport 4789; remote 10.0.0.2; mtu 1450 }
}
netns b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for vxlan in of_kind(topology, "vxlan"):
        said, comes = option(vxlan, "mtu"), known_mtu(topology, vxlan.key)
        if said is not None and comes is not None and comes < said:
            yield check.find(
                option_span(vxlan, "mtu"),
                f"{vxlan.key.label} comes to have an MTU of {comes}, not {said}",
                effect="the kernel would make it smaller without a word: the outer header needs room as well",
                help=f"write `mtu {comes}`, or give the lower device a larger one",
            )


CHECK = Check("N320", "vxlan-mtu-cap", Severity.WARNING, _run, BAD, GOOD)
