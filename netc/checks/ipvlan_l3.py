"""An ipvlan in layer 3 shall be reached as a neighbour

## What it does
Looks at the expected pings between an ipvlan device in mode `l3` or `l3s` and a neighbour on its parent's wire that
takes it to be on the link.

## What happens at run time
In these modes a child answers no ARP, and its frames are routed by the parent's namespace (kernel
Documentation/networking/ipvlan.rst): the neighbour's ARP requests for the child get no answer. It needs a route to the
child by an address of the parent's namespace, which has to forward.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import Near, near_ends, option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import net_of
from netc.topology.model import Device, Topology

BAD = """
netns far
veth wire 192.168.7.1/24 -- far:eth0 192.168.7.2/24
netns a { ipvlan eth0 192.168.7.11/24 on wire { mode l3 } }
expect far -> a
"""
GOOD = """
netns far
veth wire 192.168.7.1/24 -- far:eth0 192.168.7.2/24
netns a { ipvlan eth0 192.168.7.11/24 on wire { mode l2 } }
expect far -> a
"""


def silent_children(topology: Topology) -> Iterator[tuple[Near, Device]]:
    """Yield the expected pings whose next hop is a child in layer 3, with its parent."""
    net = net_of(topology)
    for near in near_ends(topology):
        child = near.theirs
        if child.kind != "ipvlan" or option(child, "mode") == "l2" or child.parent is None:
            continue
        if near.ours.key != child.parent and net.home[near.ours.key] == net.home[child.parent]:
            yield near, topology.devices[child.parent]


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for near, parent in silent_children(topology):
        child = near.theirs
        gateway = next((a.ip for a in parent.addresses if a.ip.version == near.target.version), "GATEWAY")
        yield check.find(
            near.expectation.origin.span,
            f"{child.key.label} does not answer {near.ours.key.label}: it is in mode {option(child, 'mode') or 'l3'}",
            labels=[Label(option_span(child, "mode"), "the child")],
            effect=f"ARP requests for {near.target} would not be answered",
            help=f"write `mode l2`, or `route {near.target} via {gateway}` at {near.ours.netns.label}",
            causes=[near.question],
        )


CHECK = Check("N330", "ipvlan-l3", Severity.WARNING, _run, BAD, GOOD)
