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
from netc.reach.places import place_of
from netc.reach.twins import own_of, words_of
from netc.reach.wire import mtu_of

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.reach.twins import Own, Words
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
    odd = _odd(words)
    found: dict[object, list[NetnsKey]] = {}
    for netns in net.topology.netnses:
        form: object = netns if netns in odd else tuple(_form(own_of(words, netns)))
        found.setdefault(form, []).append(netns)
    return tuple(Group(tuple(members)) for members in found.values())


def _odd(words: Words) -> set[NetnsKey]:
    """Return the namespaces that are compared with none: what is said of them, or on their links, is too special."""
    net, topology = words.net, words.net.topology
    found = {key for key in topology.netnses if key.is_root}
    found |= {part.netns for part in topology.parts if not isinstance(part, Filter | Nat)} | set(net.unsettled)
    listed = {mac for device in topology.devices.values() for mac in kinds()[device.kind].listed(device)}
    found |= {key.netns for mac in listed for key in net.macs.get(mac, ())}
    return found | {device.netns for device in topology.devices.values() if _is_odd(words, device)}


def _is_odd(words: Words, device: Device) -> bool:
    net = words.net
    if device.master is not None or kinds()[device.kind].can_have_ports:
        return True
    shared = any(len(net.holders[address.ip]) > 1 for address in device.addresses)
    lent = any(child.netns != device.netns for child in net.topology.children_of(device.key))
    return shared or lent or not (_is_plain(net, device) or place_of(words, device) is not None)


def _is_plain(net: Net, device: Device) -> bool:
    """Whether everybody on a device's segment hears everybody, whatever tags the frames carry."""
    return net.home[device.key] in net.plain_segments and not net.topology.children_of(device.key)


def _form(own: Own) -> Iterator[object]:
    """Yield everything that matters of a namespace, what is its own replaced by what tells it from others."""
    net = own.words.net
    for device in net.topology.devices_in(own.netns):
        yield tuple(_device(own, device))
    for route in net.routes_of(own.netns):
        yield tuple(own.route(route))
    for rule in net.rules_of(own.netns):
        yield rule.family, rule.preference, rule.selector, rule.action
    for rules in tables(net.topology).get(own.netns, {}).values():
        yield tuple((table_rule.chain, table_rule.text()) for table_rule in rules)
    yield net.switches.said(own.netns)
    yield from own.form()


def _device(own: Own, device: Device) -> Iterator[object]:
    net = own.words.net
    yield device.name, device.kind, mtu_of(net.topology, device.key), own.words.mac(device)
    yield _home(own, device) if _is_plain(net, device) else place_of(own.words, device)
    for address in device.addresses:
        yield address.interface.network.prefixlen, own.ip(address.ip)


def _home(own: Own, device: Device) -> object:
    """Return a device's segment; alone there, as lo is, or with a far end of its own, it is like others of its kind."""
    on_link = own.words.net.segment_of(device.key).devices
    ends = [own.ends[other.key] for other in on_link if other.key in own.ends] if len(on_link) == 2 else []
    return tuple(ends) if ends or len(on_link) == 1 else own.words.net.home[device.key]
