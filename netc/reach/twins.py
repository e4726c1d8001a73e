"""What a namespace has for itself, so that leaves which differ in nothing else are found to be alike.

Two leaves of a router have a subnet, a far end and a route to them each: swapped for each other together with these,
nothing in the lab would tell. A prefix is a namespace's own if every address in it is the namespace's, or that of a far
end; it is then known by its length and by whose addresses it holds, and an address in it by where in it it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from ipaddress import ip_network
from typing import TYPE_CHECKING

from netc.kinds.common import MAC
from netc.parts.fdb import FdbEntry
from netc.reach.entry import Entry, EntryType
from netc.reach.fib import Table
from netc.reach.hooks import prefixes_of
from netc.reach.wire import is_port, mtu_of
from netc.topology.model import DeviceKey, Made

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.topology.model import Device, IPAddress, IPNetwork, NetnsKey, Route

_MOST_LINKS = 4  # a namespace with more is a router, and no leaf


@dataclass(frozen=True)
class Words:
    """What tells addresses and devices of a lab apart: the prefixes that it names, and who names what lies in them."""

    net: Net
    table: Table
    prefixes: frozenset[IPNetwork]  # those that routes do not name: rules, neighbour entries, tables of nft

    @cached_property
    def held(self) -> Mapping[IPNetwork, int]:
        """How many addresses of the lab each prefix holds."""
        return _count(self.table, self.net.holders)

    @cached_property
    def routes(self) -> Mapping[IPNetwork, list[Route]]:
        """The routes that name something in a prefix, in the order of the text."""
        found: dict[IPNetwork, list[Route]] = {}
        for route in self.net.topology.routes:
            named = {entry.prefix for prefix in _named(route) for entry in _holding(self.table, prefix)}
            for prefix in named:
                found.setdefault(prefix, []).append(route)
        return found

    @cached_property
    def by_device(self) -> Mapping[DeviceKey, list[Route]]:
        """The routes that lead by each device."""
        found: dict[DeviceKey, list[Route]] = {}
        for route in self.net.topology.routes:
            if route.device is not None:
                found.setdefault(route.device, []).append(route)
        return found

    @cached_property
    def singled_out(self) -> frozenset[IPNetwork]:
        """The prefixes that hold something which is named by other statements than routes."""
        return frozenset(entry.prefix for prefix in self.prefixes for entry in _holding(self.table, prefix))

    @cached_property
    def switches(self) -> Mapping[tuple[NetnsKey, str], list[tuple[tuple[str, ...], str]]]:
        """What the lab sets of each device's parameters."""
        found: dict[tuple[NetnsKey, str], list[tuple[tuple[str, ...], str]]] = {}
        for (netns, path), value in sorted(self.net.switches.values.items(), key=lambda item: item[0][1]):
            if len(path) == 5:
                found.setdefault((netns, path[3]), []).append(((*path[:3], path[4]), value))
        return found

    @cached_property
    def lending(self) -> frozenset[DeviceKey]:
        """The devices whose address others of their namespace send from that have none (source.select4)."""
        net = self.net
        by_lo = {route.netns for route in net.topology.routes if route.device == DeviceKey(route.netns, "lo")}
        found: set[DeviceKey] = set()
        for netns in net.topology.netnses:
            devices = [device for device in net.devices(netns) if device.name != "lo" or netns in by_lo]
            have = [device for device in devices if net.primaries(device)]
            if len(have) < len(devices):
                found.update({net.table(device): device for device in reversed(have)}.values())
        return frozenset(found)

    @cached_property
    def special(self) -> frozenset[NetnsKey]:
        """The namespaces where other things than routes decide, which may name a device or a neighbour."""
        topology = self.net.topology
        found = {part.netns for part in topology.parts} | {rule.netns for rule in topology.rules}
        return frozenset(found | {entry.device.netns for entry in topology.neighbours})

    @cached_property
    def named(self) -> frozenset[DeviceKey]:
        """The devices that a statement names which says how frames pass, or an option of another device."""
        topology = self.net.topology
        values = (getattr(part, field.name) for part in topology.parts for field in fields(part))
        found = {value for value in values if isinstance(value, DeviceKey)}
        for device in topology.devices.values():
            names = (setting.value for setting in device.settings.values() if isinstance(setting.value, str))
            found.update(key for name in names if (key := DeviceKey(device.netns, name)) in topology.devices)
        return frozenset(found)

    @cached_property
    def macs(self) -> frozenset[str | None]:
        """The MAC addresses that entries for neighbours or of forwarding databases name."""
        topology = self.net.topology
        neighbours = {entry.mac for entry in topology.neighbours}
        return frozenset(neighbours | {entry.mac for entry in topology.parts_of(FdbEntry)})

    def mac(self, device: Device) -> str | None:
        """Return a device's MAC address, where something in the lab names it, or the link-local address made of it."""
        mac = MAC.of(device)
        ip = None if mac is None else self.net.link_local(device.key)
        is_named = ip is not None and any(entry.prefix.prefixlen == 128 for entry in self.table.matches(ip))
        return mac if is_named or mac in self.macs else None

    @cached_property
    def sources_are_plain(self) -> bool:
        """Whether no IPv6 source is chosen by how much of it is like the target (source.select6)."""
        net = self.net
        few = all(len(net.addresses(device, 6)) <= 1 for device in net.topology.devices)
        by = {route.device for route in net.topology.routes if route.prefix.version == 6}
        return few and all(device is None or net.addresses(device, 6) for device in by)


def _named(route: Route) -> Iterator[IPNetwork]:
    yield route.prefix
    for ip in (route.gateway, route.source):
        if ip is not None:
            yield ip_network((ip, ip.max_prefixlen))


def _holding(table: Table, prefix: IPNetwork) -> Iterator[Entry]:
    return (entry for entry in table.matches(prefix.network_address) if entry.prefix.prefixlen <= prefix.prefixlen)


def _count(table: Table, ips: Mapping[IPAddress, object]) -> dict[IPNetwork, int]:
    found: dict[IPNetwork, int] = {}
    for ip in ips:
        for entry in table.matches(ip):
            found[entry.prefix] = found.get(entry.prefix, 0) + 1
    return found


@dataclass(frozen=True)
class Own:
    """What is a namespace's own: far ends of its links, by their number, and addresses, by whose they are."""

    words: Words
    netns: NetnsKey
    ends: Mapping[DeviceKey, int]
    addresses: Mapping[IPAddress, tuple[object, ...]]

    @cached_property
    def _prefixes(self) -> Mapping[IPNetwork, tuple[object, ...]]:
        """The prefixes that hold no addresses but these, with whose they are; without far ends there are none."""
        if not self.ends:
            return {}
        held: dict[IPNetwork, list[tuple[object, ...]]] = {}
        for ip, whose in self.addresses.items():
            for entry in self.words.table.matches(ip):
                held.setdefault(entry.prefix, []).append((*whose, int(ip) - int(entry.prefix.network_address)))
        return {prefix: tuple(whose) for prefix, whose in held.items() if len(whose) == self.words.held[prefix]}

    @cached_property
    def widest(self) -> tuple[IPNetwork, ...]:
        """Those that lie in no other."""
        found = (self._around(prefix) for prefix in self._prefixes)
        return tuple({prefix: None for prefix in found if prefix is not None})

    def _around(self, prefix: IPNetwork) -> IPNetwork | None:
        """Return the widest prefix of the namespace's own that holds a prefix, or None."""
        around = [entry.prefix for entry in _holding(self.words.table, prefix) if entry.prefix in self._prefixes]
        return around[-1] if around else None

    def prefix(self, prefix: IPNetwork) -> object:
        """Return a prefix as that of every namespace which is alike."""
        around = self._around(prefix)
        if around is None:
            return prefix
        place = int(prefix.network_address) - int(around.network_address)
        return around.prefixlen, self._prefixes[around], place, prefix.prefixlen

    def ip(self, ip: IPAddress | None) -> object:
        """Return an address as that of every namespace which is alike."""
        if ip is None:
            return None
        if ip not in self.addresses:
            return self.prefix(ip_network((ip, ip.max_prefixlen)))
        return tuple(self.prefix(entry.prefix) for entry in self.words.table.matches(ip))

    def device(self, key: DeviceKey | None) -> object:
        """Return a device as that of every namespace which is alike."""
        if key is None or key.netns == self.netns:
            return None if key is None else key.name
        return self.ends.get(key, key)

    def form(self) -> Iterator[object]:
        """Yield what the lab says elsewhere of what is the namespace's own."""
        net = self.words.net
        for end in self.ends:
            device = net.topology.devices[end]
            yield end.netns, device.kind, device.made, mtu_of(net.topology, end), MAC.of(device)
            yield tuple((address.interface.network.prefixlen, self.ip(address.ip)) for address in device.addresses)
            yield tuple(self.words.switches.get((end.netns, end.name), ()))
        named = [route for prefix in self.widest for route in self.words.routes.get(prefix, ())]
        named += [route for end in self.ends for route in self.words.by_device.get(end, ())]
        for route in sorted(
            {id(route): route for route in named}.values(), key=lambda route: (route.origin.order, route.hop)
        ):
            if route.netns != self.netns:
                yield route.netns, route.vrf, tuple(self.route(route))

    def route(self, route: Route) -> Iterator[object]:
        """Yield what counts of a route."""
        yield self.prefix(route.prefix)
        yield self.ip(route.gateway)
        yield self.ip(route.source)
        yield self.device(route.device)
        yield route.type, route.metric, route.table, route.mtu, route.onlink, route.scope, route.hops, route.encap


def own_of(words: Words, netns: NetnsKey) -> Own:
    """Return what is a namespace's own: its addresses alone, where something about it is as for no other."""
    net = words.net
    addresses: dict[IPAddress, tuple[object, ...]] = {}
    for device in net.topology.devices_in(netns):
        addresses |= {address.ip: (device.name, number) for number, address in enumerate(device.addresses)}
    alone = Own(words, netns, {}, dict(addresses))
    found = (_far_end(net, device) for device in net.topology.devices_in(netns))
    fars = [device for device in found if device is not None]
    for order, far in enumerate(fars):
        addresses |= {address.ip: (order, number) for number, address in enumerate(far.addresses)}
    ends = {far.key: order for order, far in enumerate(fars)}
    if not fars or len(fars) > _MOST_LINKS or not words.lending.isdisjoint(ends):
        return alone
    if any(far.netns in words.special or far.master is not None for far in fars):
        return alone
    if any(ip.version == 6 for ip in addresses) and not words.sources_are_plain:
        return alone
    own = Own(words, netns, ends, addresses)
    shared = any(len(net.holders[ip]) > 1 for ip in addresses)
    return alone if shared or any(prefix in words.singled_out for prefix in own.widest) else own


def _far_end(net: Net, device: Device) -> Device | None:
    """Return the one device on a device's link, if it is another namespace's, and every frame gets there."""
    others = [other for other in net.segment_of(device.key).devices if other.key != device.key]
    if len(others) != 1 or others[0].netns == device.netns or others[0].made is Made.OTHERS:
        return None
    if net.home[device.key] not in net.plain_segments or net.topology.children_of(others[0].key):
        return None
    return None if is_port(net.topology, others[0]) else others[0]


def words_of(net: Net) -> Words:
    """Return what tells the addresses and devices of a lab apart."""
    topology, table = net.topology, Table()
    others = {prefix for part in topology.parts for prefix in _read(part.origin.title)} | set(prefixes_of(topology))
    others |= {prefix for rule in topology.rules for prefix in _read(" ".join(rule.selector))}
    others |= {ip_network((entry.ip, entry.ip.max_prefixlen)) for entry in topology.neighbours}
    named = (prefix for route in topology.routes for prefix in _named(route))
    subnets = (address.interface.network for device in topology.devices.values() for address in device.addresses)
    wide = (subnet for subnet in subnets if subnet.prefixlen < subnet.max_prefixlen)
    for prefix in (*named, *wide, *others):
        table.add(Entry(prefix, EntryType.UNICAST, None))
    return Words(net, table, frozenset(others))


def _read(text: str) -> Iterator[IPNetwork]:
    """Yield the prefixes and addresses that a text names; of a range, its ends."""
    for word in re.findall(r"[0-9A-Fa-f:.]+(?:/[0-9]+)?", text):
        with suppress(ValueError):
            yield ip_network(word, strict=False)
