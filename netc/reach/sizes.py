"""How large a packet may be on its way.

Sources: kernel net/ipv4/ip_forward.c (ip_exceeds_mtu) and net/ipv6/ip6_output.c (ip6_forward: "packet too big"),
net/ipv4/icmp.c (an echo reply may be fragmented, it carries no DF), net/core/dev.c (__dev_forward_skb) and
net/bridge/br_forward.c (what is too large on layer 2 is dropped without a word).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from netc.parts.ipsec import room
from netc.reach.journeys import trips_of
from netc.reach.narrow import Limit, wire_limit
from netc.reach.neighbour import Reply
from netc.reach.wire import mtu_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.parts.ipsec import State
    from netc.reach.hop import Hop, Walk
    from netc.reach.net import Net
    from netc.reach.pings import Ping
    from netc.reach.trip import Trip


def limit_of(net: Net, ping: Ping) -> Limit | None:
    """Return the size of the largest ping with DF that is answered; None where nothing leaves its namespace."""
    if ping.ways:
        limits = [limit for limit in map(partial(limit_of, net), (replace(way, ways=()) for way in ping.ways)) if limit]
        return min(limits, default=None, key=lambda limit: limit.size)
    found = list(_there(net, ping.there))
    if ping.back is not None:
        found += _back(net, ping.back)
    return min(found, default=None, key=lambda limit: limit.size)


def _there(net: Net, walk: Walk) -> Iterator[Limit]:
    for hop in walk.hops:
        for limit in (_of_device(net, hop), _of_wire(net, hop)):
            if limit is not None:
                yield _inside(limit, hop.layers)
        for trip in trips_of(net, hop):
            yield from _of_trip(net, trip)


def _of_trip(net: Net, trip: Trip) -> Iterator[Limit]:
    """Yield the limits of what a tunnel carries: its outer packet's, less what is around the load.

    An outer packet without DF may be cut on its way. So it may where it starts, but only once: the sender of the load
    is then told what would have passed as a whole (net/ipv4/ip_tunnel_core.c, skb_tunnel_check_pmtu; tried on kernel
    6.18).
    """
    assert trip.walk is not None
    assert trip.wrapping is not None
    for number, hop in enumerate(trip.walk.hops):
        whole = trip.wrapping.whole if number else not trip.wrapping.cut
        found = [_of_wire(net, hop), _of_device(net, hop) if whole else None]
        limits = [_inside(limit, hop.layers) for limit in found if limit is not None]
        limits += [_inside(limit, hop.layers) for inner in trips_of(net, hop) for limit in _of_trip(net, inner)]
        for limit in limits:
            if trip.states:  # its hops have taken their part off
                yield limit
                continue
            left = limit.size - trip.wrapping.overhead
            yield Limit(left - left % trip.wrapping.block, limit.device)


def _inside(limit: Limit, states: tuple[State, ...]) -> Limit:
    """Return the limit of what states of IPsec protect, by that of what they make of it."""
    size = limit.size
    for state in reversed(states):
        left = room(state, size)
        assert left is not None  # a walk that is known goes by no other state
        size = left
    return Limit(size, limit.device)


def _back(net: Net, walk: Walk) -> Iterator[Limit]:
    """Yield the limits of a reply: it is cut to a device's MTU, and dropped where the wire takes less than that."""
    for hop in walk.hops:
        device, wire = _of_device(net, hop), _of_wire(net, hop)
        if device is not None and walk.target.version == 6 and hop.entered is not None:
            yield device
        narrow = [] if wire is None else [wire]
        narrow += [limit for trip in trips_of(net, hop) for limit in _of_trip(net, trip)]
        if device is not None:
            yield from (limit for limit in narrow if limit.size < device.size)


def _of_device(net: Net, hop: Hop) -> Limit | None:
    if hop.answer is None or hop.entry is None or hop.entry.device is None:
        return None
    said = None if hop.entry.route is None else hop.entry.route.mtu
    return Limit(said or mtu_of(net.topology, hop.entry.device), hop.entry.device)


def _of_wire(net: Net, hop: Hop) -> Limit | None:
    if hop.answer is None or hop.entry is None or hop.entry.device is None or hop.answer.device is None:
        return None
    if hop.answer.reply is not Reply.ANSWERED or hop.entry.device == hop.answer.device or hop.answer.trip is not None:
        return None
    return wire_limit(net, hop.answer.by or hop.entry.device, hop.answer.device)
