"""What bonds and teams have in common: devices that act for others, their members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.base import Kind
from netc.kinds.common import MTU
from netc.topology.frames import Passing, Way

if TYPE_CHECKING:
    from netc.topology.frames import Frame
    from netc.topology.model import Device, DeviceKey, Topology


class Aggregate(Kind):
    """A kind of device that acts for its members."""

    can_have_ports = True
    takes_ports_down = True

    def senders(self, device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
        """Return the members by which frames are sent: any of these, where there are several."""
        raise NotImplementedError

    def listeners(self, device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
        """Return the members by which frames are taken."""
        raise NotImplementedError

    def is_settled(self, device: Device, topology: Topology) -> bool:
        """Whether `senders` and `listeners` are known, and stay as they are."""
        raise NotImplementedError

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return that its members are not alike, or chosen by others."""
        return "its members lead to different places, or which of them sends is agreed upon at run time"

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether it does not depend on chance where its frames get to.

        Where any of several members may send, all of them have to lead to one device of this sort, which takes what
        comes in by any.
        """
        members = topology.ports_of(device.key)
        if any(member.peer is None or member.kind != "veth" for member in members):
            return False  # their links come up one after the other, in the order of the text
        if any(MTU.of(member) not in {None, MTU.of(device)} for member in members):
            return False
        if not self.is_settled(device, topology):
            return False
        senders = self.senders(device, topology)
        far = {_far_end(topology.devices[key], topology) for key in senders}
        return len(senders) < 2 or (len(far) == 1 and None not in far)

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield the members that may send it."""
        for member in self.senders(device, topology):
            yield Passing(member, Way.OUT, frame)

    def takes(self, device: Device, port: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield the device itself, where it listens to the member."""
        if port.key in self.listeners(device, topology):
            yield Passing(device.key, Way.IN, frame)


def _far_end(member: Device, topology: Topology) -> DeviceKey | None:
    """Return the aggregate at the far end of a member, if it takes what comes in by any of its own."""
    far = None if member.peer is None else topology.devices[member.peer]
    if far is None or far.master is None:
        return None
    master = topology.devices[far.master]
    kind = kinds()[master.kind]
    if not isinstance(kind, Aggregate) or not kind.is_settled(master, topology):
        return None
    open_to_all = len(kind.listeners(master, topology)) == len(topology.ports_of(master.key))
    return master.key if open_to_all else None
