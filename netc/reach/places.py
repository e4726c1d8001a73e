"""Where a device is joined to its segment, where not everybody there hears everybody.

Two leaves of a bridge could be swapped, ports and all, if the bridge treats their ports alike; and so could two
children of one parent. What treats them alike, their kinds say: `traits` and `port_traits` of netc/kinds/base.py.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.reach.limits import is_followed
from netc.reach.wire import is_port, mtu_of

if TYPE_CHECKING:
    from netc.reach.twins import Words
    from netc.topology.model import Device


def place_of(words: Words, device: Device) -> Hashable | None:
    """Return a device's place, the same for all in a like one; None where it is like no other."""
    traits = (kinds()[device.kind].traits(device), is_followed(words.net.topology, device))
    if device.key in words.named:
        return None
    if device.parent is not None:
        beside = device.parent.netns == device.netns
        return (*traits, device.parent.name if beside else device.parent)
    port = None if device.peer is None else _port(words, words.net.topology.devices[device.peer])
    return None if port is None else (*traits, port)


def _port(words: Words, port: Device) -> Hashable | None:
    """Return what counts of a port at the far end of a cable; None where it is more than that."""
    topology = words.net.topology
    if not is_port(topology, port) or port.master is None or port.key in words.named:
        return None
    if port.addresses or topology.children_of(port.key):
        return None
    own, master = kinds()[port.kind].traits(port), topology.devices[port.master]
    traits = kinds()[master.kind].port_traits(master, port)
    return own, mtu_of(topology, port.key), is_followed(topology, port), master.key, traits
