"""What the journeys of outer packets are told as: a line each for `netc trace`, and why one comes to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netc.reach.neighbour import Reply

if TYPE_CHECKING:
    from netc.reach.hop import Hop
    from netc.reach.net import Net
    from netc.reach.trip import Trip
    from netc.topology.model import DeviceKey


def trips_of(net: Net, hop: Hop) -> tuple[Trip, ...]:
    """Return the trips of the outer packets that carry a packet to the next hop, the outermost tunnel's last."""
    answer = hop.answer
    if answer is None or hop.entry is None or hop.entry.device is None:
        return ()
    if answer.trip is not None:
        return (answer.trip,)
    if answer.reply is not Reply.ANSWERED or answer.device is None or hop.entry.device == answer.device:
        return ()
    if net.home[hop.entry.device] in net.plain_segments:
        return ()
    passage = net.passage(hop.entry.device, answer.device)
    return () if passage is None else passage.trips


def lines(net: Net, trip: Trip, depth: int = 1) -> Iterator[str]:
    """Yield the journey of an outer packet as a line, and those of packets around it as one more each."""
    wrapping, walk = trip.wrapping, trip.walk
    if wrapping is None or walk is None:
        return
    way = " -> ".join(hop.netns.label for hop in walk.hops)
    inside = next((f" inside {hop.layers[-1].protocol.upper()}" for hop in walk.hops if hop.layers), "")
    what = wrapping.text if trip.states else wrapping.text + inside
    text = f"in {what} by {trip.sender}: {walk.source or '?'} -> {wrapping.target}, {way}"
    yield "   " + "  " * depth + text + ("" if trip.taker is None else f", taken by {trip.taker.label}")
    for hop in walk.hops:
        for inner in trips_of(net, hop):
            yield from lines(net, inner, depth + 1)


def lost(net: Net, sender: DeviceKey, target: DeviceKey | None) -> Trip | None:
    """Return a trip that comes to nothing of those of a frame from `sender` to `target`, the last if there are more."""
    if net.home[sender] in net.plain_segments:
        return None
    return next((trip for trip in reversed(net.flood(sender, target).trips) if trip.taker is None), None)
