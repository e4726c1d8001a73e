"""A link is numbered with a /31, which has no broadcast address.

## What it does
Says once for a lab, at the first place, that an IPv4 subnet of two addresses is in use. It is for the reader's
information: nothing is wrong, and `netc check` does not fail.

## What happens at run time
Both addresses of a /31 are those of hosts (RFC 3021): there is neither a subnet's own address nor a broadcast
address, and the kernel makes no broadcast route (net/ipv4/fib_frontend.c, fib_add_ifaddr). Pings work as ever; what
relies on broadcasts, such as DHCP, does not. A /30 has room for both.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import subnet_addresses
from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth eth0 10.0.0.0/31 -- ns2:eth0 10.0.0.1/31 }
netns ns2
"""
GOOD = """
netns ns1 { veth eth0 10.0.0.1/30 -- ns2:eth0 10.0.0.2/30 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    found = [
        address
        for address, _ in subnet_addresses(topology)
        if address.ip.version == 4 and address.interface.network.prefixlen == 31
    ]
    if not found:
        return
    first = min(found, key=lambda address: address.order)
    yield check.find(
        first.span,
        f"{first.interface.network} is a subnet of two addresses, without a broadcast address",
        effect="both ends work as ever; only what relies on broadcasts, such as DHCP, does not",
        help="nothing needs doing; a /30 has a broadcast address",
    )


CHECK = Check("N213", "slash31", Severity.INFO, _run, BAD, GOOD)
