"""A route has a gateway, and a scope that has none

## What it does
Finds IPv4 routes with `via` and `scope link` or `scope host`.

## What happens at run time
The scope says how far the destination is, and one on the link, or on the host itself, needs no gateway. The kernel
refuses the route: `Nexthop has invalid gateway`, or `Route with host scope can not have a gateway` (kernel
net/ipv4/fib_semantics.c, fib_check_nh_v4_gw, fib_create_info). IPv6 passes over the word.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns a {
  veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
  route 10.9.0.0/16 via 10.0.0.2 scope link
}
netns b { forward ipv4 }
"""
GOOD = """
netns a {
  veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
  route 10.9.0.0/16 via 10.0.0.2
}
netns b { forward ipv4 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for route in topology.routes:
        if route.prefix.version != 4 or route.gateway_span is None or route.scope not in {"link", "host"}:
            continue
        refusal = "Nexthop has invalid gateway"
        if route.scope == "host":
            refusal = "Route with host scope can not have a gateway"
        yield check.find(
            route.gateway_span,
            f"a route of scope {route.scope} has no gateway",
            effect=f'the kernel would refuse it: "{refusal}"',
            help=f"leave out `scope {route.scope}`, or the gateway",
        )


CHECK = Check("N339", "scope-via", Severity.ERROR, _run, BAD, GOOD)
