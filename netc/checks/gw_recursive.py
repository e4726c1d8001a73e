"""A route's gateway lies behind another gateway.

## What it does
Finds gateways to which the namespace has a route only by way of another gateway. N208 is the same for a gateway to
which there is no route at all.

## What happens at run time
The kernel resolves a gateway once, when the route is added, and only to something on a link: `ip route add` ends in
`Nexthop has invalid gateway` (IPv4) or `No route to host` (IPv6). Routing protocols resolve such next hops before
they hand routes to the kernel. Kernel net/ipv4/fib_semantics.c, fib_check_nh; net/ipv6/route.c, ip6_route_check_nh.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.gateway import Verdict, judge
from netc.reach.net import net_of
from netc.topology.model import Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route 10.1.0.0/24 via 10.0.0.1
  route 10.2.0.0/24 via 10.1.0.1
}
netns r1 { forward ipv4 }
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route 10.1.0.0/24 via 10.0.0.1
  route 10.2.0.0/24 via 10.0.0.1
}
netns r1 { forward ipv4 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for route in topology.routes:
        if route.gateway is None or route.gateway_span is None:
            continue
        judgement = judge(net, route)
        if judgement.verdict is not Verdict.RECURSIVE or judgement.entry is None:
            continue
        other = judgement.entry
        labels = [Label(other.route.prefix_span, "by this route")] if other.route is not None else []
        refusal = "Nexthop has invalid gateway" if route.gateway.version == 4 else "No route to host"
        yield check.find(
            route.gateway_span,
            f"{route.netns.label} reaches the gateway {route.gateway} only through another gateway, {other.gateway}",
            labels=labels,
            effect=f'the kernel would refuse the route: "{refusal}"',
            help=f"write the first gateway on the way: `via {other.gateway}`",
        )


CHECK = Check("N209", "gw-recursive", Severity.ERROR, _run, BAD, GOOD, whole=True)
