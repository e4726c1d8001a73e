"""Devices through which packets go into IPsec and come out of it, by policies with a mark or a number of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from netc.kinds.overlay import Overlay

if TYPE_CHECKING:
    from netc.topology.model import Device, IPAddress, Topology


@dataclass(frozen=True, slots=True)
class Seal:
    """What the policies and states of a device have: a mark or a number, 0 for none."""

    mark: int = 0
    if_id: int = 0


class Guarded(Overlay):
    """A kind of such devices, which carry IP packets in tunnel mode."""

    carries_frames = False
    is_opened: ClassVar[bool] = False  # what comes in by it still counts as opened, for policies and for rp_filter

    def seal(self, device: Device, way: str) -> Seal:
        """Return what policies have to have for packets that go `out` by a device, or come `in`."""
        raise NotImplementedError

    def sends_by(self, device: Device, source: IPAddress, target: IPAddress, topology: Topology) -> bool:
        """Whether a device sends by a state with these addresses."""
        return True

    def takes_from(self, device: Device, source: IPAddress, target: IPAddress, topology: Topology) -> int | None:
        """Return how well a device fits an outer packet with these addresses, 0 best; None if it does not take it."""
        return None
