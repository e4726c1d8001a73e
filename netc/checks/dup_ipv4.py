"""Two devices of one segment have the same IPv4 address.

## What it does
Compares the IPv4 addresses of every segment: the link, or the bridges and all that is joined to them. One address
twice on one device is told as well. The same address on two segments is fine, and so is the same /32 on several
devices of one namespace, which is how a host can be the gateway of many links.

## What happens at run time
Nothing complains: the kernel looks for duplicate IPv4 addresses nowhere. Both ends answer the ARP request, and a
neighbour keeps the answer that came first or last: it talks to one of them, to the other another time. Pings *from*
the end that lost out go unanswered, since the replies go to the winner. The second of two on one device is refused,
`ipv4: Address already assigned` (kernel net/ipv4/devinet.c, __inet_insert_ifa; RFC 5227 describes the detection that
Linux leaves to programs).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.duplicates import duplicates
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
bridge br0 { subnet 10.0.0.0/24 }
netns ns1 { veth eth0 10.0.0.1/24 -- br0 }
netns ns2 { veth eth0 10.0.0.1/24 -- br0 }
"""
GOOD = """
bridge br0 { subnet 10.0.0.0/24 }
netns ns1 { veth eth0 10.0.0.1/24 -- br0 }
netns ns2 { veth eth0 10.0.0.2/24 -- br0 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    effect = "the kernel accepts both; neighbours talk now to the one, now to the other"
    return duplicates(check, topology, 4, effect)


CHECK = Check("N203", "dup-ipv4", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
