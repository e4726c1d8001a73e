"""A child has a larger MTU than its parent

## What it does
Compares the `mtu` of macvlan, macvtap, ipvlan and vlan devices with what their parent comes to have.

## What happens at run time
The kernel refuses the child: `Invalid argument` for a macvlan (drivers/net/macvlan.c), `Numerical result out of range`
for a VLAN (net/8021q/vlan_netlink.c).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import children, option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.reach.wire import known_mtu
from netc.topology.model import Topology

BAD = """
netns far
veth wire -- far:eth0
netns a { macvlan eth0 192.168.7.11/24 on wire { mode bridge; mtu 9000 } }
"""
GOOD = """
netns far
veth wire { mtu 9000 } -- far:eth0
netns a { macvlan eth0 192.168.7.11/24 on wire { mode bridge; mtu 9000 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for key, found in children(topology, "macvlan", "macvtap", "vlan").items():
        parent = topology.devices[key]
        most = known_mtu(topology, parent.key)
        for child in found:
            said = option(child, "mtu")
            if most is not None and said is not None and said > most:
                yield check.find(
                    option_span(child, "mtu"),
                    f"{child.key.label} has an MTU of {said}, and its parent {parent.name} one of {most}",
                    labels=[Label(parent.span, "the parent")],
                    effect="the kernel would refuse to make it",
                    help=f"write `mtu {most}` or less, or `mtu {said}` at the parent",
                )


CHECK = Check("N326", "child-mtu", Severity.ERROR, _run, BAD, GOOD)
