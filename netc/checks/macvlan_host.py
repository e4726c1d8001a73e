"""A child and its parent shall talk

## What it does
Looks at the expected pings between a macvlan, macvtap or ipvlan device and the device that it stands on.

## What happens at run time
A child's frames go out of the parent onto the wire, and nothing that comes from the parent itself is handed to a child
(kernel drivers/net/macvlan.c, macvlan_queue_xmit; Documentation/networking/ipvlan.rst): ARP requests are not answered,
`Destination Host Unreachable`. The parent's namespace needs a macvlan of its own beside the child, by which it has a
route to it; that one answers ARP for the parent's addresses as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import near_ends, option, questions_between
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import net_of
from netc.reach.rules import Flow
from netc.topology.model import Device, IPAddress, Topology

BAD = """
veth wire 192.168.7.1/24 -- far:eth0 192.168.7.2/24
netns far
netns a { macvlan eth0 192.168.7.11/24 on wire { mode bridge } }
expect host -> a
"""
GOOD = """
veth wire 192.168.7.1/24 -- far:eth0 192.168.7.2/24
netns far
netns a {
  macvlan eth0 192.168.7.11/24 on wire { mode bridge }
  route 192.168.7.1 dev eth0 scope link
}
macvlan shim 192.168.7.250/32 on wire { mode bridge }
route 192.168.7.11 dev shim scope link
expect host -> a
"""
CHILDREN = frozenset({"macvlan", "macvtap", "ipvlan"})


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for near in near_ends(topology):
        child, parent = near.ours, near.theirs
        if child.parent != parent.key:
            child, parent = parent, child
        if child.parent != parent.key or child.kind not in CHILDREN or _l3(child):
            continue
        if child is near.ours and near.target.version == 4 and _has_shim(topology, child, parent):
            continue
        yield check.find(
            near.expectation.origin.span,
            f"{near.ours.key.label} cannot reach {near.theirs.key.label}: {parent.name} is the parent of {child.name}",
            labels=[Label(child.span, "the child")],
            effect=f"ARP requests for {near.target} would not be answered: parent and child do not hear each other",
            help=_help(near.target if child is near.theirs else None, child, parent),
            causes=questions_between(topology, near),
        )


def _has_shim(topology: Topology, child: Device, parent: Device) -> bool:
    """Whether another child, in the parent's namespace, answers ARP for all of its addresses and is the way back."""
    entries = [net_of(topology).fibs[parent.netns].lookup(Flow(a.ip)) for a in child.addresses if a.ip.version == 4]
    ways = [None if entry is None or entry.device is None else topology.devices[entry.device] for entry in entries]
    return bool(ways) and all(
        way is not None and way.parent == parent.key and option(way, "mode") == option(child, "mode") == "bridge"
        for way in ways
    )


def _l3(child: Device) -> bool:
    return child.kind == "ipvlan" and option(child, "mode") != "l2"


def _help(target: IPAddress | None, child: Device, parent: Device) -> str:
    if child.kind == "ipvlan":
        return "expect `-/>`, or join the two by a veth as well"
    ip = target or next((address.ip for address in child.addresses), None)
    place = "at the top level of the file" if parent.netns.is_root else f"to {parent.netns.label}"
    shim = f"`macvlan shim ADDRESS/32 on {parent.name} {{ mode bridge }}` and `route {ip} dev shim`"
    return f"add {shim} {place}"


CHECK = Check("N323", "macvlan-host", Severity.WARNING, _run, BAD, GOOD)
