"""The networks between the hosts of a lab, as the lab describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.source import Span
    from netc.topology.model import IPNetwork, Origin


@dataclass(frozen=True, slots=True)
class SegmentSubnet:
    """A subnet of a physical segment, and where the lab says it."""

    network: IPNetwork
    span: Span


@dataclass(frozen=True, slots=True)
class PhysicalSegment:
    """A layer-2 network outside the lab's control, on which uplinks sit."""

    name: str
    subnets: tuple[SegmentSubnet, ...]
    span: Span
    origin: Origin
