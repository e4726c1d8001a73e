"""A namespace's routing tables, and the lookup that the kernel does in them.

Sources: kernel net/ipv4/fib_trie.c (fib_table_lookup: the longest prefix, then the order of metrics),
net/ipv4/fib_frontend.c (fib_add_ifaddr: what an address brings with it), net/ipv4/fib_rules.c and
net/ipv6/fib6_rules.c (the rules 0 local, 32766 main and 32767 default), net/ipv6/addrconf.c (metric 256 for the
prefix of an address).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.order import addressing_order
from netc.reach.entry import Entry, EntryType
from netc.reach.rules import read_rules
from netc.topology.model import (
    DEFAULT_TABLE,
    LOCAL_TABLE,
    MAIN_TABLE,
    Address,
    Device,
    DeviceKey,
    IPAddress,
    IPNetwork,
    Made,
    NetnsKey,
    Route,
    Rule,
    Topology,
)
from netc.topology.subnets import brings_route, says_no

if TYPE_CHECKING:
    from netc.reach.rules import FibRule, Flow

#: Metrics of what an address brings with it: uapi/linux/ipv6_route.h IP6_RT_PRIO_ADDRCONF.
_CONNECTED_METRIC = {4: 0, 6: 256}
EVERYTHING: dict[int, IPNetwork] = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}


#: What a rule's own verdict comes to: `unreachable` says that there is no route (net/ipv4/fib_rules.c,
#: fib4_rule_action; net/ipv6/fib6_rules.c, __fib6_rule_action).
_BLOCKS = {
    "blackhole": EntryType.BLACKHOLE,
    "prohibit": EntryType.PROHIBIT,
    "unreachable": EntryType.NO_ROUTE,
}


@dataclass(slots=True)
class Table:
    """The entries of one routing table; of those with the same prefix only the one that wins.

    IPv6 takes several with one prefix and metric, and prefers the one whose device a packet came in by
    (net/ipv6/route.c, rt6_score_route and ip6_pol_route_input).
    """

    _equals: dict[IPNetwork, list[Entry]] = field(default_factory=dict)
    _levels: dict[int, dict[int, dict[int, Entry]]] = field(default_factory=lambda: {4: {}, 6: {}})
    _lengths: dict[int, list[int]] = field(default_factory=lambda: {4: [], 6: []})
    _found: dict[IPAddress, Entry | None] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Add an entry, unless one with the same prefix and no larger metric is there."""
        prefix = entry.prefix
        self._found.clear()
        levels = self._levels[prefix.version]
        if prefix.prefixlen not in levels:
            levels[prefix.prefixlen] = {}
            self._lengths[prefix.version] = sorted(levels, reverse=True)
        earlier = levels[prefix.prefixlen].get(int(prefix.network_address))
        if earlier is None or entry.metric < earlier.metric:
            levels[prefix.prefixlen][int(prefix.network_address)] = entry
            self._equals.pop(prefix, None)
        elif prefix.version == 6 and entry.metric == earlier.metric:
            self._equals.setdefault(prefix, []).append(entry)

    def every(self, ip: IPAddress) -> Iterator[Entry]:
        """Yield the entries that hold `ip`, the longest prefix first, and all of those with one prefix and metric."""
        for first in self.matches(ip):
            yield first
            yield from self._equals.get(first.prefix, ())

    def matches(self, ip: IPAddress) -> Iterator[Entry]:
        """Yield the first entry of each prefix that holds `ip`, the longest prefix first."""
        number, size, levels = int(ip), ip.max_prefixlen, self._levels[ip.version]
        for length in self._lengths[ip.version]:
            entry = levels[length].get(number >> (size - length) << (size - length))
            if entry is not None:
                yield entry

    def longest(self, ip: IPAddress) -> Entry | None:
        """Return the entry with the longest prefix that holds `ip`, or None; it is kept until another is added."""
        if ip not in self._found:
            self._found[ip] = next(self.matches(ip), None)
        return self._found[ip]

    def best(self, flow: Flow, *, but: Sequence[Entry] = ()) -> Entry | None:
        """Return the entry for a packet, or None; as if those of `but` were not there."""
        for first in self.matches(flow.target):
            if not self._equals and not but:
                return first
            equals = [entry for entry in [first, *self._equals.get(first.prefix, [])] if entry not in but]
            preferred = [entry for entry in equals if entry.device == flow.preferred]
            if equals:
                return (preferred or equals)[0]
        return None

    def entries(self) -> Iterator[Entry]:
        """Yield every entry."""
        for levels in self._levels.values():
            for level in levels.values():
                yield from level.values()


@dataclass(slots=True)
class Fib:
    """The routing tables of a namespace, by number, and its rules."""

    tables: dict[int, Table] = field(default_factory=dict)
    rules: dict[int, list[FibRule]] = field(default_factory=lambda: {4: [], 6: []})
    has_vrf: bool = False
    _merged: Table | None = None

    def table(self, number: int) -> Table:
        """Return a table, empty where nobody has put anything in."""
        if number not in self.tables:
            self.tables[number] = Table()
        return self.tables[number]

    def is_merged(self, version: int, *, early: bool = False) -> bool:
        """Whether the local and the main table are one, as IPv4 keeps them until there is a policy rule.

        A longer prefix of main goes then before a shorter one of local, whichever of the two is asked
        (net/ipv4/fib_frontend.c, fib_new_table; fib_unmerge with the first rule). A VRF brings a rule; those of the
        lab come after its routes, and are not there yet for what asks `early`.
        """
        return version == 4 and not (self.has_vrf if early else self.rules[4])

    def matches(self, ip: IPAddress, *, early: bool = False) -> Iterator[Entry]:
        """Yield the entries for `ip` in the order in which the kernel's own rules come to them."""
        local, main, default = (
            self.tables[number].every(ip) if number in self.tables else iter(())
            for number in (LOCAL_TABLE, MAIN_TABLE, DEFAULT_TABLE)
        )
        if self.is_merged(ip.version, early=early):
            yield from sorted([*local, *main], key=lambda entry: -entry.prefix.prefixlen)
        else:
            yield from local
            yield from main
        yield from default

    def local_entry(self, ip: IPAddress, *, early: bool = False) -> Entry | None:
        """Return the entry that the local table is taken to have for `ip`."""
        table = self._merge() if self.is_merged(ip.version, early=early) else self.table(LOCAL_TABLE)
        return table.longest(ip)

    def lookup(self, flow: Flow) -> Entry | None:
        """Return the entry that decides about a packet, or None where there is no route."""
        version = flow.target.version
        if flow.bound is not None:
            return self._bound(flow)
        if not self.rules[version]:
            if version == 4:
                found = self._merge().longest(flow.target)
                thrown = found is not None and found.type is EntryType.THROW
                return self._in(DEFAULT_TABLE, flow) if found is None or thrown else found
            return self._in(LOCAL_TABLE, flow) or self._in(MAIN_TABLE, flow)
        return self._by_rules(flow)

    def _by_rules(self, flow: Flow) -> Entry | None:
        version, skip_to = flow.target.version, 0
        for rule in self.rules[version]:
            if rule.preference < skip_to:
                continue
            fits = rule.matches(flow)
            if fits is None:
                return Entry(EVERYTHING[version], EntryType.UNKNOWN, None)
            if not fits:
                continue
            if rule.blocks is not None:
                return Entry(EVERYTHING[version], _BLOCKS[rule.blocks], None)
            if rule.goto is not None:
                skip_to = rule.goto
                continue
            found = self._in((flow.table or MAIN_TABLE) if rule.of_vrf else rule.table, flow)
            if found is not None:
                return found
        return None

    def _bound(self, flow: Flow) -> Entry | None:
        """Return the entry for a packet that is bound to a device: only the device's own entries count.

        Where none leads on, IPv4 takes the target to be on the device's link, unless that is in a VRF
        (net/ipv4/route.c, ip_route_output_key_hash_rcu). For IPv6 the device only goes before others that are as good,
        unless it is strict (net/ipv6/route.c, ip6_route_output_flags_noref).
        """
        version = flow.target.version
        if version == 6 and not flow.strict:
            return self.lookup(replace(flow, bound=None, preferred=flow.bound))
        if self.rules[version]:
            found = self._by_rules(flow)
        else:
            found = next((entry for entry in self.matches(flow.target) if entry.device == flow.bound), None)
        if found is None and version == 4 and flow.table is None:
            return Entry(EVERYTHING[4], EntryType.UNICAST, flow.bound)
        return found

    def _in(self, number: int | None, flow: Flow) -> Entry | None:
        """Return what a table says; `throw` is as if it said nothing (net/core/fib_rules.c, fib_rules_lookup)."""
        if number not in self.tables:
            return None
        if flow.bound is None:
            found = self.tables[number].best(flow)
            return None if found is not None and found.type is EntryType.THROW else found
        return next((entry for entry in self.tables[number].every(flow.target) if entry.device == flow.bound), None)

    def _merge(self) -> Table:
        if self._merged is None:
            self._merged = Table()
            for number, lead in ((LOCAL_TABLE, -1), (MAIN_TABLE, 0)):
                for entry in self.table(number).entries():
                    if entry.prefix.version == 4:
                        self._merged.add(replace(entry, metric=lead) if lead else entry)
        return self._merged


def build_fibs(topology: Topology, anycast: Mapping[IPAddress, Sequence[DeviceKey]]) -> dict[NetnsKey, Fib]:
    """Return the tables of every namespace of a topology; `anycast` are the devices that have a subnet's address."""
    vrfs = _vrfs(topology)
    fibs = {key: Fib(has_vrf=key in vrfs) for key in topology.netnses}
    for netns, fib in fibs.items():
        lo = DeviceKey(netns, "lo")
        for loopback in (ip_network("127.0.0.0/8"), ip_network("::1/128")):
            fib.table(LOCAL_TABLE).add(Entry(loopback, EntryType.LOCAL, lo))
    for device, address in addressing_order(topology):
        own = table_of(topology, device)
        entries = list(_entries_of(device, address))
        if (ip := anycast_of(address)) is not None and device.key in anycast.get(ip, ()):
            entries.append((Entry(_alone(ip), EntryType.ANYCAST, device.key), LOCAL_TABLE))
        for entry, table in entries:
            fibs[device.netns].table(table if own is None else own).add(entry)
    for number, route in enumerate(topology.routes):
        if route.hop > 0:
            continue
        fib, place = fibs[route.netns], place_of(topology, route)
        fib.table(place).add(_static(fib, place, topology.routes[number : number + route.hops]))
    _read_rules(topology, fibs, vrfs)
    return fibs


def _vrfs(topology: Topology) -> dict[NetnsKey, dict[str, int]]:
    """Return the tables of the VRFs of each namespace that has some, by name."""
    found: dict[NetnsKey, dict[str, int]] = {}
    for device in topology.devices.values():
        if (own := _members_table(device)) is not None:
            found.setdefault(device.netns, {})[device.name] = own
    return found


def _read_rules(topology: Topology, fibs: dict[NetnsKey, Fib], vrfs: dict[NetnsKey, dict[str, int]]) -> None:
    rules: dict[NetnsKey, list[Rule]] = {}
    for rule in topology.rules:
        rules.setdefault(rule.netns, []).append(rule)
    for netns in {**dict.fromkeys(vrfs), **rules}:
        for version in (4, 6):
            said = [rule for rule in rules.get(netns, []) if rule.family == version]
            fibs[netns].rules[version] = read_rules(said, vrfs.get(netns, {}), version)


def table_of(topology: Topology, device: Device) -> int | None:
    """Return the table of the VRF that a device belongs to, or is; None for none.

    The members' addresses bring their routes into that table, the local ones too (net/ipv4/fib_frontend.c, fib_magic;
    net/ipv6/addrconf.c, l3mdev_fib_table).
    """
    own = _members_table(device)
    return own if own is not None or device.master is None else _members_table(topology.devices[device.master])


def place_of(topology: Topology, route: Route) -> int:
    """Return the table that a route is in: that of its VRF, or the one that it says."""
    own = None if route.vrf is None else table_of(topology, topology.devices[route.vrf])
    return route.table if own is None else own


def _members_table(device: Device) -> int | None:
    return kinds()[device.kind].routing_table(device)


def entries_of(device: Device) -> Iterator[tuple[Entry, int]]:
    """Yield the entries that a device's addresses bring with them, each with its table."""
    for address in device.addresses:
        yield from _entries_of(device, address)


def _entries_of(device: Device, address: Address) -> Iterator[tuple[Entry, int]]:
    yield Entry(_alone(address.ip), EntryType.LOCAL, device.key), LOCAL_TABLE
    network = address.interface.network
    if not brings_route(address):
        return
    metric = _CONNECTED_METRIC[network.version]
    if device.made is not Made.KERNEL:
        yield Entry(network, EntryType.UNICAST, device.key, metric=metric, source=address.ip), MAIN_TABLE
    elif network.version == 4:  # of lo the whole subnet is local
        yield Entry(network, EntryType.LOCAL, device.key, source=address.ip), LOCAL_TABLE
    else:
        yield Entry(network, EntryType.NO_ROUTE, device.key, metric=metric), MAIN_TABLE
    if network.version == 4 and network.prefixlen < 31:
        yield Entry(_alone(network.broadcast_address), EntryType.BROADCAST, device.key), LOCAL_TABLE


def anycast_of(address: Address) -> IPAddress | None:
    """Return the address that all routers of an address's subnet have; IPv6 alone knows one.

    Sources: RFC 4291, section 2.6.1, and RFC 6164; kernel net/ipv6/addrconf.c, addrconf_join_anycast.
    """
    network = address.interface.network
    return network.network_address if network.version == 6 and network.prefixlen < 127 else None


def _static(fib: Fib, place: int, hops: tuple[Route, ...]) -> Entry:
    """Return the entry of a route in the table `place`: of each of its next hops."""
    first, *others = (_by_hop(fib, place, hop) for hop in hops)
    return replace(first, others=tuple(others)) if others else first


def _by_hop(fib: Fib, place: int, route: Route) -> Entry:
    kind = EntryType(route.type.value)
    if route.device is not None and says_no(route.prefix, route.device):
        kind = EntryType.NO_ROUTE
    holder = own_at(fib, place, route)
    device = holder or route.device
    return Entry(route.prefix, kind, device, route.gateway, route.priority, route.source, route, own=holder is not None)


def own_at(fib: Fib, place: int, route: Route) -> DeviceKey | None:
    """Return the device by which a gateway is the namespace's own, as the kernel finds it; None where it is not.

    IPv4 alone takes such a gateway. It looks in the route's own table first, past routes with a gateway, and only at
    the device that up.sh names: what the route says, or what the gateway is found to be on the link of
    (net/ipv4/fib_semantics.c, fib_check_nh_v4_gw).
    """
    if route.gateway is None or route.gateway.version == 6 or route.onlink:
        return None
    first = () if place == MAIN_TABLE else fib.table(place).matches(route.gateway)
    for entry in (*first, *fib.matches(route.gateway, early=True)):
        if entry.gateway is None and entry.device is not None and route.device in {None, entry.device}:
            return entry.device if entry.type is EntryType.LOCAL else None
    return None


def _alone(ip: IPAddress) -> IPNetwork:
    return ip_network((ip, ip.max_prefixlen))
