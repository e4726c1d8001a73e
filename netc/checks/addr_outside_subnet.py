"""An address lies outside the subnet of the segment that it is on.

## What it does
Compares every address with the `subnet` that the lab declares for its segment, the bridge or link and all that is
joined to it. Where the lab declares none, it looks for an end whose subnet holds no other address of the segment, and
whose addresses no other's subnet holds, unless the segment goes on beyond an uplink. Not meant are addresses alone
(/32, /128), IPv6 link-local ones, ends with a route of their own to the segment (`route 10.0.1.0/24 dev eth0`), and
ends that `expect A -/> B` says shall not reach each other.

## What happens at run time
An address brings a route to its own subnet and to nothing else (kernel net/ipv4/fib_frontend.c, fib_add_prefix). To
the neighbours outside of it the namespace has no on-link route, though they are on the same wire: `ping: connect:
Network is unreachable`. Where a default route exists, the packets go to the gateway instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import owner_of_subnet, suggestion, to_next_free
from netc.checks.base import Check
from netc.checks.strangers import Stranger, strangers
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import net_of
from netc.reach.rules import Flow
from netc.topology.model import Topology

BAD = """
bridge br0 { subnet 10.0.0.0/24 }
netns ns1 { veth eth0 10.0.0.1/24 -- br0 }
netns ns2 { veth eth0 10.0.1.2/24 -- br0 }
expect ns1 <-> ns2
"""
GOOD = """
bridge br0 { subnet 10.0.0.0/24 }
netns ns1 { veth eth0 10.0.0.1/24 -- br0 }
netns ns2 { veth eth0 10.0.0.2/24 -- br0 }
expect ns1 <-> ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for stranger in strangers(topology):
        yield _outside(check, topology, stranger) if stranger.declared else _lone(check, topology, stranger)


def _outside(check: Check, topology: Topology, stranger: Stranger) -> Finding:
    subnets = stranger.declared
    names = " and ".join(str(subnet.network) for subnet in subnets)
    word = "subnet" if len(subnets) == 1 else "subnets"
    return check.find(
        stranger.address.span,
        f"{stranger.address.interface} is outside {owner_of_subnet(subnets[0].device)} {word} {names}",
        labels=[Label(subnet.span, "the subnet is declared here") for subnet in subnets],
        effect=_effect(topology, stranger),
        help=suggestion(topology, subnets[0].network),
        edits=to_next_free(topology, stranger.address, stranger.device, subnets[0].network)
        if len(subnets) == 1
        else [],
    )


def _lone(check: Check, topology: Topology, stranger: Stranger) -> Finding:
    assert stranger.usual is not None
    address, device = stranger.usual
    return check.find(
        stranger.address.span,
        f"{stranger.address.interface} shares no subnet with anybody on its segment",
        labels=[Label(address.span, f"{device.netns.label} has {address.interface}")],
        effect=_effect(topology, stranger),
        help=suggestion(topology, address.interface.network),
    )


def _effect(topology: Topology, stranger: Stranger) -> str:
    here = stranger.device.netns
    if stranger.peer is None:
        return f"{here.label} would have no on-link route to the rest of the segment"
    address, device = stranger.peer
    there = device.netns.label
    entry = net_of(topology).fibs[here].lookup(Flow(address.ip))
    if entry is None:
        return f'{here.label} would have no on-link route to {there}: every ping ends in "Network is unreachable"'
    way = f"to the gateway {entry.gateway}" if entry.gateway else "another way"
    return f"{here.label} would have no on-link route to {there}: packets for it go {way}"


CHECK = Check("N201", "addr-outside-subnet", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
