"""An address is the first of its subnet, the one that means the subnet itself.

## What it does
Finds addresses whose host bits are all zeros: 10.0.0.0/24, fd00::/64. In an IPv4 /31 or /32 and an IPv6 /127 or /128
that address is one like any other (RFC 3021, RFC 6164). It is a warning, since it works on some kernels and not on
others.

## What happens at run time
IPv4: it works since Linux 5.14; before, the kernel took it for a broadcast address as well, and neighbours could not
send to it (kernel net/ipv4/fib_frontend.c, fib_add_ifaddr). IPv6: it is the anycast address of all routers of the
subnet (RFC 4291, section 2.6.1). A neighbour that does not forward reaches it; one that does has the address itself,
and its pings never leave it.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import subnet_addresses, suggestion, to_next_free
from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth eth0 10.0.0.0/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
GOOD = """
netns ns1 { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for address, device in subnet_addresses(topology):
        network = address.interface.network
        if address.ip != network.network_address or network.prefixlen >= network.max_prefixlen - 1:
            continue
        if network.version == 4:
            effect = "kernels before 5.14 take it for a broadcast address: neighbours could not send to it"
        else:
            effect = "every router of the subnet has this address too, as its anycast address, and keeps packets for it"
        yield check.find(
            address.span,
            f"{address.ip} of {device.key.label} is the address of the subnet {network} itself",
            effect=effect,
            help=suggestion(topology, network),
            edits=to_next_free(topology, address, device, network),
        )


CHECK = Check("N206", "network-as-host", Severity.WARNING, _run, BAD, GOOD)
