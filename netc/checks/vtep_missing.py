"""A host joins a network of several hosts and has no address for the others to send to.

## What it does
Looks at networks that lead from host to host (`flannel`, `calico`) with more than one host, whether every host that
joins has an uplink with an address of each family of the network.

## What happens at run time
netc writes the way to the others from the addresses of their uplinks; for this host there would be none, in either
direction. A VXLAN device without a local address takes the one that the route gives, so that the others' FDB entries
lead nowhere: packets are dropped without a word (kernel drivers/net/vxlan/vxlan_core.c, vxlan_xmit).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology
from netc.topology.networks import Member, Network

BAD = """
network pods flannel 10.244.0.0/16
segment lan 192.168.50.0/24
host n1 { uplink eth0 192.168.50.11/24 on lan; join pods; netns a { attach eth0 to pods } }
host n2 { uplink eth0 on lan; join pods; netns b { attach eth0 to pods } }
host n3 { uplink eth0 192.168.50.13/24 on lan; join pods; netns c { attach eth0 to pods } }
"""
GOOD = """
network pods flannel 10.244.0.0/16
segment lan 192.168.50.0/24
host n1 { uplink eth0 192.168.50.11/24 on lan; join pods; netns a { attach eth0 to pods } }
host n2 { uplink eth0 192.168.50.12/24 on lan; join pods; netns b { attach eth0 to pods } }
host n3 { uplink eth0 192.168.50.13/24 on lan; join pods; netns c { attach eth0 to pods } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for network in topology.networks:
        for member in network.members if len(network.members) > 1 else ():
            for version in sorted((network.plain_families | network.tunnel_families) & member.subnets.keys()):
                if member.ip(version) is not None:
                    continue
                uplink = member.underlay
                what = "no uplink" if uplink is None else f"no IPv{version} address at its uplink {uplink.name}"
                yield check.find(
                    member.span,
                    f"{member.machine} joins {network.name} and has {what}",
                    labels=[] if uplink is None else [Label(uplink.span, "the uplink")],
                    effect=f"no packet could come from another host to {member.machine}, or the other way round",
                    help=_help(topology, network, member, version),
                )
                break


def _help(topology: Topology, network: Network, member: Member, version: int) -> str:
    uplink = member.underlay
    if uplink is None:
        return "write the uplink, with the address that the host has there"
    if uplink.addresses:
        return f"give {uplink.name} an IPv{version} address, or leave IPv{version} out of {network.name}"
    segment = topology.segments.get(uplink.segment or "")
    subnets = segment.subnets if segment is not None else ()
    length = next((subnet.network.prefixlen for subnet in subnets if subnet.network.version == version), "PREFIX")
    on = f" on {uplink.segment}" if uplink.segment else ""
    return f"give the uplink {member.machine}'s address: `uplink {uplink.name} ADDRESS/{length}{on}`"


CHECK = Check("N506", "vtep-missing", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
