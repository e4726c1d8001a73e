"""A child of a device that shares its MAC address and has IP addresses of its own.

    uplink enp1s0 192.168.7.1/24
    netns a { ipvlan eth0 192.168.7.11/24 on enp1s0 { mode l2 } }

All children of a parent have one mode. In `l2` they answer ARP themselves; in `l3` and `l3s` the parent's namespace
routes for them, and the outside needs a route to their prefix. Parent and child cannot talk to each other.

Source: ip-link(8) "IPVLAN Type Support", kernel Documentation/networking/ipvlan.rst.
"""

from netc.kinds.attributes import Attribute, AttributeKind, one_of
from netc.kinds.base import Form
from netc.topology.model import Device, DeviceKey
from netc.topology.options import Option, one
from netc.topology.values import choice

MODE = one_of("mode", ("l2", "l3", "l3s"), "Who routes for the child: see above.", "l3")
_FLAGS = ("bridge", "private", "vepa")
FLAG = Attribute(
    Option("flag", one(choice(*_FLAGS)), "|".join(_FLAGS), "Which packets pass between children.", "bridge"),
    lambda flag: (flag,),
)


class Ipvlan(AttributeKind):
    """The kind `ipvlan`."""

    name = "ipvlan"
    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    probe = None  # it needs a parent
    attributes = (MODE, FLAG)

    def joined(self, device: Device) -> tuple[DeviceKey, ...]:
        """Return the parent, too, in mode l2: its wire is the child's."""
        on_wire = device.parent is not None and MODE.option.of(device) == "l2"
        return (*super().joined(device), *((device.parent,) if on_wire and device.parent else ()))


KIND = Ipvlan()
