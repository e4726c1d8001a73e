"""Children that share their parent's MAC address: what the kind `ipvlan` and the forwarding model ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.topology.model import Device, IPAddress, Topology

IPVLAN = "ipvlan"


def mode_of(device: Device) -> str:
    """Return a child's mode."""
    said = device.settings.get("mode")
    return "l3" if said is None else str(said.value)


def flag_of(device: Device) -> str:
    """Return a child's flag."""
    said = device.settings.get("flag")
    return "bridge" if said is None else str(said.value)


def is_routed(device: Device) -> bool:
    """Return whether a device is a child whose parent's namespace routes for it, so that it asks for nobody."""
    return device.kind == IPVLAN and mode_of(device) != "l2"


def takes_questions(device: Device, ip: IPAddress, topology: Topology) -> bool:
    """Return whether ARP requests for `ip` that come in at a parent go to a child in mode l3, which drops them.

    kernel ipvlan_core.c, ipvlan_handle_mode_l3; net/ipv4/arp.c, arp_rcv: the child has IFF_NOARP.
    """
    children = (child for child in topology.children_of(device.key) if child.kind == IPVLAN)
    return any(mode_of(child) == "l3" and any(a.ip == ip for a in child.addresses) for child in children)


def siblings(device: Device, topology: Topology) -> list[Device]:
    """Return the children of a child's parent that are of this kind, itself among them."""
    others = [] if device.parent is None else topology.children_of(device.parent)
    return [other for other in others if other.kind == device.kind]
