"""A VXLAN that sends no broadcasts lacks a neighbour entry

## What it does
Looks at the expected pings whose next hop is behind a VXLAN with entries for single MAC addresses alone, and for which
the lab writes no `neigh`.

## What happens at run time
The next hop's MAC address has to be asked for by a broadcast (ARP), which has no entry in the FDB and is dropped
(kernel drivers/net/vxlan/vxlan_core.c, vxlan_xmit): `Destination Host Unreachable`, although the FDB knows the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import Near, fdb_of, near_ends, option, sends_to_everybody
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import net_of
from netc.topology.model import Topology

BAD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 10.9.0.1/24 on eth0 { id 1; dstport 4789; mac 02:00:00:00:00:01 }
  fdb 02:00:00:00:00:02 dev vx0 dst 192.168.0.2
}
netns h2 {
  vxlan vx0 10.9.0.2/24 on eth0 { id 1; dstport 4789; mac 02:00:00:00:00:02 }
  fdb 02:00:00:00:00:01 dev vx0 dst 192.168.0.1
}
expect h1 -> h2:vx0
"""
GOOD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 10.9.0.1/24 on eth0 { id 1; dstport 4789; mac 02:00:00:00:00:01 }
  fdb 02:00:00:00:00:02 dev vx0 dst 192.168.0.2
  neigh 10.9.0.2 lladdr 02:00:00:00:00:02 dev vx0
}
netns h2 {
  vxlan vx0 10.9.0.2/24 on eth0 { id 1; dstport 4789; mac 02:00:00:00:00:02 }
  fdb 02:00:00:00:00:01 dev vx0 dst 192.168.0.1
  neigh 10.9.0.1 lladdr 02:00:00:00:00:01 dev vx0
}
expect h1 -> h2:vx0
"""


def without_entry(topology: Topology) -> Iterator[Near]:
    """Yield the expected pings whose next hop has to be asked for by a broadcast that a VXLAN drops."""
    net, entries = net_of(topology), fdb_of(topology)
    for near in near_ends(topology):
        vxlan = near.ours
        if vxlan.kind != "vxlan" or vxlan.master is not None or sends_to_everybody(topology, vxlan):
            continue
        if vxlan.key in entries and near.question not in net.neighbours and vxlan.netns not in net.unsettled:
            yield near


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for near in without_entry(topology):
        vxlan = near.ours
        mac = option(near.theirs, "mac") or "MAC"
        yield check.find(
            near.expectation.origin.span,
            f"{vxlan.netns.label} has no neighbour entry for {near.target}, and {vxlan.name} sends no broadcasts",
            labels=[Label(vxlan.span, "it has entries for single MAC addresses alone")],
            effect=f"the ARP request for {near.target} would be dropped",
            help=f"add `neigh {near.target} lladdr {mac} dev {vxlan.name}` to {vxlan.netns.label}",
            causes=[near.question],
        )


CHECK = Check("N332", "vxlan-no-neigh", Severity.WARNING, _run, BAD, GOOD, whole=True)
