"""A device that the host already has, with the addresses that it already has.

    segment lan 192.168.50.0/24
    uplink eth0 192.168.50.11/24 on lan { mtu 9000 }

up.sh checks that it is there, with these addresses and this MTU, before it changes anything. It is never created,
changed or deleted; the lab can route by it and name it as a parent. What lies beyond it is unknown to netc, but for
the uplinks of other hosts that are on the same segment.

Source: ip-link(8), ip-address(8).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from netc.kinds.base import Form, Kind, Making
from netc.kinds.common import MTU
from netc.topology.model import Made

if TYPE_CHECKING:
    from netc.plan.step import Step
    from netc.topology.model import Device
    from netc.topology.options import Option


class Uplink(Kind):
    """The kind `uplink`."""

    name = "uplink"
    form = Form.DEVICE
    made = Made.OTHERS
    takes_segment = True

    @property
    def all_options(self) -> dict[str, Option[Any]]:
        """The options that are looked at: what would change the device has no place here."""
        return {option.name: option for option in (*self.options, MTU)}

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield nothing: an uplink is only looked at."""
        return iter(())


KIND = Uplink()
