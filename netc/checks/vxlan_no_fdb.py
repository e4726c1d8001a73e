"""A VXLAN does not know where to send anything

## What it does
Finds VXLANs with neither `remote` nor `group` and without an `fdb` statement, in a lab where no other VXLAN of that
network identifier could reach them first and be learnt from.

## What happens at run time
A frame whose MAC address has no entry is sent to the entries of 00:00:00:00:00:00, and dropped where there is none
(kernel drivers/net/vxlan/vxlan_core.c, vxlan_xmit): ARP requests never leave.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import fdb_of, of_kind, option, sends_to_everybody
from netc.diagnostics import Finding, Severity
from netc.reach.net import net_of
from netc.topology.model import Topology

BAD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 10.9.0.1/24 on eth0 { id 1; dstport 4789; local 192.168.0.1 }
}
netns h2 { vxlan vx0 10.9.0.2/24 on eth0 { id 1; dstport 4789; local 192.168.0.2 } }
"""
GOOD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 10.9.0.1/24 on eth0 { id 1; dstport 4789; local 192.168.0.1; remote 192.168.0.2 }
}
netns h2 {
  vxlan vx0 10.9.0.2/24 on eth0 { id 1; dstport 4789; local 192.168.0.2 }
  fdb default dev vx0 dst 192.168.0.1
}
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    entries, net = fdb_of(topology), net_of(topology)
    heard = {option(vxlan, "id") for vxlan in of_kind(topology, "vxlan") if sends_to_everybody(topology, vxlan)}
    for vxlan in of_kind(topology, "vxlan"):
        learns = option(vxlan, "learning") is not False and option(vxlan, "id") in heard
        known = sends_to_everybody(topology, vxlan) or any(e.dst is not None for e in entries.get(vxlan.key, ()))
        if learns or known or vxlan.netns in net.unsettled:
            continue
        yield check.find(
            vxlan.span,
            f"{vxlan.key.label} has no far end",
            effect="every frame would be dropped: there is no entry that says where to send it",
            help=f"write `remote ADDRESS` or `group ADDRESS`, or add `fdb default dev {vxlan.name} dst ADDRESS`",
        )


CHECK = Check("N331", "vxlan-no-fdb", Severity.WARNING, _run, BAD, GOOD, whole=True)
