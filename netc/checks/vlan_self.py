"""A bridge's own address, or a device on it, is in no VLAN of the bridge

## What it does
Looks at bridges with `vlan-filtering on` for addresses of their own where no VLAN of the bridge itself is untagged, and
for `vlan` devices on them whose `id` is not among the bridge's own.

## What happens at run time
The bridge's own device is a port like the others: frames reach it only in its own VLANs, which `bridge vlan add ...
self` gives (kernel net/bridge/br_input.c, br_pass_frame_up, br_allowed_egress). The address, or the VLAN device, hears
nothing and sends into nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import children, of_kind
from netc.diagnostics import Finding, Label, Severity
from netc.kinds import kinds
from netc.topology.model import Topology

BAD = """
netns sw {
  bridge br0 { vlan-filtering on }
  vlan br0.10 10.0.10.1/24 on br0 { id 10 }
}
netns a { veth eth0 10.0.10.2/24 -- sw:br0 { vlan 10 pvid untagged } }
"""
GOOD = """
netns sw {
  bridge br0 { vlan-filtering on; vlan 10 }
  vlan br0.10 10.0.10.1/24 on br0 { id 10 }
}
netns a { veth eth0 10.0.10.2/24 -- sw:br0 { vlan 10 pvid untagged } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    on_top = children(topology, "vlan")
    for bridge in of_kind(topology, "bridge"):
        own = kinds()[bridge.kind].membership(bridge, bridge)
        if own is None:
            continue
        if bridge.addresses and own.untagged is None:
            yield check.find(
                bridge.addresses[0].span,
                f"{bridge.name} itself is in no VLAN untagged",
                effect="the address would hear nothing: the bridge's own device gets frames of its own VLANs alone",
                help="write `vlan VID pvid untagged` at the bridge, or give the address to a `vlan` device on it",
            )
        for child in on_top.get(bridge.key, ()):
            tag = kinds()[child.kind].tag(child)
            if tag is not None and tag[0] == own.protocol and tag[1] not in own.tagged:
                yield check.find(
                    child.span,
                    f"{bridge.name} itself is not in VLAN {tag[1]} with a tag",
                    labels=[Label(bridge.span, "the bridge")],
                    effect=f"{child.name} would hear nothing, and what it sends would be dropped",
                    help=f"write `vlan {tag[1]}` at {bridge.name}",
                )


CHECK = Check("N317", "vlan-self", Severity.WARNING, _run, BAD, GOOD)
