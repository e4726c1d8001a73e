"""What WireGuard's devices and their peers are, for those who ask about a topology."""

from __future__ import annotations

from functools import lru_cache

from netc.kinds.wireguard import ALLOWED_IPS, ENDPOINT, KIND, listen_port, peers_of
from netc.source import Span
from netc.topology.model import Device, IPNetwork, Topology
from netc.topology.options import Entry


@lru_cache(maxsize=2)
def wireguards(topology: Topology) -> tuple[tuple[Device, tuple[Entry, ...]], ...]:
    """Return the devices with their peers, in the order of the text."""
    found = (device for device in topology.devices.values() if device.kind == KIND.name)
    return tuple((device, peers_of(topology, device)) for device in found)


def allowed_ips(peer: Entry) -> tuple[tuple[IPNetwork, Span], ...]:
    """Return the prefixes that a peer may use, and where each is said."""
    return tuple((network, word.span) for network, word in ALLOWED_IPS.of(peer) or ())


def has_endpoint(peer: Entry) -> bool:
    """Whether the device knows where the peer is before it has heard of it."""
    return ENDPOINT.of(peer) is not None


def port_of(device: Device) -> int | None:
    """Return the UDP port of a device, where it is known beforehand."""
    return listen_port(device)
