"""Two ends that shall talk are in different VLANs

## What it does
Looks at the expected pings between neighbours that hang on bridges which filter VLANs, and share no VLAN there.

## What happens at run time
A frame belongs to the VLAN of the port that it came in by, and leaves only by ports of that VLAN (kernel
net/bridge/br_vlan.c, br_allowed_ingress and br_allowed_egress): ARP requests are not answered, `Destination Host
Unreachable`. VLANs need a router between them, and subnets of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import bridge_of, near_ends, option, option_span, questions_between
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import net_of
from netc.topology.model import Device, Topology

BAD = """
bridge br0 { vlan-filtering on; subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 -- br0 { vlan 10 pvid untagged } }
netns b { veth eth0 10.0.0.2/24 -- br0 { vlan 20 pvid untagged } }
expect a <-> b
"""
GOOD = """
bridge br0 { vlan-filtering on; subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 -- br0 { vlan 10 pvid untagged } }
netns b { veth eth0 10.0.0.2/24 -- br0 { vlan 10 pvid untagged } }
expect a <-> b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net, told = net_of(topology), set()
    for near in near_ends(topology):
        if net.home[near.ours.key] == net.home[near.theirs.key] or len(net.holders.get(near.target, ())) != 1:
            continue
        ports = [_port(topology, end) for end in (near.ours, near.theirs)]
        if None in ports or near.pair in told:
            continue
        told.add(near.pair)
        labels = [
            Label(option_span(port, "vlan"), f"the port of {end.key.label}")
            for port, end in zip(ports, (near.ours, near.theirs), strict=True)
            if port is not None
        ]
        yield check.find(
            near.expectation.origin.span,
            f"{near.ours.key.label} and {near.theirs.key.label} share no VLAN",
            labels=labels,
            effect=f"no frame would pass between them: ARP requests for {near.target} are not answered",
            help="put both ports into one VLAN, or route between two subnets",
            causes=questions_between(topology, near),
        )


def _port(topology: Topology, end: Device) -> Device | None:
    """Return the port of a VLAN-filtering bridge that a device hangs on, or the bridge itself, or None."""
    for _ in range(8):
        if end.parent is None:
            break
        end = topology.devices[end.parent]
    port = end if end.kind == "bridge" else None if end.peer is None else topology.devices[end.peer]
    if port is None:
        return None
    bridge = port if port.kind == "bridge" else bridge_of(topology, port)
    return port if bridge is not None and option(bridge, "vlan-filtering") else None


CHECK = Check("N316", "vlan-mismatch", Severity.WARNING, _run, BAD, GOOD)
