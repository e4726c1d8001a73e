"""A namespace uses itself as a gateway.

## What it does
Finds routes whose gateway is an address of the namespace that the route is in.

## What happens at run time
IPv4 accepts such a route without a word, and goes by it as if it had no gateway: it asks the link of the device that
has the address for each destination itself, and unless somebody answers for all of them (proxy ARP) the packets are
lost. Where up.sh names another device, on whose link the address is as well, packets go to the neighbour that has it
there, and only what the namespace sends to the gateway itself stays at home. With `onlink` it refuses the route:
`Nexthop has invalid gateway`. So does IPv6: `Gateway can not be a local address`. Kernel net/ipv4/fib_semantics.c,
fib_check_nh_v4_gw; net/ipv4/route.c, rt_set_nexthop; net/ipv6/route.c, ip6_validate_gw.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import others_of, owner_of
from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.gateway import Verdict, is_asked_for, judge
from netc.reach.neighbour import ask
from netc.reach.net import Net, net_of
from netc.topology.model import Device, DeviceKey, IPAddress, IPNetwork, Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route default via 10.0.0.2
}
netns r1 { forward ipv4 }
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.2/24 -- r1:eth0 10.0.0.1/24
  route default via 10.0.0.1
}
netns r1 { forward ipv4 }
"""


_WHOLE = "the whole subnet of an address on lo is the namespace's own"


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for route in topology.routes:
        if route.gateway is None or route.gateway_span is None or judge(net, route).verdict is not Verdict.OWN:
            continue
        gateway = route.gateway
        owner = owner_of(topology, route.netns, gateway)
        assert owner is not None  # only devices' addresses are local, see Verdict.OWN
        address, holder = owner
        by = route.device if is_asked_for(net, route) else None
        refused = gateway.version == 6 or route.onlink
        words = "Nexthop has invalid gateway" if gateway.version == 4 else "Gateway can not be a local address"
        effect = "the kernel takes the route, and asks its own link for each destination, as if without a gateway"
        if refused:
            effect = f'the kernel would refuse the route: "{words}"'
        elif by is not None:
            effect = (
                f"up.sh says `dev {by.name}`, so that routed packets go to whoever has {gateway} there, and what "
                f"{route.netns.label} sends to {gateway} stays where it is"
            )
        yield check.find(
            route.gateway_span,
            f"the gateway {gateway} is {route.netns.label}'s own address",
            labels=[Label(address.span, f"it is on {holder.name}" if address.ip == gateway else _WHOLE)],
            effect=effect,
            help=_help(net, holder, gateway, by, address.interface.network),
            stops=refused,
        )


def _help(net: Net, holder: Device, gateway: IPAddress, by: DeviceKey | None, network: IPNetwork) -> str:
    """Return who could be meant: on the link of the holder, or where the gateway is a neighbour's as well, of that."""
    answer = None if by is None else ask(net, by, gateway).device
    if answer is not None:
        return f"give {holder.key.label} or {answer.label} another address"
    others = others_of(net.segment_of(by or holder.key), holder.netns, gateway.version)
    peer = next((f"{a.ip} of {d.netns.label}" for a, d in others if a.ip in network and a.ip != gateway), "")
    return "write the address of the neighbour that shall forward" + (f", such as {peer}" if peer else "")


CHECK = Check("N210", "gw-self", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
