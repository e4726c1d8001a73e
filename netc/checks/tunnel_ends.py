"""A tunnel's link leaves open which outer addresses its ends use.

## What it does
Looks at links of tunnels (`gre a:t0 -- b:t0`) whose `local` and `remote` the lab does not say, and cannot be worked
out: the namespaces have no two addresses of the tunnel's family that packets can go between, or several that are
equally near. An address pair of one subnet on a common segment comes first, then any on a common segment, then, across
routers, the only address that each namespace has; IPv4 before IPv6 where the kind can use both.

## What happens at run time
A tunnel is made for one pair of outer addresses and takes no packets of another (kernel net/ipv4/ip_tunnel.c,
ip_tunnel_lookup). A wrong guess would come up without an error, and carry nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.kinds import kinds
from netc.kinds.overlay import Overlay, is_external, outer_choices, outer_of
from netc.topology.model import Topology

BAD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
veth a:eth1 10.1.0.1/24 -- b:eth1 10.1.0.2/24
gre a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30
"""
GOOD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
veth a:eth1 10.1.0.1/24 -- b:eth1 10.1.0.2/24
gre a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30 { local 10.0.0.2; remote 10.0.0.1 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    told = set()
    for device in topology.devices.values():
        kind = kinds()[device.kind]
        if (
            not isinstance(kind, Overlay)
            or not kind.has_ends
            or device.peer is None
            or device.peer in told
            or is_external(device.settings)
        ):
            continue
        told.add(device.key)
        if outer_of(topology, device) is not None:
            continue
        peer = topology.devices[device.peer]
        family = " or ".join(f"IPv{version}" for version in kind.outer_versions)
        pairs = outer_choices(topology, device)
        if pairs:
            shown = [f"from {one} to {two}" for one, two in pairs[:3]] + ["..."] * (len(pairs) > 3)
            message = f"this `{device.kind}` could go {', or '.join(shown)}"
            effect = "netc does not guess: a tunnel between the wrong pair comes up and carries nothing"
            local, remote = pairs[0]
            help = f"say which: `{{ local {local}; remote {remote} }}` at {device.key.label}"
        else:
            message = f"{device.netns.label} and {peer.netns.label} have no {family} addresses that it could go by"
            effect = "the tunnel would have no outer addresses, and carry nothing"
            help = f"give both an {family} address on a segment that they share, or write `local` and `remote`"
        yield check.find(device.span, message, effect=effect, help=help)


CHECK = Check("N350", "tunnel-ends", Severity.ERROR, _run, BAD, GOOD, whole=True)
