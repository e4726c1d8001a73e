"""A route's destination has bits set beyond its prefix length.

## What it does
Finds routes to something like 10.1.2.3/16, which is neither the subnet 10.1.0.0/16 nor the address 10.1.2.3.

## What happens at run time
IPv4 refuses such a route: `Invalid prefix for given prefix length` (kernel net/ipv4/fib_trie.c, fib_valid_key_len).
IPv6 clears the bits without a word, so that the route leads further than its reader thinks. netc asks which of the
two is meant, for both.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Edit, Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route 10.1.2.3/16 via 10.0.0.1
}
netns r1 { forward ipv4 }
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route 10.1.0.0/16 via 10.0.0.1
}
netns r1 { forward ipv4 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for route in topology.routes:
        written = route.written
        if written.ip == route.prefix.network_address:
            continue
        if written.version == 4:
            effect = 'the kernel would refuse the route: "Invalid prefix for given prefix length"'
        else:
            effect = f"the kernel would take it for {route.prefix} without a word"
        yield check.find(
            route.prefix_span,
            f"{written} has bits set beyond its /{route.prefix.prefixlen}",
            effect=effect,
            help=f"write {route.prefix} for the subnet, or {written.ip} for the one address",
            edits=[Edit(route.prefix_span, str(route.prefix))],
        )


CHECK = Check("N212", "route-host-bits", Severity.ERROR, _run, BAD, GOOD)
