"""Two hosts have overlapping subnets of their networks.

## What it does
Compares the subnets that hosts bring into networks by `join`, those of different networks as well, for each family.

## What happens at run time
Each host takes addresses out of its own subnet, so that two namespaces get the same. Every other host has two routes
for the shared part, and packets for one host's namespaces reach the other's; the more specific route wins on each:
flannel issue #1550. Between two hosts with the very same subnet no packet leaves at all, since both have it on their
own bridge.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import IPNetwork, Topology
from netc.topology.networks import Member

BAD = """
network pods flannel 10.244.0.0/16 { backend host-gw }
segment lan 192.168.50.0/24
host n1 { uplink eth0 192.168.50.11/24 on lan; join pods 10.244.1.0/24; netns a { attach eth0 to pods } }
host n2 { uplink eth0 192.168.50.12/24 on lan; join pods 10.244.0.0/23; netns b { attach eth0 10.244.1.9 to pods } }
"""
GOOD = """
network pods flannel 10.244.0.0/16 { backend host-gw }
segment lan 192.168.50.0/24
host n1 { uplink eth0 192.168.50.11/24 on lan; join pods 10.244.1.0/24; netns a { attach eth0 to pods } }
host n2 { uplink eth0 192.168.50.12/24 on lan; join pods 10.244.2.0/24; netns b { attach eth0 to pods } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for version in (4, 6):
        found = [
            (subnet, member)
            for network in topology.networks
            for member in network.members
            if (subnet := member.subnets.get(version)) is not None
        ]
        found.sort(key=lambda pair: (int(pair[0].network_address), pair[0].prefixlen))
        widest: tuple[IPNetwork, Member] | None = None
        for subnet, member in found:  # sorted: whatever overlaps an earlier one overlaps that which ends last
            if widest is not None and int(subnet.network_address) <= int(widest[0].broadcast_address):
                yield _finding(check, version, member, widest[1])
            if widest is None or int(subnet.broadcast_address) > int(widest[0].broadcast_address):
                widest = subnet, member


def _finding(check: Check, version: int, one: Member, two: Member) -> Finding:
    first, second = sorted((one, two), key=lambda member: member.span.sort_key())
    here, there = second.subnets[version], first.subnets[version]
    return check.find(
        second.subnet_spans[version],
        f"{second.machine}'s subnet {here} overlaps {first.machine}'s, {there}",
        labels=[Label(first.subnet_spans[version], f"{first.machine} has {there}")],
        effect="the same addresses would be given twice, and packets for them end on either host",
        help="give each host a subnet of its own, or leave it out: the next free one is taken",
    )


CHECK = Check("N501", "podcidr-overlap", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
