"""A namespace's routing tables, and the lookup that the kernel does in them.

Sources: kernel net/ipv4/fib_trie.c (fib_table_lookup: the longest prefix, then the order of metrics),
net/ipv4/fib_frontend.c (fib_add_ifaddr: what an address brings with it), net/ipv4/fib_rules.c and
net/ipv6/fib6_rules.c (the rules 0 local, 32766 main and 32767 default), net/ipv6/addrconf.c (metric 256 for the
prefix of an address).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network

from netc.topology.model import (
    DEFAULT_TABLE,
    LOCAL_TABLE,
    MAIN_TABLE,
    Device,
    DeviceKey,
    IPAddress,
    IPNetwork,
    Made,
    NetnsKey,
    Route,
    Topology,
)

#: Metrics of what an address brings with it: uapi/linux/ipv6_route.h IP6_RT_PRIO_ADDRCONF.
_CONNECTED_METRIC = {4: 0, 6: 256}


class EntryType(StrEnum):
    """What becomes of a packet that an entry matches."""

    UNICAST = "unicast"
    LOCAL = "local"
    BROADCAST = "broadcast"
    BLACKHOLE = "blackhole"
    UNREACHABLE = "unreachable"
    PROHIBIT = "prohibit"
    THROW = "throw"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a table: `route` is what the lab says, or None for what an address brings with it."""

    prefix: IPNetwork
    type: EntryType
    device: DeviceKey | None
    gateway: IPAddress | None = None
    metric: int = 0
    source: IPAddress | None = None
    route: Route | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it leads one way, and the packets go on as they are: no further next hops, no encapsulation."""
        return self.route is None or (self.route.hops == 1 and not self.route.encap)

    @property
    def on_link(self) -> bool:
        """Whether it leads straight to its destination, without a gateway."""
        return self.type is EntryType.UNICAST and self.gateway is None and self.device is not None


@dataclass(slots=True)
class Table:
    """The entries of one routing table; of those with the same prefix only the one that wins."""

    _levels: dict[tuple[int, int], dict[int, Entry]] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Add an entry, unless one with the same prefix and no larger metric is there."""
        prefix = entry.prefix
        level = self._levels.setdefault((prefix.version, prefix.prefixlen), {})
        earlier = level.get(int(prefix.network_address))
        if earlier is None or entry.metric < earlier.metric:
            level[int(prefix.network_address)] = entry

    def matches(self, ip: IPAddress) -> Iterator[Entry]:
        """Yield the entries that hold `ip`, the longest prefix first."""
        number, size = int(ip), ip.max_prefixlen
        for version, length in sorted(self._levels, reverse=True):
            if version == ip.version:
                entry = self._levels[version, length].get(number >> (size - length) << (size - length))
                if entry is not None:
                    yield entry


@dataclass(slots=True)
class Fib:
    """The routing tables of a namespace, by number.

    `opaque` holds the families whose lookups this model cannot follow: policy rules or VRFs decide there.
    """

    tables: dict[int, Table] = field(default_factory=dict)
    opaque: set[int] = field(default_factory=set)

    def table(self, number: int) -> Table:
        """Return a table, empty where nobody has put anything in."""
        return self.tables.setdefault(number, Table())

    def matches(self, ip: IPAddress) -> Iterator[Entry]:
        """Yield the entries for `ip` in the order in which the kernel's own rules come to them."""
        for number in (LOCAL_TABLE, MAIN_TABLE, DEFAULT_TABLE):
            if number in self.tables:
                yield from self.tables[number].matches(ip)

    def lookup(self, ip: IPAddress) -> Entry | None:
        """Return the entry that decides about `ip`, or None where there is no route."""
        return next(self.matches(ip), None)


def build_fibs(topology: Topology) -> dict[NetnsKey, Fib]:
    """Return the tables of every namespace of a topology."""
    fibs = {key: Fib() for key in topology.netnses}
    for device in topology.devices.values():
        if device.kind == "vrf":
            fibs[device.netns].opaque |= {4, 6}
        for entry, table in entries_of(device):
            fibs[device.netns].table(table).add(entry)
    for route in topology.routes:
        if route.vrf is None:
            fibs[route.netns].table(route.table).add(_static(route))
    for rule in topology.rules:
        fibs[rule.netns].opaque.add(rule.family)
    return fibs


def entries_of(device: Device) -> Iterator[tuple[Entry, int]]:
    """Yield the entries that a device's addresses bring with them, each with its table."""
    if device.made is Made.KERNEL:
        for loopback in (ip_network("127.0.0.0/8"), ip_network("::1/128")):
            yield Entry(loopback, EntryType.LOCAL, device.key), LOCAL_TABLE
    for address in device.addresses:
        yield Entry(_alone(address.ip), EntryType.LOCAL, device.key), LOCAL_TABLE
        network = address.interface.network
        if network.prefixlen == network.max_prefixlen:
            continue
        if device.made is Made.KERNEL:  # on lo the whole subnet is local
            if network.version == 4:
                yield Entry(network, EntryType.LOCAL, device.key), LOCAL_TABLE
            continue
        metric = _CONNECTED_METRIC[network.version]
        yield Entry(network, EntryType.UNICAST, device.key, metric=metric, source=address.ip), MAIN_TABLE
        if network.version == 4 and network.prefixlen < 31:
            yield Entry(_alone(network.broadcast_address), EntryType.BROADCAST, device.key), LOCAL_TABLE


def _static(route: Route) -> Entry:
    kind = EntryType(route.type.value)
    return Entry(route.prefix, kind, route.device, route.gateway, route.priority, route.source, route)


def _alone(ip: IPAddress) -> IPNetwork:
    return ip_network((ip, ip.max_prefixlen))
