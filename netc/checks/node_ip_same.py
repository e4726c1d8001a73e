"""Two hosts of a network are known by the same address.

## What it does
Compares the addresses of the uplinks by which hosts join the same network.

## What happens at run time
Every virtual machine of Vagrant has 10.0.2.15 at its first network card, behind a NAT of its own. Where a network goes
by that card, each host takes the others for itself: FDB entries and routes lead to its own address, and packets for
other hosts never leave (flannel, Documentation/troubleshooting.md, Vagrant).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import IPAddress, Topology
from netc.topology.networks import Member

BAD = """
network pods flannel 10.244.0.0/16
host n1 { uplink eth0 10.0.2.15/24; join pods on eth0; netns a { attach eth0 to pods } }
host n2 { uplink eth0 10.0.2.15/24; join pods on eth0; netns b { attach eth0 to pods } }
"""
GOOD = """
network pods flannel 10.244.0.0/16
segment lan 192.168.50.0/24
host n1 {
  uplink eth0 10.0.2.15/24
  uplink eth1 192.168.50.11/24 on lan
  join pods on eth1
  netns a { attach eth0 to pods }
}
host n2 {
  uplink eth0 10.0.2.15/24
  uplink eth1 192.168.50.12/24 on lan
  join pods on eth1
  netns b { attach eth0 to pods }
}
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for network in topology.networks:
        seen: dict[IPAddress, Member] = {}
        for member in network.members:
            for version in member.subnets:
                ip = member.ip(version)
                if ip is None:
                    continue
                first = seen.setdefault(ip, member)
                same_wire = first.underlay and member.underlay and first.underlay.segment == member.underlay.segment
                if first is member or (same_wire and first.underlay and first.underlay.segment is not None):
                    continue  # on one segment, N203 and N204 tell
                yield check.find(
                    member.span,
                    f"{member.machine} and {first.machine} join {network.name} by the same address, {ip}",
                    labels=[Label(first.span, f"{first.machine} joins here")],
                    effect="each would take the other for itself, and keep the packets that are for the other",
                    help="join `on` an uplink by which the hosts reach each other",
                )


CHECK = Check("N505", "node-ip-same", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
