"""A route's source is an address that its namespace has not

## What it does
Compares the `src` of each route with the addresses of its namespace. Those of the host, which the lab does not declare
all, are not judged.

## What happens at run time
The kernel refuses the route: `Invalid prefsrc address` (kernel net/ipv4/fib_semantics.c, fib_valid_prefsrc), for IPv6
`Invalid source address` (net/ipv6/route.c, fib6_nh and ip6_route_info_create).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import Route, Topology

BAD = """
netns a {
  veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
  route 10.9.0.0/16 via 10.0.0.2 src 10.0.0.11
}
netns b { forward ipv4 }
"""
GOOD = """
netns a {
  veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
  route 10.9.0.0/16 via 10.0.0.2 src 10.0.0.1
}
netns b { forward ipv4 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for route in topology.routes:
        if route.source is None or route.source_span is None or route.netns.is_root:
            continue
        own = [address.ip for address, _ in topology.addresses_of(route.netns)]
        if route.source in own or route.hop:
            continue
        known = [str(ip) for ip in own if ip.version == route.source.version]
        refusal = "Invalid prefsrc address" if route.source.version == 4 else "Invalid source address"
        yield check.find(
            route.source_span,
            f"{route.netns.label} does not have the address {route.source}",
            effect=f'the kernel would refuse the route: "{refusal}"',
            help=_help(route, known),
        )


def _help(route: Route, known: list[str]) -> str:
    if not known:
        return f"give {route.netns.label} the address {route.source}"
    return f"write {' or '.join(f'`src {ip}`' for ip in known[:4])}, or give {route.netns.label} that address"


CHECK = Check("N338", "src-nobody", Severity.ERROR, _run, BAD, GOOD)
