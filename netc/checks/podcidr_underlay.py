"""A host's subnet of a network holds the address of a host itself.

## What it does
Holds the addresses of uplinks against the subnets that hosts bring into networks by `join`.

## What happens at run time
The other hosts have a route to that subnet, which is more specific than the one to the uplinks' segment: packets for
the host's own address go the way of the network. With a tunnel, its own packets would have to go through itself, and
the host cannot be reached any more: provider-aws-test-infra issue #576.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Made, Topology

BAD = """
network pods flannel 10.0.0.0/8
segment east 10.50.0.0/24
segment west 10.60.0.0/24
host n1 {
  uplink eth0 10.50.0.11/24 on east
  route 10.60.0.0/24 via 10.50.0.1
  join pods 10.244.1.0/24
  netns a { attach eth0 to pods }
}
host n2 {
  uplink eth0 10.60.0.12/24 on west
  route 10.50.0.0/24 via 10.60.0.1
  join pods 10.50.0.0/26
  netns b { attach eth0 to pods }
}
host router {
  uplink eth0 10.50.0.1/24 on east
  uplink eth1 10.60.0.1/24 on west
  forward ipv4
}
"""
GOOD = BAD.replace("join pods 10.50.0.0/26", "join pods 10.244.2.0/24")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    own = [
        (address, device)
        for device in topology.devices.values()
        if device.made is Made.OTHERS
        for address in device.addresses
    ]
    for network in topology.networks:
        for member in network.members:
            for version, subnet in member.subnets.items():
                inside = next(((a, d) for a, d in own if a.ip.version == version and a.ip in subnet), None)
                if inside is None:
                    continue
                address, device = inside
                yield check.find(
                    member.subnet_spans[version],
                    f"{member.machine}'s subnet {subnet} of {network.name} holds {address.ip}",
                    labels=[Label(address.span, f"which is an address of {device.netns.label} itself")],
                    effect=f"packets for {device.netns.label} itself would go the way of the network, and not arrive",
                    help=f"take {network.name} from a prefix that the hosts do not use",
                )


CHECK = Check("N502", "podcidr-underlay", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
