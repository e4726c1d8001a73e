"""Options of virtual functions, and of the physical ones that have them (SR-IOV).

Source: ip-link(8) "ip link set", `vf NUM`.
"""

from __future__ import annotations

from netc.topology.model import Device, Topology
from netc.topology.options import Option, one
from netc.topology.values import choice, number, switch

VFS: Option[int] = Option(
    "vfs",
    one(number(1, 65535, "a number of virtual functions")),
    "N",
    "How many virtual functions it has while the lab is up: `sriov_numvfs` of its device.",
    "as many as it has",
)
INDEX: Option[int] = Option(
    "index", one(number(0, 65534, "an index")), "I", "Which virtual function, from 0: `virtfnI` in sysfs.", "none"
)
VLAN: Option[int] = Option(
    "vlan", one(number(1, 4094, "a VLAN")), "VID", "The VLAN that the NIC puts its frames into, unseen by it.", "none"
)
QOS: Option[int] = Option("qos", one(number(0, 7)), "N", "The priority in the tags of `vlan`.", "0")
PROTO: Option[str] = Option(
    "proto", one(choice("802.1Q", "802.1ad")), "802.1Q|802.1ad", "The protocol of the tags of `vlan`.", "802.1Q"
)
MIN_RATE: Option[int] = Option(
    "min-rate", one(number(0, 1_000_000)), "MBIT", "Mbit/s that it can send at least; 0 none.", "0"
)
MAX_RATE: Option[int] = Option(
    "max-rate", one(number(0, 1_000_000)), "MBIT", "Mbit/s that it can send at most; 0 no limit.", "0"
)
SPOOFCHK: Option[bool] = Option("spoofchk", one(switch), "on|off", "Drops frames with another source MAC than its own.")
TRUST: Option[bool] = Option("trust", one(switch), "on|off", "May change its MAC, and be promiscuous.", "off")
LINK_STATE: Option[str] = Option(
    "link-state",
    one(choice("auto", "enable", "disable")),
    "auto|enable|disable",
    "Its carrier: that of the physical port, or always, or never.",
    "auto",
)


def functions(topology: Topology) -> tuple[tuple[Device, Device], ...]:
    """Return the virtual functions of a lab, each with the device that it is on, in the order of the text."""
    found = [device for device in topology.devices.values() if INDEX.of(device) is not None]
    return tuple((device, topology.devices[device.parent]) for device in found if device.parent is not None)
