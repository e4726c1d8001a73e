"""Two VXLANs that send to each other differ in port or network identifier

## What it does
Looks at pairs of VXLANs each of which has as its `remote` an address of the other's namespace, and compares `dstport`
and `id`.

## What happens at run time
A packet for a port on which nobody listens is answered by an ICMP error that the sender passes over; one with another
identifier is dropped (kernel drivers/net/vxlan/vxlan_core.c, vxlan_rcv, vxlan_vs_find_vni): nothing arrives. Linux's
own default, 8472, and the assigned port, 4789, are a common pair.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Device, NetnsKey, Topology

BAD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 10.9.0.1/24 on eth0 { id 1; dstport 4789; remote 192.168.0.2 }
}
netns h2 { vxlan vx0 10.9.0.2/24 on eth0 { id 1; dstport 8472; remote 192.168.0.1 } }
"""
GOOD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 10.9.0.1/24 on eth0 { id 1; dstport 4789; remote 192.168.0.2 }
}
netns h2 { vxlan vx0 10.9.0.2/24 on eth0 { id 1; dstport 4789; remote 192.168.0.1 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    seen: list[tuple[Device, frozenset[NetnsKey]]] = []
    for vxlan in of_kind(topology, "vxlan"):
        remote = option(vxlan, "remote")
        owners = frozenset(owner.netns for owner in topology.owners_of(remote)) if remote is not None else frozenset()
        seen.append((vxlan, owners))
    pairs = {
        (vxlan.netns, owner): [v for v, o in seen if v.netns == vxlan.netns and owner in o]
        for vxlan, owners in seen
        for owner in owners
    }
    for (here, there), ours in pairs.items():
        theirs = pairs.get((there, here), [])
        if len(ours) != 1 or len(theirs) != 1 or here > there:
            continue
        for name, what in (("dstport", "port"), ("id", "network identifier")):
            one, two = option(ours[0], name), option(theirs[0], name)
            if one != two:
                yield check.find(
                    option_span(theirs[0], name),
                    f"{theirs[0].key.label} has {what} {two}, and its far end {ours[0].key.label} {one}",
                    labels=[Label(option_span(ours[0], name), "the far end")],
                    effect="what either sends would be thrown away by the other",
                    help=f"write the same `{name}` at both",
                )


CHECK = Check("N336", "vxlan-port-diff", Severity.WARNING, _run, BAD, GOOD)
