"""A device that the host already has, with the addresses that it already has.

    uplink eth0 192.168.50.11/24

up.sh checks that it is there, with these addresses, before it changes anything. It is never created, changed or
deleted; the lab can route by it and name it as a parent. What lies beyond it is unknown to netc.

Source: ip-link(8), ip-address(8).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netc.kinds.base import Form, Kind, Making
from netc.topology.model import Made

if TYPE_CHECKING:
    from netc.plan.step import Step
    from netc.topology.model import Device


class Uplink(Kind):
    """The kind `uplink`."""

    name = "uplink"
    form = Form.DEVICE
    made = Made.OTHERS

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield nothing: an uplink is only looked at."""
        return iter(())


KIND = Uplink()
