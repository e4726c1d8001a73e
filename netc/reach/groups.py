"""Namespaces that are alike: swapped for each other, nothing in the lab would tell.

Who reaches one of a group reaches every other, by the same way but for its last hop. So a matrix of thousands of
namespaces is that of a few groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.reach.fib import Entry, EntryType, Table
from netc.reach.wire import is_port, mtu_of

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.topology.model import Device, IPAddress, IPNetwork, NetnsKey


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
    table = _prefixes(net)
    odd = _odd(net)
    found: dict[object, list[NetnsKey]] = {}
    for netns in net.topology.netnses:
        form: object = netns if netns in odd else tuple(_form(net, netns, table))
        found.setdefault(form, []).append(netns)
    return tuple(Group(tuple(members)) for members in found.values())


def _prefixes(net: Net) -> Table:
    """Return every prefix by which a table, a rule or an entry of the lab tells addresses apart."""
    topology, table = net.topology, Table()

    def add(network: IPNetwork) -> None:
        table.add(Entry(network, EntryType.UNICAST, None))

    for route in topology.routes:
        add(route.prefix)
        for ip in (route.gateway, route.source):
            if ip is not None:
                add(ip_network((ip, ip.max_prefixlen)))
    for rule in topology.rules:
        for word, value in zip(rule.selector, rule.selector[1:], strict=False):
            if word in {"from", "to"} and value != "all":
                add(ip_network(value))
    for entry in topology.neighbours:
        add(ip_network((entry.ip, entry.ip.max_prefixlen)))
    for device in topology.devices.values():
        for address in device.addresses:
            if address.interface.network.prefixlen < address.ip.max_prefixlen:
                add(address.interface.network)
    return table


def _odd(net: Net) -> set[NetnsKey]:
    """Return the namespaces that are compared with none: what is said of them, or on their links, is too special."""
    topology = net.topology
    found = {key for key in topology.netnses if key.is_root}
    found |= {part.netns for part in topology.parts} | set(net.unsettled)
    for device in topology.devices.values():
        plain = net.home[device.key] in net.plain_segments
        shared = any(len(net.holders[address.ip]) > 1 for address in device.addresses)
        if not plain or shared or kinds()[device.kind].can_have_ports or is_port(topology, device) or device.master:
            found.add(device.netns)
    return found


def _form(net: Net, netns: NetnsKey, table: Table) -> Iterator[object]:
    """Yield everything that matters of a namespace, its own addresses replaced by what tells them from others."""
    own = {address.ip: _kind(address.ip, table) for address, _ in net.topology.addresses_of(netns)}
    for device in net.topology.devices_in(netns):
        yield tuple(_device(net, device, own))
    yield from _routes(net, netns, own)
    for rule in net.rules_of(netns):
        yield rule.family, rule.preference, rule.selector, rule.action
    yield net.switches.said(netns)


def _kind(ip: IPAddress, table: Table) -> tuple[object, ...]:
    return tuple(entry.prefix for entry in table.matches(ip))


def _device(net: Net, device: Device, own: dict[IPAddress, tuple[object, ...]]) -> Iterator[object]:
    # A device alone on its segment, such as lo, is like any other of its kind.
    alone = len(net.segment_of(device.key).devices) == 1
    yield device.name, device.kind, None if alone else net.home[device.key], mtu_of(net.topology, device.key)
    for address in device.addresses:
        yield address.interface.network.prefixlen, own[address.ip]


def _routes(net: Net, netns: NetnsKey, own: dict[IPAddress, tuple[object, ...]]) -> Iterator[object]:
    for route in net.routes_of(netns):
        device = None if route.device is None else route.device.name
        source = None if route.source is None else own.get(route.source, route.source)
        yield route.prefix, route.type, route.gateway, device, route.metric, route.table, source, route.mtu
