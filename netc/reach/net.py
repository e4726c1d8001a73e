"""A lab's network as its packets find it: segments, tables and switches, worked out once for each topology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, TypeVar

from netc.kinds import kinds
from netc.kinds.common import MAC
from netc.kinds.order import addressing_order, device_order
from netc.kinds.programs import is_harmless
from netc.kinds.segments import segments_of
from netc.reach.entry import EntryType
from netc.reach.fib import Fib, anycast_of, build_fibs, table_of
from netc.reach.hop import SOME_LINK_LOCAL
from netc.reach.ipsec import Ipsec
from netc.reach.limits import doubt
from netc.reach.outer import Carrier
from netc.reach.switches import Switches, build_switches
from netc.reach.wire import USUAL_SIZE, Flood, Passage, flood, is_port, mtu_of, passes_all
from netc.topology.model import (
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
from netc.topology.segments import Segment

if TYPE_CHECKING:
    from netc.reach.neighbour import Answer


@dataclass(frozen=True)
class Net:
    """Indexes over a topology. A segment is known by its number."""

    topology: Topology

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The layer-2 segments."""
        return segments_of(self.topology)

    @cached_property
    def home(self) -> Mapping[DeviceKey, int]:
        """The segment of each device."""
        return {device.key: number for number, segment in enumerate(self.segments) for device in segment.devices}

    @cached_property
    def fibs(self) -> Mapping[NetnsKey, Fib]:
        """The routing tables of each namespace."""
        return build_fibs(self.topology, self.anycast)

    @cached_property
    def anycast(self) -> Mapping[IPAddress, tuple[DeviceKey, ...]]:
        """The devices that answer for the address of all routers of a subnet."""
        found: dict[IPAddress, list[DeviceKey]] = {}
        for device in self.topology.devices.values():
            for ip in dict.fromkeys(map(anycast_of, device.addresses)):
                if ip is not None and self.switches.conf(device.key, 6, "forwarding"):
                    found.setdefault(ip, []).append(device.key)
        return {ip: tuple(devices) for ip, devices in found.items()}

    @cached_property
    def switches(self) -> Switches:
        """Forwarding and proxy ARP."""
        return build_switches(self.topology)

    @cached_property
    def holders(self) -> Mapping[IPAddress, tuple[Device, ...]]:
        """The devices that have an address."""
        found: dict[IPAddress, list[Device]] = {}
        for device in self.topology.devices.values():
            for address in device.addresses:
                found.setdefault(address.ip, []).append(device)
        return {ip: tuple(devices) for ip, devices in found.items()}

    @cached_property
    def whole_subnets(self) -> tuple[tuple[NetnsKey, IPNetwork], ...]:
        """The IPv4 subnets that are a namespace's own as a whole, because an address on lo has their length."""
        return tuple(
            (device.netns, address.interface.network)
            for device in self.topology.devices.values()
            if device.made is Made.KERNEL
            for address in device.addresses
            if address.ip.version == 4 and address.interface.network.prefixlen < 32
        )

    @cached_property
    def doors(self) -> Mapping[tuple[int, NetnsKey], tuple[DeviceKey, ...]]:
        """The devices by which a namespace's IP stack takes part in a segment: ports of a bridge do not."""
        found: dict[tuple[int, NetnsKey], list[DeviceKey]] = {}
        for device in self.topology.devices.values():
            if not is_port(self.topology, device):
                found.setdefault((self.home[device.key], device.netns), []).append(device.key)
        return {place: tuple(keys) for place, keys in found.items()}

    @cached_property
    def proxies(self) -> Mapping[int, tuple[DeviceKey, ...]]:
        """The devices of each segment at which proxy ARP is on."""
        found: dict[int, list[DeviceKey]] = {}
        for (number, _), keys in self.doors.items():
            for key in keys:
                if self.switches.answers_for_others(key) or self.switches.answers_for_neighbours(key):
                    found.setdefault(number, []).append(key)
        return {number: tuple(keys) for number, keys in found.items()}

    @cached_property
    def all_proxies(self) -> tuple[DeviceKey, ...]:
        """The devices at which proxy ARP is on."""
        return tuple(key for keys in self.proxies.values() for key in keys)

    @cached_property
    def plain_segments(self) -> frozenset[int]:
        """The segments on which everybody hears everybody, so that no frame need be followed."""
        topology = self.topology
        odd = {
            self.home[device.key]
            for device in topology.devices.values()
            if not passes_all(topology, device) or mtu_of(topology, device.key) < USUAL_SIZE
        }
        return frozenset(range(len(self.segments))) - odd

    @cached_property
    def unnumbered(self) -> frozenset[tuple[DeviceKey, int]]:
        """The devices, each with a family, that the lab gives a route of their own to what is on their link."""
        return frozenset(
            (route.device, route.prefix.version)
            for route in self.topology.routes
            if route.device is not None and (route.gateway is None or route.onlink or _needs_no_route(route.gateway))
        )

    @cached_property
    def neighbours(self) -> Mapping[tuple[DeviceKey, IPAddress], str]:
        """The MAC addresses of the neighbour entries that the lab writes itself."""
        entries = self.topology.neighbours
        return {(entry.device, entry.ip): entry.mac for entry in entries if entry.mac is not None}

    @cached_property
    def proxied(self) -> Mapping[IPAddress, tuple[DeviceKey, ...]]:
        """The devices that the lab tells to answer for an address, by `neigh proxy`."""
        found: dict[IPAddress, list[DeviceKey]] = {}
        for entry in self.topology.neighbours:
            if entry.mac is None:
                found.setdefault(entry.ip, []).append(entry.device)
        return {ip: tuple(devices) for ip, devices in found.items()}

    @cached_property
    def macs(self) -> Mapping[str, tuple[DeviceKey, ...]]:
        """The devices with a MAC address that the lab says."""
        found: dict[str, list[DeviceKey]] = {}
        for device in self.topology.devices.values():
            if (mac := MAC.of(device)) is not None:
                found.setdefault(mac, []).append(device.key)
        return {mac: tuple(devices) for mac, devices in found.items()}

    @cached_property
    def unsettled(self) -> frozenset[NetnsKey]:
        """The namespaces in which a program runs that may add routes or turn forwarding on."""
        return frozenset(process.netns for process in self.topology.processes if not is_harmless(process))

    @cached_property
    def attached(self) -> frozenset[str]:
        """The machines that have an uplink, so that a packet may leave the lab and come back."""
        return frozenset(d.netns.machine for d in self.topology.devices.values() if d.made is Made.OTHERS)

    @cached_property
    def _addresses(self) -> Mapping[tuple[DeviceKey, int], tuple[Address, ...]]:
        found: dict[tuple[DeviceKey, int], list[Address]] = {}
        for device, address in addressing_order(self.topology):
            found.setdefault((device.key, address.ip.version), []).append(address)
        return {place: tuple(addresses) for place, addresses in found.items()}

    @cached_property
    def _devices(self) -> Mapping[NetnsKey, tuple[DeviceKey, ...]]:
        found: dict[NetnsKey, dict[DeviceKey, None]] = {}
        for device in device_order(self.topology):
            found.setdefault(device.netns, {})[device.key] = None
        return {netns: tuple(devices) for netns, devices in found.items()}

    @cached_property
    def carrier(self) -> Carrier:
        """What follows the outer packets of tunnels."""
        return Carrier(self)

    @cached_property
    def ipsec(self) -> Ipsec:
        """What IPsec makes of packets."""
        return Ipsec(self.topology)

    @cached_property
    def floods(self) -> dict[tuple[DeviceKey, DeviceKey | None], Flood]:
        """What `flood` has found, by sender and target."""
        return {}

    @cached_property
    def answers(self) -> dict[tuple[DeviceKey, IPAddress, IPAddress | None], tuple[Answer, ...]]:
        """What has been said to questions for a neighbour: of a device, for an address, from an address."""
        return {}

    @cached_property
    def _primaries(self) -> dict[DeviceKey, tuple[Address, ...]]:
        return {}

    def segment_of(self, device: DeviceKey) -> Segment:
        """Return the segment that a device is on."""
        return self.segments[self.home[device]]

    def addresses(self, device: DeviceKey, version: int) -> tuple[Address, ...]:
        """Return a device's addresses of a family, in the order in which the kernel gets them."""
        return self._addresses.get((device, version), ())

    def primaries(self, device: DeviceKey) -> tuple[Address, ...]:
        """Return a device's IPv4 addresses but those whose subnet another has already (IFA_F_SECONDARY)."""
        if device not in self._primaries:
            first: dict[IPNetwork, Address] = {}
            for address in self.addresses(device, 4):
                first.setdefault(address.interface.network, address)
            self._primaries[device] = tuple(first.values())
        return self._primaries[device]

    def routes_of(self, netns: NetnsKey) -> tuple[Route, ...]:
        """Return a namespace's routes, in the order of the text."""
        return self._routes.get(netns, ())

    def rules_of(self, netns: NetnsKey) -> tuple[Rule, ...]:
        """Return a namespace's policy rules, in the order of the text."""
        return self._rules.get(netns, ())

    @cached_property
    def _routes(self) -> Mapping[NetnsKey, tuple[Route, ...]]:
        return _by_netns(self.topology.routes)

    @cached_property
    def _rules(self) -> Mapping[NetnsKey, tuple[Rule, ...]]:
        return _by_netns(self.topology.rules)

    def devices(self, netns: NetnsKey) -> tuple[DeviceKey, ...]:
        """Return a namespace's devices, in the order in which the kernel gets them."""
        return self._devices.get(netns, ())

    def table(self, device: DeviceKey) -> int | None:
        """Return the routing table of the VRF that a device is in, None for none."""
        return table_of(self.topology, self.topology.devices[device])

    def is_vrf(self, device: DeviceKey) -> bool:
        """Whether a device is a VRF itself."""
        found = self.topology.devices[device]
        return kinds()[found.kind].routing_table(found) is not None

    def vrf_of(self, device: DeviceKey) -> DeviceKey | None:
        """Return the VRF that a device is a member of."""
        master = self.topology.devices[device].master
        return master if master is not None and self.is_vrf(master) else None

    def vrf_at(self, device: DeviceKey | None) -> DeviceKey | None:
        """Return the VRF that a device is a member of, or is; what is sent to its own addresses comes back by that.

        No device is in none.
        """
        if device is None:
            return None
        return device if self.is_vrf(device) else self.vrf_of(device)

    def is_local(self, device: DeviceKey, ip: IPAddress, *, early: bool = False) -> bool:
        """Whether an address is the namespace's own, as a device of it sees it (inet_addr_type_dev_table).

        `early` is before its policy rules are there, as when its routes come.
        """
        table, fib = self.table(device), self.fibs[device.netns]
        entry = fib.local_entry(ip, early=early) if table is None else fib.table(table).longest(ip)
        return entry is not None and entry.type is EntryType.LOCAL

    def owns(self, device: DeviceKey, source: IPAddress) -> bool:
        """Whether a namespace may send from an address by a device, lo for any.

        IPv4 looks for it on every device (net/ipv4/devinet.c, __ip_dev_find), IPv6 on those that are in the same VRF,
        or in none (net/ipv6/addrconf.c, __ipv6_chk_addr_and_flags).
        """
        anywhere = source.version == 4 and self.has_address(device.netns, source)
        return anywhere or self.is_local(device, source)

    def has_address(self, netns: NetnsKey, ip: IPAddress) -> bool:
        """Whether a device of a namespace has this very address (inet_lookup_ifaddr_rcu)."""
        return (netns, ip) in self._held

    @cached_property
    def _held(self) -> frozenset[tuple[NetnsKey, IPAddress]]:
        return frozenset((holder.netns, ip) for ip, holders in self.holders.items() for holder in holders)

    def link_local(self, device: DeviceKey) -> IPAddress | None:
        """Return the link-local address that a device makes itself; None if it has none (net/ipv6/addrconf.c).

        Where the lab does not say the MAC address, it is some address that nobody can know.
        """
        conf = self.switches.conf
        if device.name == "lo" or self.is_vrf(device):  # addrconf_addr_gen: none on L3 master devices
            return None
        if self.switches.either(device, 6, "disable_ipv6") or conf(device, 6, "addr_gen_mode"):
            return None
        mac = MAC.of(self.topology.devices[device])
        return SOME_LINK_LOCAL if mac is None else _from_mac(mac)

    def waits(self, device: DeviceKey) -> bool:
        """Whether proxy ARP at a device waits before it answers (net/core/neighbour.c, pneigh_enqueue)."""
        path = ("net", "ipv4", "neigh", device.name, "proxy_delay")
        return self.switches.of(device.netns, path, 80) > 0

    def hears(self, sender: DeviceKey, device: DeviceKey, *, unicast: bool = False) -> bool:
        """Whether what a device sends gets to another's namespace: a broadcast, or a frame to its MAC address."""
        number = self.home[sender]
        if number in self.plain_segments:
            return self.home[device] == number
        return device in self.flood(sender, device if unicast else None).heard

    def flood(self, sender: DeviceKey, target: DeviceKey | None = None) -> Flood:
        """Return where a frame gets to that a device sends."""
        if (sender, target) not in self.floods:
            self.floods[sender, target] = flood(self.topology, self.carrier.frames, sender, target)
        return self.floods[sender, target]

    def passage(self, sender: DeviceKey, receiver: DeviceKey, *, broadcast: bool = False) -> Passage | None:
        """Return how a frame for a device, or one for everybody, gets there; None where it does not."""
        found = self.flood(sender, None if broadcast else receiver)
        return found.passage(receiver) if receiver in found.heard else None

    def guard(self, sender: DeviceKey, receiver: DeviceKey, ips: tuple[IPAddress | None, ...]) -> str | None:
        """Return the segment with `source-check` between two devices that does not know these addresses, if one is."""
        if not self._guarded or self.home[sender] in self.plain_segments:
            return None
        passage = self.passage(sender, receiver)
        uplinks = [] if passage is None else [self.topology.devices[key] for key in passage.devices]
        uplinks = [uplink for uplink in uplinks if uplink.segment in self._guarded]
        known = {address.ip for uplink in uplinks for address in uplink.addresses}
        return uplinks[0].segment if uplinks and not known.issuperset(ip for ip in ips if ip is not None) else None

    @cached_property
    def _guarded(self) -> frozenset[str | None]:
        return frozenset(name for name, segment in self.topology.segments.items() if segment.source_check)

    def restless(self, device: DeviceKey) -> str | None:
        """Return why bridges may take a device to be where it is not: its broadcasts come back to them."""
        if self.home[device] in self.plain_segments:
            return None
        return next((trip.why for trip in self.flood(device).trips if trip.returns), None)

    def beyond(self, device: DeviceKey, target: DeviceKey | None = None) -> str | None:
        """Return what this model does not know of the way of the frames of `device`, if there is something."""
        if self.home[device] in self.plain_segments:
            return None
        found = self.flood(device, target)
        trip = next((trip for trip in found.trips if trip.unknown), None)
        if trip is not None:
            return trip.why
        return next((doubt(self.topology, self.topology.devices[key]) for key in found.unknown), None)


_Placed = TypeVar("_Placed", Route, Rule)


def _by_netns(things: tuple[_Placed, ...]) -> Mapping[NetnsKey, tuple[_Placed, ...]]:
    found: dict[NetnsKey, list[_Placed]] = {}
    for thing in things:
        found.setdefault(thing.netns, []).append(thing)
    return {netns: tuple(own) for netns, own in found.items()}


def _from_mac(mac: str) -> IPv6Address:
    """Return the link-local address of a MAC address (RFC 4291, appendix A)."""
    octets = bytes.fromhex(mac.replace(":", ""))
    own = bytes([octets[0] ^ 2]) + octets[1:3] + b"\xff\xfe" + octets[3:]
    return IPv6Address(b"\xfe\x80" + bytes(6) + own)


def _needs_no_route(gateway: IPAddress) -> bool:
    return gateway.version == 6 and gateway.is_link_local


@lru_cache(maxsize=2)
def net_of(topology: Topology) -> Net:
    """Return the indexes over a topology, the same ones for every check."""
    return Net(topology)
