"""Outer packets to a multicast group: which devices of a link have joined it, and take them.

Sources: kernel net/ipv4/route.c (ip_route_output_key_hash_rcu: what is bound to a device leaves by it, to no gateway;
ip_mc_validate_source: the source is checked as of any other packet), net/ipv4/ip_output.c (ip_mc_output),
drivers/net/vxlan/vxlan_multicast.c (vxlan_igmp_join: by the parent), net/ipv4/udp.c (__udp4_lib_mcast_deliver: to every
socket of the port, whichever of them has joined), net/ipv6/addrconf.c (ipv6_dev_get_saddr: from the device's own
addresses alone).
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from netc.reach.entry import Entry, EntryType
from netc.reach.hooks import tables
from netc.reach.hop import TTL, Hop, Stop, Walk
from netc.reach.limits import deciders
from netc.reach.neighbour import Answer, Reply
from netc.reach.source import Refusal, refused, select4, select6

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from netc.reach.net import Net
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey

_LINK = 2  # the scope of a group that stays on its link: RFC 4291, section 2.7


def walks(
    net: Net, device: DeviceKey, group: IPAddress, source: IPAddress | None, members: Iterable[DeviceKey]
) -> Iterator[Walk]:
    """Yield the walk of what `device` sends to a group for each of the `members` of it that hears the device.

    Where the link leads beyond the lab, or nobody knows the source, one more walk ends in the unknown.
    """
    own = source or _source(net, device, group)
    hop = Hop(device.netns, None, Entry(ip_network(group), EntryType.UNICAST, device), TTL, group)
    if own is None:
        yield Walk(None, group, Stop.UNKNOWN, (hop,), why=f"netc does not know from which address of {device.label}")
        return
    heard = net.flood(device).heard
    why = net.beyond(device) or _doubt(net, device.netns)
    if why is not None:
        yield Walk(own, group, Stop.UNKNOWN, (hop,), why=why)
    for door in members:
        if door in heard:
            yield _to(net, hop, door, own)


def _to(net: Net, hop: Hop, door: DeviceKey, source: IPAddress) -> Walk:
    """Return the walk to a device that has joined the group."""
    assert hop.next_hop is not None
    assert hop.entry is not None
    group, near = hop.next_hop, hop.entry.device
    sent = Hop(hop.netns, None, hop.entry, TTL, group, Answer(Reply.ANSWERED, door))
    hops = (sent, Hop(door.netns, door, Entry(ip_network(group), EntryType.LOCAL, door), TTL))
    why = _doubt(net, door.netns)
    if near is not None and why is None and (segment := net.guard(near, door, (source,))):
        why = f"{segment} passes only packets from its uplinks' own addresses"
    refusal = refused(net, door, source, group, None) if source.version == 4 else None
    if why is None and refusal is not None and refusal.why is Refusal.UNKNOWN:
        why = f"a policy rule of {door.netns.label} decides about the source"
    if why is not None:
        return Walk(source, group, Stop.UNKNOWN, hops, why=why)
    return Walk(source, group, Stop.DELIVERED if refusal is None else Stop.REFUSED, hops, refusal)


def _source(net: Net, device: DeviceKey, group: IPAddress) -> IPAddress | None:
    """Return the address that the kernel sends from; None where that is one that a device makes itself, or none."""
    if group.version == 4:
        return select4(net, device, None)
    known = any(not address.ip.is_link_local for address in net.addresses(device, 6))
    return select6(net, device.netns, group, device) if known and int(group) >> 112 & 0xF > _LINK else None


def _doubt(net: Net, netns: NetnsKey) -> str | None:
    """Return what in a namespace may drop packets to a group, in ways that netc does not follow."""
    if netns in tables(net.topology):
        return f"{netns.label} has a table, and netc does not know what it makes of multicast"
    return deciders(net.topology).get(netns)
