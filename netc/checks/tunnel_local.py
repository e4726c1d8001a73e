"""A tunnel's outer source is no address of its namespace.

## What it does
Compares `local` of every tunnel with the addresses that its namespace has in the lab. The host is left out, since it
has addresses that the lab does not know, and so is a namespace in which `exec` runs a program that could add some.

## What happens at run time
The tunnel comes up without an error. What it sends is dropped, since the kernel routes no packet from a source that
is not its own, and what comes for that address is not its namespace's to take (kernel net/ipv4/route.c,
ip_route_output_key_hash_rcu; net/ipv6/ip6_tunnel.c, ip6_tnl_xmit_ctl). `ip -s link` counts carrier errors.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity, did_you_mean
from netc.kinds import kinds
from netc.kinds.overlay import LOCAL, Overlay, outer_of
from netc.reach.net import net_of
from netc.topology.model import Device, Topology

BAD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
gre a:t0 10.9.0.1/30 { local 10.0.0.7; remote 10.0.0.2 } -- b:t0 10.9.0.2/30
"""
GOOD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
gre a:t0 10.9.0.1/30 { local 10.0.0.1; remote 10.0.0.2 } -- b:t0 10.9.0.2/30
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    unsettled = net_of(topology).unsettled
    for device in topology.devices.values():
        kind = kinds()[device.kind]
        if device.netns.is_root or device.netns in unsettled or not isinstance(kind, Overlay) or kind.binds:
            continue  # what the kernel refuses to make is N363's
        outer = outer_of(topology, device)
        local = LOCAL.option.of(device) or (None if outer is None else outer.local)
        own = [str(address.ip) for address, _ in topology.addresses_of(device.netns)]
        if local is None or str(local) in own:
            continue
        setting, near = device.settings.get("local"), did_you_mean(str(local), _others(topology, device))
        yield check.find(
            device.span if setting is None else setting.span,
            f"{device.netns.label} has no address {local}",
            effect=f"{device.key.label} would come up, and every packet that it sends would be dropped",
            help=near or f"write an address that {device.netns.label} has",
        )


def _others(topology: Topology, tunnel: Device) -> list[str]:
    """Return what a tunnel can send from: what it carries itself is none of its outer addresses."""
    own = {address.ip for address in tunnel.addresses}
    return [str(address.ip) for address, _ in topology.addresses_of(tunnel.netns) if address.ip not in own]


CHECK = Check("N351", "tunnel-local", Severity.ERROR, _run, BAD, GOOD)
