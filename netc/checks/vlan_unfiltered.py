"""VLANs are said for a bridge that does not look at them

## What it does
Finds `vlan` at a port of a bridge, or at the bridge itself, that has not `vlan-filtering on`.

## What happens at run time
The kernel notes the VLANs and looks at none of them until filtering is turned on (kernel net/bridge/br_vlan.c,
br_allowed_ingress: "If VLAN filtering is disabled on the bridge, all packets are permitted"): every port hears every
other, whatever their VLANs.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology

BAD = """
bridge br0
netns a { veth eth0 10.0.10.1/24 -- br0 { vlan 10 pvid untagged } }
netns b { veth eth0 10.0.20.1/24 -- br0 { vlan 20 pvid untagged } }
expect a -/> b
"""
GOOD = """
bridge br0 { vlan-filtering on }
netns a { veth eth0 10.0.10.1/24 -- br0 { vlan 10 pvid untagged } }
netns b { veth eth0 10.0.20.1/24 -- br0 { vlan 20 pvid untagged } }
expect a -/> b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bridge in of_kind(topology, "bridge"):
        if option(bridge, "vlan-filtering"):
            continue
        said = [
            device for device in (bridge, *topology.ports_of(bridge.key)) if isinstance(option(device, "vlan"), tuple)
        ]
        for device in said[:1]:
            yield check.find(
                option_span(device, "vlan"),
                f"{bridge.name} does not look at VLANs",
                labels=[] if device is bridge else [Label(bridge.span, "the bridge")],
                effect="its ports would all hear each other, whatever VLANs they say",
                help=f"write `vlan-filtering on` at {bridge.name}",
            )


CHECK = Check("N314", "vlan-unfiltered", Severity.WARNING, _run, BAD, GOOD)
