"""A route's gateway is an address that nobody on the link has.

## What it does
Looks for whoever would answer for the gateway of a route: an address on the segment, or proxy ARP. Segments that
reach beyond the lab, by an uplink or a kind whose frames netc does not follow, are not judged.

## What happens at run time
`ip route add` succeeds, since the gateway lies in a subnet of the link. Every packet then waits for an ARP answer
(IPv6: a neighbour advertisement) that does not come, and ends in `Destination Host Unreachable` (kernel
Documentation/networking/ip-sysctl.rst, `mcast_solicit`: three requests, a second apart).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.reach.gateway import Verdict, judge
from netc.reach.neighbour import Reply, ask
from netc.reach.net import Net, net_of
from netc.topology.model import Route, Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route default via 10.0.0.254
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
    for route in topology.routes:
        if route.gateway is None or route.gateway_span is None or route.device is None:
            continue
        device = topology.devices[route.device]
        subnets = [address.interface.network for address in device.addresses]
        if judge(net, route).verdict is not Verdict.ON_LINK or not any(route.gateway in subnet for subnet in subnets):
            continue  # a gateway by a route of its own is for proxy ARP to answer, which N408 looks at
        if ask(net, route.device, route.gateway).reply is Reply.NOBODY:
            end = 'for an ARP answer and end in "Destination Host Unreachable"'
            if route.gateway.version == 6:
                end = 'for a neighbour advertisement and end in "Address unreachable"'
            yield check.find(
                route.gateway_span,
                f"nobody on the link of {route.device.label} has the address {route.gateway}",
                effect=f"packets would wait {end}",
                help=_help(net, route),
                causes=[(route.device, route.gateway)],
            )


def _help(net: Net, route: Route) -> str:
    """Return the neighbours that could be meant."""
    assert route.device is not None
    assert route.gateway is not None
    others = [
        f"{address.ip} ({device.key.label})"
        for address, device in net.segment_of(route.device).addresses()
        if device.netns != route.netns and address.ip.version == route.gateway.version
    ]
    if not others:
        return "give the address to the namespace that is to be the gateway"
    return f"on this link there is {', '.join(others[:4])}" + (", and others" if len(others) > 4 else "")


CHECK = Check("N217", "gw-nobody", Severity.WARNING, _run, BAD, GOOD, whole=True)
