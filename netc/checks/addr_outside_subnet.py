"""An address lies outside the subnet of the segment that it is on.

## What it does
Compares every address with the `subnet` that the lab declares for its segment, the bridge or link and all that is joined
to it. Where the lab declares none, it looks for an end whose subnet holds no other address of the segment, and whose
addresses no other's subnet holds. Not meant are addresses alone (/32, /128), IPv6 link-local ones, ends with a route of
their own to the segment (`route 10.0.1.0/24 dev eth0`), and ends that `expect A -/> B` says shall not reach each other.

## What happens at run time
An address brings a route to its own subnet and to nothing else (kernel net/ipv4/fib_frontend.c, fib_add_prefix). To the
neighbours outside of it the namespace has no on-link route, though they are on the same wire: `ping: connect: Network is
unreachable`. Where a default route exists, the packets go to the gateway instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import has_subnet, kept_apart, others_of, owner_of_subnet, suggestion
from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import Net, net_of
from netc.topology.model import Address, Device, DeviceKey, NetnsKey, Topology
from netc.topology.segments import DeclaredSubnet, Segment

Pairs = list[tuple[Address, Device]]

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
    net = net_of(topology)
    for segment in net.segments:
        addresses = segment.addresses()
        for version in (4, 6):
            declared = [subnet for subnet in segment.subnets if subnet.network.version == version]
            found = [(a, d) for a, d in addresses if a.ip.version == version and has_subnet(a)]
            if declared:
                for address, device in found:
                    if not any(address.ip in subnet.network for subnet in declared):
                        yield _outside(check, net, segment, declared, address, device)
            elif len(found) > 1:
                yield from _strangers(check, net, segment, found)


def _outside(
    check: Check, net: Net, segment: Segment, declared: list[DeclaredSubnet], address: Address, device: Device
) -> Finding:
    names = " and ".join(str(subnet.network) for subnet in declared)
    word = "subnet" if len(declared) == 1 else "subnets"
    labels = [Label(subnet.span, "the subnet is declared here") for subnet in declared]
    return check.find(
        address.span,
        f"{address.interface} is outside {owner_of_subnet(declared[0].device)} {word} {names}",
        labels=labels,
        effect=_effect(net, segment, address, device),
        help=suggestion(net.topology, declared[0].network),
    )


def _effect(net: Net, segment: Segment, address: Address, device: Device) -> str:
    here = device.netns.label
    others = list(others_of(segment, device.netns, address.ip.version))
    peer = next(((a, d) for a, d in others if a.ip not in address.interface.network), None)
    if peer is None:
        return f"{here} would have no on-link route to the rest of the segment"
    there = peer[1].netns.label
    entry = net.fibs[device.netns].lookup(peer[0].ip)
    if entry is None:
        return f'{here} would have no on-link route to {there}: every ping ends in "Network is unreachable"'
    way = f"to the gateway {entry.gateway}" if entry.gateway else "another way"
    return f"{here} would have no on-link route to {there}: packets for it go {way}"


def _strangers(check: Check, net: Net, segment: Segment, found: Pairs) -> Iterator[Finding]:
    """Find the ends that share a subnet with nobody: all but the first, where every end is one of them."""
    friends = _friends(found)
    first = next((pair for pair in found if pair[1].key in friends), found[0])
    told = {first[1].netns}
    for address, device in found:
        if device.key in friends or device.netns in told or (device.key, address.ip.version) in net.unnumbered:
            continue
        told.add(device.netns)
        if any((device.netns, other.netns) in kept_apart(net.topology) for other in segment.devices):
            continue
        yield check.find(
            address.span,
            f"{address.interface} shares no subnet with anybody on its segment",
            labels=[Label(first[0].span, f"{first[1].netns.label} has {first[0].interface}")],
            effect=_effect(net, segment, address, device),
            help=suggestion(net.topology, first[0].interface.network),
        )


def _friends(found: Pairs) -> set[DeviceKey]:
    """Return the devices with an address in the subnet of another namespace, or with one of its in theirs."""
    lengths = {address.interface.network.prefixlen for address, _ in found}
    owners: dict[tuple[int, int], set[NetnsKey]] = {}
    inside: dict[tuple[int, int], set[NetnsKey]] = {}
    for address, device in found:
        owners.setdefault(_head(address, address.interface.network.prefixlen), set()).add(device.netns)
        for length in lengths:
            inside.setdefault(_head(address, length), set()).add(device.netns)
    friends = set()
    for address, device in found:
        heads = [owners.get(_head(address, length), set()) for length in lengths]
        heads.append(inside[_head(address, address.interface.network.prefixlen)])
        if any(len(netnses) > 1 or device.netns not in netnses for netnses in heads if netnses):
            friends.add(device.key)
    return friends


def _head(address: Address, length: int) -> tuple[int, int]:
    return length, int(address.ip) >> (address.ip.max_prefixlen - length)


CHECK = Check("N201", "addr-outside-subnet", Severity.ERROR, _run, BAD, GOOD)
