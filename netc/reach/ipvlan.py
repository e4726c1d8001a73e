"""Children that share their parent's MAC address: a packet is its IP address's, and in layer 3 the parent routes.

Source: kernel drivers/net/ipvlan/ipvlan_core.c (ipvlan_handle_mode_l3, ipvlan_xmit_mode_l3, ipvlan_process_outbound)
and ipvlan_l3s.c, tried on kernel 6.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netc.kinds.sharing import IPVLAN, flag_of, mode_of
from netc.reach.entry import EntryType
from netc.reach.hooks import tables
from netc.reach.limits import deciders, doubt, is_followed
from netc.reach.neighbour import Answer, Reply, ask
from netc.reach.rules import Flow

if TYPE_CHECKING:
    from netc.reach.hooks import Hooks
    from netc.reach.neighbour import Memory
    from netc.reach.net import Net
    from netc.topology.model import Device, DeviceKey, IPAddress


def owner_of(net: Net, device: DeviceKey, target: IPAddress) -> DeviceKey:
    """Return who gets a packet for `target` that comes to the MAC address of `device`.

    Of a parent and its children it is the child with that address, else the parent.
    """
    found = net.topology.devices[device]
    parent = found.parent if found.kind == IPVLAN and found.parent is not None else device
    holder = _child_with(net, parent, target)
    return parent if holder is None else holder.key


def filter_of(net: Net, device: DeviceKey, target: IPAddress) -> str:
    """Return why nothing is known of a packet that is handed to a child in mode l3s: its parent's hooks see it."""
    owner = owner_of(net, device, target)
    home = device.netns
    if owner == device or mode_of(net.topology.devices[owner]) != "l3s" or home not in tables(net.topology):
        return ""
    return f"{home.label} may drop what comes in for the children of {device.name}"


def hand_over(
    net: Net, device: DeviceKey, target: IPAddress, source: IPAddress | None, memory: Memory, hooks: Hooks
) -> Answer:
    """Return who takes a packet for `target` that a child in layer 3 sends.

    A sibling with that address does, with the flag `bridge`; else the parent's namespace sends it as its own, by the
    parent alone, and takes what it has no route for to be on the link (net/ipv4/route.c, ip_route_output_key_hash_rcu).
    """
    child = net.topology.devices[device]
    assert child.parent is not None
    if not is_followed(net.topology, child):
        return Answer(Reply.UNKNOWN, why=doubt(net.topology, child))
    sibling = None if flag_of(child) == "vepa" else _child_with(net, child.parent, target)
    if sibling is not None:
        return Answer(Reply.ANSWERED, sibling.key) if flag_of(child) == "bridge" else Answer(Reply.NOBODY)
    home = child.parent.netns
    if home in deciders(net.topology) or home in tables(net.topology):
        return Answer(
            Reply.UNKNOWN, why=f"{home.label} may change or drop what the children of {child.parent.name} send"
        )
    answer = _by_parent(net, child.parent, Flow(target, source), memory, hooks)
    return replace(answer, by=child.parent)


def _by_parent(net: Net, parent: DeviceKey, flow: Flow, memory: Memory, hooks: Hooks) -> Answer:
    fib, target = net.fibs[parent.netns], flow.target
    entry = fib.lookup(flow)
    if fib.rules[target.version] or net.table(parent) is not None:
        return Answer(Reply.UNKNOWN, why=f"policy rules of {parent.netns.label} decide about {target}")
    if entry is not None and entry.type is EntryType.LOCAL and entry.device == parent:
        return Answer(Reply.ANSWERED, parent)
    if entry is not None and not (entry.type is EntryType.UNICAST and entry.is_plain and entry.device == parent):
        return Answer(Reply.UNKNOWN, why=f"{parent.netns.label} has a route to {target} that is not by {parent.name}")
    if entry is None and target.version == 6:
        return Answer(Reply.NOBODY)
    next_hop = target if entry is None else entry.next_hop(target)
    return ask(net, parent, next_hop, flow.source, memory, hooks, flow.target)


def _child_with(net: Net, parent: DeviceKey, ip: IPAddress) -> Device | None:
    for child in net.topology.children_of(parent):
        if child.kind == IPVLAN and any(address.ip == ip for address in child.addresses):
            return child
    return None
