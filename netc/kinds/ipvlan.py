"""A child of a device that shares its MAC address and has IP addresses of its own.

    uplink enp1s0 192.168.7.1/24
    netns a { ipvlan eth0 192.168.7.11/24 on enp1s0 { mode l2 } }

All children of a parent have one mode. In `l2` they answer ARP themselves; in `l3` and `l3s` the parent's namespace
routes for them, and the outside needs a route to their prefix. Parent and child cannot talk to each other.

Source: ip-link(8) "IPVLAN Type Support", kernel Documentation/networking/ipvlan.rst.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING

from netc.kinds.attributes import Attribute, AttributeKind, one_of, values_of
from netc.kinds.base import Form
from netc.kinds.sharing import IPVLAN, flag_of, mode_of, siblings
from netc.topology.frames import Catch, Passing, Way
from netc.topology.options import Option, one
from netc.topology.values import choice

if TYPE_CHECKING:
    from netc.topology.frames import Frame
    from netc.topology.model import Device, DeviceKey, Topology

MODE = one_of("mode", ("l2", "l3", "l3s"), "Who routes for the child: see above.", "l3")
_FLAGS = ("bridge", "private", "vepa")
FLAG = Attribute(
    Option("flag", one(choice(*_FLAGS)), "|".join(_FLAGS), "Which packets pass between children.", "bridge"),
    lambda flag: (flag,),
)


class Ipvlan(AttributeKind):
    """The kind `ipvlan`."""

    name = IPVLAN
    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    probe = None  # it needs a parent
    attributes = (MODE, FLAG)

    def joined(self, device: Device) -> tuple[DeviceKey, ...]:
        """Return the parent, too, in mode l2: its wire is the child's."""
        on_wire = device.parent is not None and mode_of(device) == "l2"
        return (*super().joined(device), *((device.parent,) if on_wire and device.parent else ()))

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether all children of the parent say the same mode: the last one that is made sets it for all."""
        ways = {(mode_of(child), flag_of(child)) for child in siblings(device, topology)}
        return device.parent is not None and len(ways) == 1

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return that there is more than one mode."""
        return "the children of its parent say several modes, of which the last one holds"

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield, in mode l2, siblings and the parent's wire (ipvlan_core.c, ipvlan_xmit_mode_l2).

        Everybody hears a broadcast but the parent. A frame for the MAC address that all of them share stays here,
        unless the flag is `vepa`; with `private`, what is for a sibling's IP address is dropped.
        """
        parent = device.parent
        if parent is None or mode_of(device) != "l2":
            return  # in layer 3 nothing is sent by MAC address: netc/reach/ipvlan.py
        shared = {child.key for child in siblings(device, topology)}
        if frame.target is None:
            for key in shared - {device.key}:
                yield Passing(key, Way.IN, frame, checked=True)
        elif frame.target in shared | {parent} and flag_of(device) != "vepa":
            if frame.target == parent or flag_of(device) == "bridge":
                yield Passing(frame.target, Way.IN, frame, checked=True)
            return
        yield Passing(parent, Way.OUT, frame)

    def catches(self, device: Device, frame: Frame, topology: Topology) -> Catch | None:
        """Return what comes in at the parent for an address of the child, or for everybody (ipvlan_handle_mode_l2).

        A sibling's broadcast that somebody reflects is known by its source, and goes to the parent alone.
        """
        if frame.tags or mode_of(device) != "l2":
            return None
        own = (Passing(device.key, Way.IN, frame),)
        if frame.target is not None:
            return Catch(own, all=True) if frame.target == device.key else None
        sender = topology.devices[frame.source]
        return None if sender.kind == device.kind and sender.parent == device.parent else Catch(own, all=False)

    def traits(self, device: Device) -> Hashable:
        """Return its options, as of children with MAC addresses of their own."""
        return values_of(self.options, device)

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return the parent's (ipvlan_main.c, ipvlan_adjust_mtu)."""
        return 1500 if device.parent is None else mtu_of(device.parent)


KIND = Ipvlan()
