"""Two VXLANs share a port and read its packets differently

## What it does
Compares the VXLANs of each namespace that have the same `dstport`: `gbp`, `gpe`, `external`, `vnifilter`, `remcsumrx`
and `udp6zerocsumrx` must be the same.

## What happens at run time
One socket receives for all VXLANs of a port, and these options are the socket's: the second device cannot come up,
`Address already in use` (kernel drivers/net/vxlan/vxlan_core.c, vxlan_find_sock, VXLAN_F_RCV_FLAGS; cilium#2925).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, outer_version
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Device, Topology

BAD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 on eth0 { id 1; dstport 4789; remote 192.168.0.2 }
  vxlan vx1 on eth0 { id 2; dstport 4789; remote 192.168.0.2; gbp on }
}
netns h2
"""
GOOD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  vxlan vx0 on eth0 { id 1; dstport 4789; remote 192.168.0.2 }
  vxlan vx1 on eth0 { id 2; dstport 4790; remote 192.168.0.2; gbp on }
}
netns h2
"""
_FLAGS = ("gbp", "gpe", "external", "vnifilter", "remcsumrx", "udp6zerocsumrx")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], Device] = {}
    for vxlan in of_kind(topology, "vxlan"):
        place = vxlan.parent.netns if vxlan.parent is not None else vxlan.netns
        first = seen.setdefault((place, option(vxlan, "dstport"), outer_version(topology, vxlan)), vxlan)
        other = next((name for name in _FLAGS if bool(option(first, name)) != bool(option(vxlan, name))), None)
        if other is not None:
            said, silent = (vxlan, first) if option(vxlan, other) else (first, vxlan)
            yield check.find(
                vxlan.span,
                f"{vxlan.name} and {first.name} share port {option(vxlan, 'dstport')}, and only {said.name} says "
                f"`{other} on`",
                labels=[Label(first.span, "the other one")],
                effect='the second could not come up: "Address already in use"',
                help=f"write `{other} on` at {silent.name} as well, or use another `dstport`",
            )


CHECK = Check("N335", "vxlan-port-flags", Severity.ERROR, _run, BAD, GOOD)
