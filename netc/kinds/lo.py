"""The loopback device, which every namespace has from the start; the lab sets it up and may give it addresses.

    netns ns1 { address lo 10.255.0.1/32 }

Source: ip-netns(8), ip-address(8).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netc.kinds.base import Form, Kind, Making
from netc.topology.model import Made

if TYPE_CHECKING:
    from netc.plan.step import Step
    from netc.topology.model import Device


class Loopback(Kind):
    """The kind `lo`, which is never written."""

    name = "lo"
    form = Form.NONE
    made = Made.KERNEL

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield nothing: it is there, and up, with its namespace."""
        return iter(())


KIND = Loopback()
