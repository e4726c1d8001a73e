"""Which VLAN a bridge that filters them takes a frame for, and with which tag it leaves.

Source: kernel net/bridge/br_vlan.c (__allowed_ingress, br_handle_vlan).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.kinds.bridge_port import Vlans
    from netc.topology.frames import Frame


@dataclass(frozen=True, slots=True)
class PortVlans:
    """The VLANs of a port: the one that frames without a tag come in by, all, and those that leave without a tag."""

    protocol: str
    pvid: int | None
    members: frozenset[int]
    untagged: frozenset[int]


@dataclass(frozen=True, slots=True)
class Inside:
    """A frame inside a bridge: the VLAN that it belongs to, None where the bridge looks at no tags."""

    frame: Frame
    vlan: int | None


def port_vlans(said: tuple[Vlans, ...] | None, default: int, protocol: str) -> PortVlans:
    """Return what `vlan` lines make of a port, or the default VLAN (0: none) where there are none."""
    if said is None:
        only = frozenset({default} if default else ())
        return PortVlans(protocol, default or None, only, only)
    members: set[int] = set()
    untagged: set[int] = set()
    pvid: int | None = None
    for vlans in said:  # of two lines that say a VLAN, the later one holds
        vids = range(vlans.first, vlans.last + 1)
        members.update(vids)
        (untagged.update if vlans.untagged else untagged.difference_update)(vids)
        if vlans.pvid:
            pvid = vlans.first
        elif pvid in vids:
            pvid = None
    return PortVlans(protocol, pvid, frozenset(members), frozenset(untagged))


def enter(vlans: PortVlans | None, frame: Frame) -> Inside | None:
    """Return a frame that comes in by a port as the bridge takes it; None where it drops it."""
    if vlans is None:
        return Inside(frame, None)
    if frame.tags and frame.tags[0][0] == vlans.protocol:
        vid = frame.tags[0][1]
        return Inside(replace(frame, tags=frame.tags[1:]), vid) if vid in vlans.members else None
    return None if vlans.pvid is None else Inside(frame, vlans.pvid)


def leave(vlans: PortVlans | None, inside: Inside) -> Frame | None:
    """Return a frame as it leaves by a port; None where its VLAN does not."""
    if vlans is None or inside.vlan is None:
        return inside.frame
    if inside.vlan not in vlans.members:
        return None
    if inside.vlan in vlans.untagged:
        return inside.frame
    return replace(inside.frame, tags=((vlans.protocol, inside.vlan), *inside.frame.tags))
