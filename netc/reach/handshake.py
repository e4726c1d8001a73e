"""Tunnels whose ends shake hands: what becomes of a packet that one of them is to carry.

The first packet waits until the peer has answered, so that outer packets have to pass both ways. An end sends to where
the lab says that the peer is, or to where it has heard it last: the source of the last packet that the peer's key
proved. It answers from the address that it was called at, if its route leads back by the same device.
Sources: kernel drivers/net/wireguard/device.c (wg_xmit), receive.c (wg_receive_handshake_packet,
wg_packet_consume_data_done), socket.c (send4, send6, wg_socket_set_peer_endpoint_from_skb), noise.c
(wg_noise_handshake_consume_initiation), timers.c (wg_expired_send_persistent_keepalive);
https://www.wireguard.com/papers/wireguard.pdf, 2.1 "Endpoints & Roaming"; tried on kernel 6.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from netc.kinds.handshake import Handshaking, Stranger
from netc.reach.trip import Trip
from netc.topology.frames import Far, Load, Wrapping
from netc.topology.model import DeviceKey

if TYPE_CHECKING:
    from netc.topology.model import Device, IPAddress, Topology

#: Where a device has heard a peer in the same exchange: by the two of them, the one that has heard first.
Heard = dict[tuple[DeviceKey, DeviceKey], Far]


@dataclass(frozen=True, slots=True)
class Handshakes:
    """Follows the packets of such tunnels; `follow` follows an outer packet of a device."""

    topology: Topology
    follow: Callable[[Device, Wrapping], Trip]

    def packet(self, kind: Handshaking, device: Device, load: Load, heard: Heard) -> Trip:
        """Return the trip of an IP packet that a device sends, and note what its peer hears."""
        assert load.target is not None
        peer = kind.peer_for(device, load.target, self.topology)
        if peer is None:
            return Trip(device.key, None, why=f"no peer of {device.key.label} is allowed {load.target}")
        if isinstance(peer, Stranger):
            why = f"netc does not know who has the key of the peer of {device.key.label} for {load.target}"
            return Trip(device.key, None, why=why, unknown=True)
        other = self.topology.devices[peer]
        known = heard.get((device.key, peer))
        trip = self._meet(kind, device, other) if known is None else self._sent(kind, device, other, known)
        if trip.taker is None or load.source is None:
            return trip
        sender = kind.peer_for(other, load.source, self.topology)
        if sender != device.key:
            why = f"{peer.label} takes packets from {load.source} from no peer, or from another than {device.key.label}"
            return replace(trip, taker=None, why=why, unknown=isinstance(sender, Stranger))
        heard[peer, device.key] = self._place(kind, device, trip)
        return trip

    def _meet(self, kind: Handshaking, device: Device, other: Device) -> Trip:
        """Return the trip of a packet between two that have not heard of each other in this exchange.

        Earlier traffic, which nobody can know of, may have told a device of another place than the lab does.
        """
        said = kind.endpoint(device, other.key, self.topology)
        first = None if said is None else self._shake(kind, device, other, said)
        called = kind.endpoint(other, device.key, self.topology)
        call = None if called is None else self._sent(kind, other, device, called)
        nowhere = Trip(device.key, None, why=f"{device.key.label} knows no endpoint of {other.key.label}")
        if call is None or (call.taker is None and not call.unknown):
            return first or (nowhere if call is None else replace(nowhere, answer=call))
        if call.unknown:
            return _unsure(first or nowhere, call.why)
        place = self._place(kind, other, call)
        if place == said:
            assert first is not None
            return first
        second = self._shake(kind, device, other, place)
        if second.taker is not None and kind.calls(other, device.key, self.topology):
            return second
        if first is not None and _outcome(first) == _outcome(second):
            return first
        if first is None and second.taker is None:
            return second
        why = f"{device.key.label} sends to {other.key.label} at {place.ip} once that has sent something, "
        why += "and elsewhere before" if first is not None else "and knows no endpoint of it before"
        return _unsure(second, why)

    def _shake(self, kind: Handshaking, device: Device, other: Device, far: Far) -> Trip:
        """Return the trip of a packet to a peer that has to answer the handshake first."""
        trip = self._sent(kind, device, other, far)
        if trip.taker is None:
            return trip
        assert trip.walk is not None
        place = self._place(kind, device, trip)
        last = trip.walk.hops[-1]
        answer = self._sent(kind, other, device, place, far.ip, last.entered)
        if answer.taker is None:
            return replace(trip, taker=None, unknown=answer.unknown, why=answer.why, answer=answer)
        heard = self._place(kind, other, answer)
        if heard.ip == far.ip:
            return trip
        again = self._sent(kind, device, other, heard)
        if again.taker is not None:
            return again
        why = f"{other.key.label} answers from {heard.ip}, and what {device.key.label} sends there does not get to it"
        return _unsure(trip, why)

    def _sent(
        self,
        kind: Handshaking,
        device: Device,
        other: Device,
        far: Far,
        source: IPAddress | None = None,
        entered: DeviceKey | None = None,
    ) -> Trip:
        """Return the trip of an outer packet to a peer, which takes it if it knows the device.

        `source` is the address that an answer comes from, unless it leaves by another device than `entered`, which IPv4
        asks (send4).
        """
        trip = self.follow(device, kind.sends_to(device, other.key, far, source, self.topology))
        leaving = None if trip.walk is None or trip.walk.hops[0].entry is None else trip.walk.hops[0].entry.device
        if source is not None and source.version == 4 and leaving != entered:
            trip = self.follow(device, kind.sends_to(device, other.key, far, None, self.topology))
        if trip.taker is None and far.port is not None and kind.port(other) is None:
            why = f"the kernel chooses the port of {other.key.label}: say its `listen-port`"
            return replace(trip, unknown=trip.unknown or trip.why != "", why=trip.why and why)
        if trip.taker is None:
            return trip
        for told, fits in (
            (f"does not have {device.key.label} as a peer", kind.knows(other, device.key, self.topology)),
            ("has another preshared key, or none", kind.agrees(device, other, self.topology)),
        ):
            if not fits:
                return replace(trip, taker=None, why=f"{other.key.label} {told}", unknown=fits is None)
        return trip

    def _place(self, kind: Handshaking, device: Device, trip: Trip) -> Far:
        """Return where the taker of a packet hears its sender."""
        assert trip.walk is not None
        assert trip.walk.came_from is not None
        return Far(trip.walk.came_from, kind.port(device))


def _outcome(trip: Trip) -> tuple[bool, bool]:
    return trip.taker is not None, trip.unknown


def _unsure(trip: Trip, why: str) -> Trip:
    return replace(trip, taker=None, unknown=True, why=why, answer=None)
