"""The loopback device, which every namespace has from the start; the lab sets it up and may give it addresses.

    netns ns1 { address lo 10.255.0.1/32 }

With a shorter prefix the namespace keeps all of the subnet to itself: see N218.

Source: ip-netns(8), ip-address(8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from netc.kinds.base import Form, Kind, Making
from netc.topology.frames import Passing, Way
from netc.topology.model import Made

if TYPE_CHECKING:
    from netc.plan.step import Step
    from netc.topology.frames import Frame
    from netc.topology.model import Device, DeviceKey, Topology


class Loopback(Kind):
    """The kind `lo`, which is never written."""

    name = "lo"
    form = Form.NONE
    made = Made.KERNEL
    modelled = True

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield the device itself: what is sent comes in again (kernel drivers/net/loopback.c)."""
        yield Passing(device.key, Way.IN, frame)

    def passes_all(self, device: Device, topology: Topology) -> bool:
        """Return True: it is alone."""
        return True

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return 65536."""
        return 65536

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield nothing: it is there, and up, with its namespace."""
        return iter(())


KIND = Loopback()
