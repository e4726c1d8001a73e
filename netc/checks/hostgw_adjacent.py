"""A host is to be the next hop of another that is not beside it.

## What it does
Looks at networks without a tunnel (`flannel` with `backend host-gw`, `calico` with `mode none`, and with `mode ipip` as
to IPv6), whether every two hosts that join are on the same segment, each with the other's address in a subnet of its
own.

## What happens at run time
`ip route add SUBNET via HOST` ends in `Nexthop has invalid gateway`: a gateway must be on the link
(kernel net/ipv4/fib_semantics.c, fib_check_nh). Forced by `onlink`, the packets would be sent to whoever answers ARP
for the host's address on that segment: nobody. netc writes no such route, so these two hosts have no way to each
other's subnets.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology
from netc.topology.networks import Member, Network

BAD = """
network pods flannel 10.244.0.0/16 { backend host-gw }
segment east 192.168.50.0/24
segment west 192.168.60.0/24
host n1 {
  uplink eth0 192.168.50.11/24 on east
  route 192.168.60.0/24 via 192.168.50.1
  join pods 10.244.1.0/24
  netns a { attach eth0 to pods }
}
host n2 {
  uplink eth0 192.168.60.12/24 on west
  route 192.168.50.0/24 via 192.168.60.1
  join pods 10.244.2.0/24
  netns b { attach eth0 to pods }
}
host router {
  uplink eth0 192.168.50.1/24 on east
  uplink eth1 192.168.60.1/24 on west
  forward ipv4
}
"""
GOOD = BAD.replace("backend host-gw", "backend vxlan { direct-routing on }")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for network in topology.networks:
        for version in sorted(network.plain_families):
            for number, member in enumerate(network.members):
                far = next((other for other in network.members[:number] if _are_apart(member, other, version)), None)
                if far is not None:
                    yield _finding(check, network, member, far, version)


def _are_apart(one: Member, two: Member, version: int) -> bool:
    if one.underlay is None or two.underlay is None or None in {one.ip(version), two.ip(version)}:
        return False  # N506 tells
    return not (one.underlay.is_beside(two.underlay, version) and two.underlay.is_beside(one.underlay, version))


def _finding(check: Check, network: Network, member: Member, far: Member, version: int) -> Finding:
    here, there = member.underlay, far.underlay
    assert here is not None
    assert there is not None
    what = f"tunnel for IPv{version}" if network.tunnel_families else "tunnel"
    return check.find(
        member.span,
        f"{network.name} has no {what}, and {member.machine} and {far.machine} are not on the same segment",
        labels=[
            Label(here.span, f"{member.machine}'s uplink{_of(here.segment)}"),
            Label(there.span, f"{far.machine}'s uplink{_of(there.segment)}"),
        ],
        effect=f"{member.machine} cannot be {far.machine}'s next hop: `Nexthop has invalid gateway`",
        help="use `backend vxlan { direct-routing on }`"
        if network.driver == "flannel"
        else "use a mode with a tunnel, such as `mode vxlan; cross-subnet on`",
    )


def _of(segment: str | None) -> str:
    return "" if segment is None else f", on {segment}"


CHECK = Check("N503", "hostgw-adjacent", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
