"""A namespace translates what passes through it, and lets nothing pass.

## What it does
Finds `masquerade`, and `nat snat` or `nat masquerade` of sources that the namespace does not have itself, and `nat
dnat` to an address that it does not have, where no device of the namespace forwards the family in question and no
program runs that could change that. Where another namespace has a route by this one, N401 tells.

## What happens at run time
A packet that is not for the namespace itself is dropped before its source would be translated, and one whose
destination has been translated right after (kernel net/ipv4/route.c, ip_route_input_slow): NAT needs a router under it.
On the host forwarding may be on by chance, docker sees to that; a lab says what it relies on.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.parts.table import Nat, Translation
from netc.reach.net import Net, net_of
from netc.topology.model import NetnsKey, Topology

BAD = """
netns client { veth eth0 10.0.0.2/24 -- router:lan 10.0.0.1/24 }
netns router {
  veth wan 203.0.113.2/24 -- outside:eth0 203.0.113.1/24
  masquerade 10.0.0.0/24 out wan
}
netns outside
"""
GOOD = """
netns client { veth eth0 10.0.0.2/24 -- router:lan 10.0.0.1/24 }
netns router {
  forward ipv4
  veth wan 203.0.113.2/24 -- outside:eth0 203.0.113.1/24
  masquerade 10.0.0.0/24 out wan
}
netns outside
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    gateways = {route.gateway for route in topology.routes}
    routers = {device.netns for gateway in gateways if gateway is not None for device in topology.owners_of(gateway)}
    told: set[tuple[NetnsKey, int]] = {(netns, family) for netns in routers for family in (4, 6)}
    for rule in topology.parts_of(Nat):
        family = _passing(topology, rule)
        if family is None or (rule.netns, family) in told or _may_forward(net, rule.netns, family):
            continue
        told.add((rule.netns, family))
        where = "at the top level of the file" if rule.netns.is_root else f"to {rule.netns.label}"
        yield check.find(
            rule.origin.span,
            f"{rule.netns.label} does not forward IPv{family}, and so has nothing to translate",
            effect="it would drop every packet that this rule is for",
            help=f"add `forward ipv{family}` {where}",
        )


def _passing(topology: Topology, rule: Nat) -> int | None:
    """Return the family of the packets on their way through that a rule is for, or None if others may be meant."""
    own = [address.ip for address, _ in topology.addresses_of(rule.netns)]
    if rule.translation is Translation.DNAT and rule.ip is not None:
        return None if rule.ip in own or rule.ip.is_loopback else rule.ip.version
    source = rule.match.source
    if rule.translation not in {Translation.MASQUERADE, Translation.SNAT} or source is None or source.negated:
        return None
    inside = [subnet for subnet in source.values if any(ip in subnet for ip in own if ip.version == subnet.version)]
    passes = rule.match.out_device is not None or not inside
    return source.values[0].version if passes else None


def _may_forward(net: Net, netns: NetnsKey, family: int) -> bool:
    devices = net.topology.devices_in(netns)
    return netns in net.unsettled or any(net.switches.forwards(device.key, family) for device in devices)


CHECK = Check("N443", "nat-no-forward", Severity.WARNING, _run, BAD, GOOD, whole=True)
