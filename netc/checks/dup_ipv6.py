"""Two devices of one segment have the same IPv6 address.

## What it does
Compares the IPv6 addresses of every segment: the link, or the bridges and all that is joined to them. One address
twice on one device is told as well. The same link-local address on two segments is fine, and so is the same /128 on
several devices of one namespace.

## What happens at run time
IPv6 looks for duplicates before it uses an address (RFC 4862, section 5.4): the second one to come up is marked
`dadfailed` and never used (networkservicemesh issue #1194). The scripts of netc add their addresses with `nodad`, so
that a lab can be used at once and does not lose its first second of pings; then both ends answer, and a neighbour
talks to either. That is why the search for duplicates is done here. The second of two on one device is refused,
`ipv6: address already assigned` (kernel net/ipv6/addrconf.c, ipv6_add_addr).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.duplicates import duplicates
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
bridge br0 { subnet fd00::/64 }
netns ns1 { veth eth0 fd00::1/64 -- br0 }
netns ns2 { veth eth0 fd00::1/64 -- br0 }
"""
GOOD = """
bridge br0 { subnet fd00::/64 }
netns ns1 { veth eth0 fd00::1/64 -- br0 }
netns ns2 { veth eth0 fd00::2/64 -- br0 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    effect = (
        "both would answer for it, and a neighbour talks to either "
        "(up.sh adds addresses with `nodad`, so that the kernel does not look for duplicates)"
    )
    return duplicates(check, topology, 6, effect)


CHECK = Check("N204", "dup-ipv6", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
