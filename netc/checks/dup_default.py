"""A namespace has two routes to one destination, with the same metric.

## What it does
Finds routes that agree in namespace, routing table, destination and metric, default routes above all; and routes that
repeat what an address brings by itself. IPv4 counts a missing metric as 0, IPv6 as 1024; the subnet of an address has
0 and 256.

## What happens at run time
`ip route add` of the second ends in `RTNETLINK answers: File exists`, and up.sh takes everything back. Destination,
metric and table are what the kernel tells routes apart by (kernel net/ipv4/fib_trie.c, fib_table_insert;
net/ipv6/ip6_fib.c, fib6_add_rt2node).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.fib import entries_of, table_of
from netc.source import Span
from netc.topology.model import MAIN_TABLE, IPNetwork, Made, NetnsKey, Route, Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  veth eth1 10.0.1.2/24 -- r2:eth0 10.0.1.1/24
  route default via 10.0.0.1
  route default via 10.0.1.1
}
netns r1 { forward ipv4 }
netns r2 { forward ipv4 }
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  veth eth1 10.0.1.2/24 -- r2:eth0 10.0.1.1/24
  route default via 10.0.0.1
  route default via 10.0.1.1 metric 200
}
netns r1 { forward ipv4 }
netns r2 { forward ipv4 }
"""
Key = tuple[NetnsKey, int, IPNetwork, int]


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    seen = _connected(topology)
    for route in (route for route in topology.routes if not route.hop):
        own = None if route.vrf is None else table_of(topology, topology.devices[route.vrf])
        key = (route.netns, route.table if own is None else own, route.prefix, route.priority)
        if key in seen:
            yield _finding(check, route, seen[key])
        else:
            seen[key] = (route.prefix_span, "the first one")


def _connected(topology: Topology) -> dict[Key, tuple[Span, str]]:
    """Return the routes that addresses bring with them; those of devices that the host has may be otherwise.

    In the table of a VRF they are together with the local ones, which IPv4 tells from others by nothing but the metric
    (kernel net/ipv4/fib_frontend.c, fib_magic; net/ipv4/fib_trie.c, fib_table_insert).
    """
    seen: dict[Key, tuple[Span, str]] = {}
    for device in topology.devices.values():
        own = table_of(topology, device)
        if device.made not in {Made.LAB, Made.PEER} or (device.master is not None and own is None):
            continue
        for address in device.addresses:
            for entry, table in entries_of(replace(device, addresses=(address,))):
                if own is not None or table == MAIN_TABLE:
                    key = (device.netns, table if own is None else own, entry.prefix, entry.metric)
                    seen.setdefault(key, (address.span, "this address brings that route with it"))
    return seen


def _finding(check: Check, route: Route, earlier: tuple[Span, str]) -> Finding:
    name = "default" if route.prefix.prefixlen == 0 else str(route.prefix)
    said = "" if route.metric is None else f" with metric {route.metric}"
    connected = earlier[1] != "the first one"
    return check.find(
        route.prefix_span,
        f"{route.netns.label} has a route to {name}{said} already",
        labels=[Label(*earlier)],
        effect='the kernel would refuse the second: "File exists"',
        help="remove it" if connected else "remove one, or write another `metric` (the smallest wins) or `table`",
    )


CHECK = Check("N215", "dup-default", Severity.ERROR, _run, BAD, GOOD)
