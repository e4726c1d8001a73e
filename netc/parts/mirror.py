"""Copies of a device's packets that leave by another device: the data of `mirror`."""

from __future__ import annotations

from dataclasses import dataclass

from netc.source import Span
from netc.topology.model import DeviceKey, Part


@dataclass(frozen=True, slots=True)
class Mirror(Part):
    """A copy of what comes in by `device`, or goes out by it, or both, leaves by `to`, a device of the namespace."""

    device: DeviceKey
    to: DeviceKey
    to_span: Span
    ingress: bool
    egress: bool
