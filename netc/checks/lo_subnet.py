"""An address on lo keeps a namespace from others in its subnet.

## What it does
Looks at the addresses of every lo that are written with a prefix, and finds those whose subnet holds an address of a
neighbour, or of whom a route of the namespace leads to, or the subnet of another link of the namespace; unless a longer
prefix of the namespace goes before it. A subnet that nobody else of the lab is in is left alone, and so is 127.0.0.0/8:
to answer for all of a subnet can be meant.

## What happens at run time
An address brings a route to its subnet, and on lo that route leads to nobody. In IPv4 it is one of type `local`: the
namespace answers itself what is for anybody in the subnet, `ip route get` says `local 10.255.0.2 dev lo` (kernel
net/ipv4/fib_frontend.c, fib_add_ifaddr). A longer prefix of the main table goes before it, but not once there is a
policy rule or a VRF, since the two tables are one until then (fib_unmerge). IPv6 takes it for a route that says no:
`Destination unreachable: No route` (net/ipv6/route.c, fib6_is_reject).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from netc.checks.addresses import has_subnet, rewritten
from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.entry import EntryType
from netc.reach.fib import Fib
from netc.reach.net import Net, net_of
from netc.reach.rules import Flow
from netc.topology.model import MAIN_TABLE, Address, Device, IPAddress, IPNetwork, NetnsKey, Topology

BAD = """
netns r1 {
  address lo 10.255.0.1/24
  veth eth0 10.0.0.1/24 -- r2:eth0 10.0.0.2/24
  route 10.255.0.0/16 via 10.0.0.2
}
netns r2 {
  address lo 10.255.0.2/32
  route 10.255.0.1/32 via 10.0.0.1
}
"""
GOOD = BAD.replace("10.255.0.1/24", "10.255.0.1/32")
Held = tuple[Address, Device]


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for device in topology.devices.values():
        if device.name != "lo":
            continue
        for address in device.addresses:
            if has_subnet(address) and not address.ip.is_loopback:
                other = _kept_from(topology, net, device, address) or _overlapped(topology, net, device, address)
                if other is not None:
                    yield _finding(check, device, address, *other)


def _kept_from(topology: Topology, net: Net, lo: Device, address: Address) -> Held | None:
    """Return the first address of another namespace that lo's does not send to, for the sake of an address of lo."""
    near = _neighbours(net, lo.netns)
    for other, device in _within(topology, address):
        if device.netns == lo.netns or other.ip == address.ip or not _ends_at(net, lo, other.ip):
            continue
        if device.netns in near or _has_route(net, lo.netns, other.ip):
            return other, device
    return None


def _neighbours(net: Net, netns: NetnsKey) -> set[NetnsKey]:
    links = (net.segment_of(device.key) for device in net.topology.devices_in(netns))
    return {device.netns for segment in links for device in segment.devices}


def _has_route(net: Net, netns: NetnsKey, ip: IPAddress) -> bool:
    """Whether a route of the lab says how a namespace gets to an address: else the two may have nothing in common."""
    return any(entry.route is not None for entry in net.fibs[netns].matches(ip))


def _ends_at(net: Net, lo: Device, ip: IPAddress) -> bool:
    """Whether what a namespace sends to an address goes no further than its lo."""
    if ip.version == 4:
        return net.is_local(lo.key, ip)
    entry = net.fibs[lo.netns].lookup(Flow(ip))
    return entry is not None and entry.type is EntryType.NO_ROUTE and entry.device == lo.key


def _within(topology: Topology, address: Address) -> Iterator[Held]:
    network, held = address.interface.network, _sorted(topology, address.ip.version)
    at = bisect_left(held, int(network.network_address), key=lambda pair: int(pair[0].ip))
    while at < len(held) and held[at][0].ip in network:
        yield held[at]
        at += 1


@lru_cache(maxsize=4)
def _sorted(topology: Topology, version: int) -> list[Held]:
    """Return every address of a family, with its device, in the order of their numbers."""
    held = ((a, device) for device in topology.devices.values() for a in device.addresses if a.ip.version == version)
    return sorted(held, key=lambda pair: (int(pair[0].ip), pair[0].order))


def _overlapped(topology: Topology, net: Net, lo: Device, address: Address) -> Held | None:
    """Return the first link of lo's namespace whose subnet overlaps, and which does not get the packets for both."""
    mine = address.interface.network
    for other, device in topology.addresses_of(lo.netns):
        theirs = other.interface.network
        if device.key == lo.key or not has_subnet(other) or theirs.version != mine.version or not theirs.overlaps(mine):
            continue
        if _goes_before(net.fibs[lo.netns], lo, mine, theirs):
            return other, device
    return None


def _goes_before(fib: Fib, lo: Device, mine: IPNetwork, theirs: IPNetwork) -> bool:
    """Whether the route to lo's subnet goes before that to a link's, which it overlaps."""
    if mine.version == 4:
        return not fib.is_merged(4) or mine.prefixlen >= theirs.prefixlen
    same = (entry for entry in fib.table(MAIN_TABLE).matches(mine.network_address) if entry.prefix == mine)
    first = next(same, None)
    return mine.prefixlen >= theirs.prefixlen and first is not None and first.device == lo.key


def _finding(check: Check, lo: Device, address: Address, other: Address, device: Device) -> Finding:
    here, network = lo.netns.label, address.interface.network
    if device.netns == lo.netns:
        whom, them = f"the neighbours of {device.name} in {network}", f"a neighbour of {device.name} in {network}"
    else:
        whom = them = f"{other.ip} of {device.netns.label}"
    effect = f'the kernel would tell {here} "Destination unreachable: No route"'
    if address.ip.version == 4:
        effect = f"all of {network} would be {here}'s own, which answers itself what is for {them}"
    return check.find(
        address.span,
        f"the subnet of {address.interface} on lo keeps {here} from {whom}",
        labels=[Label(other.span, "in the same subnet")],
        effect=effect,
        help=f"write {address.ip}/{address.ip.max_prefixlen}",
        edits=rewritten(address, lo, f"{address.ip}/{address.ip.max_prefixlen}"),
        causes=[(lo.netns, address.interface)],
    )


CHECK = Check("N218", "lo-subnet", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
