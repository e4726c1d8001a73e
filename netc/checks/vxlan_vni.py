"""Two VXLANs of a namespace have the same network identifier and port

## What it does
Compares `id` and `dstport` of the VXLANs of each namespace, and finds `id` together with `external on`.

## What happens at run time
What comes in could be for either, and the kernel refuses the second: `A VXLAN device with the specified VNI already
exists` (kernel drivers/net/vxlan/vxlan_core.c, vxlan_vni_in_use, tried on 6.18). With `external on` iproute2 takes no
`id`: the identifier comes with each packet.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, option_span, outer_version
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Device, Topology

BAD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 on eth0 { id 1; dstport 4789; remote 192.168.0.2 }
  vxlan vx1 on eth0 { id 1; dstport 4789; remote 192.168.0.3 }
}
netns h2
"""
GOOD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 on eth0 { id 1; dstport 4789; remote 192.168.0.2 }
  vxlan vx1 on eth0 { id 2; dstport 4789; remote 192.168.0.3 }
}
netns h2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], Device] = {}
    for vxlan in of_kind(topology, "vxlan"):
        if option(vxlan, "external"):
            if option(vxlan, "id") is not None:
                yield check.find(
                    option_span(vxlan, "id"),
                    f"{vxlan.name} takes its network identifier from each packet, and has one of its own",
                    effect="iproute2 would refuse it: \"both 'external' and vni cannot be specified\"",
                    help="leave out `id`, or `external on`",
                )
            continue
        # A device is made where its parent is, and its packets come in there.
        place = vxlan.parent.netns if vxlan.parent is not None else vxlan.netns
        key = (place, option(vxlan, "id"), option(vxlan, "dstport"), outer_version(topology, vxlan))
        first = seen.setdefault(key, vxlan)
        if first is not vxlan:
            yield check.find(
                option_span(vxlan, "id"),
                f"{vxlan.key.label} has the network identifier of {first.key.label}, and the same port",
                labels=[Label(option_span(first, "id"), "first used here")],
                effect='the kernel would refuse it: "A VXLAN device with the specified VNI already exists"',
                help="use another `id`, or another `dstport`",
            )


CHECK = Check("N334", "vxlan-vni", Severity.ERROR, _run, BAD, GOOD)
