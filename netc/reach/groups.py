"""Namespaces that are alike: swapped for each other, nothing in the lab would tell.

Who reaches one of a group reaches every other, by the same way but for its last hop. So a matrix of thousands of
namespaces is that of a few groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.parts.table import Filter, Nat
from netc.reach.hooks import tables
from netc.reach.twins import own_of, words_of
from netc.reach.wire import is_port, mtu_of

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.reach.twins import Own
    from netc.topology.model import Device, NetnsKey


@dataclass(frozen=True, slots=True)
class Group:
    """Namespaces that are alike, in the order of the text."""

    members: tuple[NetnsKey, ...]

    @property
    def name(self) -> str:
        """What it is called: its only member, or its first one and how many there are."""
        first = self.members[0].label
        return first if len(self.members) == 1 else f"{first} and {len(self.members) - 1} more"


def groups_of(net: Net) -> tuple[Group, ...]:
    """Return the groups of a lab's namespaces, in the order of the text."""
    words = words_of(net)
    odd = _odd(net)
    found: dict[object, list[NetnsKey]] = {}
    for netns in net.topology.netnses:
        form: object = netns if netns in odd else tuple(_form(net, own_of(words, netns)))
        found.setdefault(form, []).append(netns)
    return tuple(Group(tuple(members)) for members in found.values())


def _odd(net: Net) -> set[NetnsKey]:
    """Return the namespaces that are compared with none: what is said of them, or on their links, is too special."""
    topology = net.topology
    found = {key for key in topology.netnses if key.is_root}
    found |= {part.netns for part in topology.parts if not isinstance(part, Filter | Nat)} | set(net.unsettled)
    for device in topology.devices.values():
        plain = net.home[device.key] in net.plain_segments
        shared = any(len(net.holders[address.ip]) > 1 for address in device.addresses)
        if not plain or shared or kinds()[device.kind].can_have_ports or is_port(topology, device) or device.master:
            found.add(device.netns)
    return found


def _form(net: Net, own: Own) -> Iterator[object]:
    """Yield everything that matters of a namespace, what is its own replaced by what tells it from others."""
    for device in net.topology.devices_in(own.netns):
        yield tuple(_device(net, device, own))
    for route in net.routes_of(own.netns):
        yield tuple(own.route(route))
    for rule in net.rules_of(own.netns):
        yield rule.family, rule.preference, rule.selector, rule.action
    for rules in tables(net.topology).get(own.netns, {}).values():
        yield tuple((table_rule.chain, table_rule.text()) for table_rule in rules)
    yield net.switches.said(own.netns)
    yield from own.form()


def _device(net: Net, device: Device, own: Own) -> Iterator[object]:
    # A device alone on its segment, such as lo, is like any other of its kind, and so is one with a far end of its own.
    on_link = net.segment_of(device.key).devices
    ends = [own.ends[other.key] for other in on_link if other.key in own.ends] if len(on_link) == 2 else []
    home = None if ends or len(on_link) == 1 else net.home[device.key]
    yield device.name, device.kind, home, mtu_of(net.topology, device.key), tuple(ends)
    for address in device.addresses:
        yield address.interface.network.prefixlen, own.ip(address.ip)
