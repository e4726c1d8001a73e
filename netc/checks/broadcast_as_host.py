"""An address is the broadcast address of its own subnet.

## What it does
Finds IPv4 addresses whose host bits are all ones, such as 10.0.0.255/24. A /31 or /32 has no broadcast address, and
IPv6 has none at all.

## What happens at run time
The kernel accepts the address. Its neighbours take it for "everybody": `ping` refuses to send (`Do you want to ping
broadcast? Then -b.`), and other programs get EACCES, "Permission denied". RFC 1122, section 3.2.1.3; kernel
net/ipv4/fib_frontend.c, fib_add_ifaddr.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import subnet_addresses, suggestion, to_next_free
from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth eth0 10.0.0.255/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
GOOD = """
netns ns1 { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for address, device in subnet_addresses(topology):
        network = address.interface.network
        if network.version == 4 and network.prefixlen < 31 and address.ip == network.broadcast_address:
            yield check.find(
                address.span,
                f"{address.ip} of {device.key.label} is the broadcast address of {network}",
                effect="neighbours could not send to it: Permission denied, since it means everybody on the segment",
                help=suggestion(topology, network),
                edits=to_next_free(topology, address, device, network),
            )


CHECK = Check("N205", "broadcast-as-host", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
