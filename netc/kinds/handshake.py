"""Tunnels whose ends know each other by keys, and shake hands before they carry anything.

Such an end has peers. Which of them a packet goes to, and which of them one may have come from, its inner addresses
say; where a peer is, the lab may say, and what comes from it teaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.kinds.overlay import Overlay

if TYPE_CHECKING:
    from netc.topology.frames import Far, Wrapping
    from netc.topology.model import Device, DeviceKey, IPAddress, Topology


class Stranger:
    """A peer that the lab knows by its key alone: nobody can tell which device has it."""


STRANGER = Stranger()


class Handshaking(Overlay):
    """A kind of such tunnels, of IP packets."""

    carries_frames = False

    def peer_for(self, device: Device, ip: IPAddress, topology: Topology) -> DeviceKey | Stranger | None:
        """Return the peer of a device that has an inner address; None where none has."""
        raise NotImplementedError

    def knows(self, device: Device, other: DeviceKey, topology: Topology) -> bool | None:
        """Whether a device takes another for a peer, so that it answers; None where nobody can tell."""
        raise NotImplementedError

    def agrees(self, device: Device, other: Device, topology: Topology) -> bool | None:
        """Whether two devices have the same secret beside their keys; None where nobody can tell."""
        raise NotImplementedError

    def endpoint(self, device: Device, other: DeviceKey, topology: Topology) -> Far | None:
        """Return where the lab says that a peer is."""
        raise NotImplementedError

    def port(self, device: Device) -> int | None:
        """Return the UDP port of a device; None where the kernel chooses it."""
        raise NotImplementedError

    def calls(self, device: Device, other: DeviceKey, topology: Topology) -> bool:
        """Whether a device shakes hands with a peer by itself, and again and again."""
        raise NotImplementedError

    def sends_to(
        self, device: Device, other: DeviceKey, far: Far, source: IPAddress | None, topology: Topology
    ) -> Wrapping:
        """Return the outer packet for a peer that is at `far`."""
        raise NotImplementedError
