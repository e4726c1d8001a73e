"""A route's gateway is on no link of its namespace.

## What it does
Looks for the gateway of every route, those for MPLS labels included, where the kernel would: among the subnets of the
namespace's own addresses and its routes without a gateway; with `dev`, among those of that device only. Routes with
`onlink` are taken as they are, but for IPv6 where another route leads to the gateway by another device. On the host,
whose other devices the lab does not know, only gateways on devices that the lab makes are judged.

## What happens at run time
`ip route add` ends in `Nexthop has invalid gateway` (IPv4), `No route to host` (IPv6) or `Nexthop has invalid gateway
or device mismatch` (IPv6, `onlink`), and up.sh takes everything back. Kernel net/ipv4/fib_semantics.c, fib_check_nh;
net/ipv6/route.c, ip6_route_check_nh and ip6_route_check_nh_onlink.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import has_subnet
from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.parts.mpls import LabelRoute
from netc.reach.gateway import Verdict, judge
from netc.reach.net import net_of
from netc.topology.model import Route, Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route default via 10.0.1.1
}
netns r1 { forward ipv4 }
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route default via 10.0.0.1
}
netns r1 { forward ipv4 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    labelled = [way for part in topology.parts_of(LabelRoute) for way in part.ways]
    for route in (*topology.routes, *labelled):
        if route.gateway is None or route.gateway_span is None:
            continue
        judgement = judge(net, route)
        if judgement.verdict is Verdict.NOWHERE:
            message = f"the gateway {route.gateway} is in no subnet of {route.netns.label}"
            help = _help(topology, route)
        elif judgement.verdict is Verdict.OTHER_DEVICE and judgement.entry is not None:
            assert judgement.entry.device is not None
            assert route.device is not None
            message = f"the gateway {route.gateway} is not on the link of {route.device.name}"
            there = f"write `dev {judgement.entry.device.name}`"
            help = (
                f"{there}: {judgement.entry.prefix} leads there"
                if route.onlink
                else f"{there}, where it is, or leave `dev` out"
            )
        else:
            continue
        effect = f'the kernel would refuse the route: "{_refusal(route.gateway.version, route.onlink)}"'
        yield check.find(route.gateway_span, message, effect=effect, help=help)


def _refusal(version: int, onlink: bool) -> str:
    if onlink:
        return "Nexthop has invalid gateway or device mismatch"
    return "Nexthop has invalid gateway" if version == 4 else "No route to host"


def _help(topology: Topology, route: Route) -> str:
    assert route.gateway is not None
    found = [
        (str(address.interface.network), device.name)
        for address, device in topology.addresses_of(route.netns)
        if address.ip.version == route.gateway.version and has_subnet(address) and device.name != "lo"
    ]
    if not found:
        return f"add `route {route.gateway} dev DEVICE`, or write `dev DEVICE onlink`"
    subnets, devices = (list(dict.fromkeys(column)) for column in zip(*found, strict=True))
    device = route.device.name if route.device is not None else devices[0] if len(devices) == 1 else "DEVICE"
    neighbour = f"a neighbour on {device}" if device != "DEVICE" else "a neighbour there"
    return (
        f"use a gateway in {' or '.join(subnets)}, "
        f"or write `via {route.gateway} dev {device} onlink` if {neighbour} has that address"
    )


CHECK = Check("N208", "gw-not-onlink", Severity.ERROR, _run, BAD, GOOD, whole=True)
