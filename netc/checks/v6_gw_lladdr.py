"""A link-local gateway is written without the device that it is on.

## What it does
Finds routes to a gateway of fe80::/10 that do not say `dev`.

## What happens at run time
Every link has the same link-local subnet, so that the address alone says nothing (RFC 4291, section 2.5.6). `ip -6
route add` ends in `Egress device not specified` (kernel net/ipv6/route.c, ip6_route_check_nh_onlink and its
neighbours).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Edit, Finding, Severity
from netc.reach.gateway import Verdict, judge
from netc.reach.net import net_of
from netc.topology.model import Made, Topology

BAD = """
netns ns1 {
  veth eth0 fd00::2/64 -- r1:eth0 fd00::1/64 fe80::1/64
  route default via fe80::1
}
netns r1 { forward ipv6 }
"""
GOOD = """
netns ns1 {
  veth eth0 fd00::2/64 -- r1:eth0 fd00::1/64 fe80::1/64
  route default via fe80::1 dev eth0
}
netns r1 { forward ipv6 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for route in topology.routes:
        if route.gateway is None or route.gateway_span is None:
            continue
        if judge(net, route).verdict is not Verdict.NO_DEVICE:
            continue
        names = [device.name for device in topology.devices_in(route.netns) if device.made is not Made.KERNEL]
        name = names[0] if len(names) == 1 else "DEVICE"
        yield check.find(
            route.gateway_span,
            f"the gateway {route.gateway} is link-local, and the route does not say on which link",
            effect='the kernel would refuse the route: "Egress device not specified"',
            help=f"write `via {route.gateway} dev {name}`",
            edits=[Edit(route.gateway_span, f"{route.gateway} dev {name}")] if len(names) == 1 else [],
        )


CHECK = Check("N214", "v6-gw-lladdr", Severity.ERROR, _run, BAD, GOOD)
