"""The Topology: hosts, namespaces, devices, addresses, routes, expectations, typed and bound to each other.

All of it is frozen, and every object keeps its origin. Names in keys are the real ones, with the lab's
name prefix where it applies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from netc.source import Span
from netc.topology.grouping import grouped

if TYPE_CHECKING:
    from netc.topology.networks import Network, PhysicalSegment

IPAddress: TypeAlias = IPv4Address | IPv6Address
IPInterface: TypeAlias = IPv4Interface | IPv6Interface
IPNetwork: TypeAlias = IPv4Network | IPv6Network

#: `table` numbers of iproute2's own names, see ip-route(8).
MAIN_TABLE, LOCAL_TABLE, DEFAULT_TABLE = 254, 255, 253


class NetnsKey(NamedTuple):
    """A network namespace: its machine, and its name there; the name is "" for the machine's own (root) one."""

    machine: str
    netns: str

    @property
    def label(self) -> str:
        """What messages and scripts call it."""
        return self.netns or self.machine

    @property
    def is_root(self) -> bool:
        """Whether it is the machine's own namespace, which the lab does not make."""
        return not self.netns


class DeviceKey(NamedTuple):
    """A device: its namespace and its name there."""

    netns: NetnsKey
    name: str

    @property
    def label(self) -> str:
        """What messages and scripts call it."""
        return f"{self.netns.label}:{self.name}"


@dataclass(frozen=True, slots=True)
class Origin:
    """The statement that an object comes from; `order` is its place in the unrolled text."""

    span: Span
    title: str
    order: int

    @property
    def text(self) -> str:
        """FILE:LINE and the statement on one line, the way scripts name it."""
        return f"{self.span.place}  {self.title}"


@dataclass(frozen=True, slots=True)
class Lab:
    """The lab itself; `name` carries the name prefix."""

    name: str
    prefix: str
    span: Span


@dataclass(frozen=True, slots=True)
class Netns:
    """A namespace of the lab, or a machine's own."""

    key: NetnsKey
    span: Span
    origin: Origin


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a device, with its prefix length; `order` is its place among all in the unrolled text."""

    interface: IPInterface
    span: Span
    order: tuple[int, int]
    auto: bool = False
    origin: Origin | None = None

    @property
    def ip(self) -> IPAddress:
        """The address alone."""
        return self.interface.ip


@dataclass(frozen=True, slots=True)
class Setting:
    """An option's value and where it stands; `span` is the value's, `name_span` the option's."""

    value: Any
    span: Span
    name_span: Span


class Made(Enum):
    """Who makes a device, and so who deletes it."""

    LAB = "by the lab"
    PEER = "with its peer"
    KERNEL = "with its namespace"  # lo
    OTHERS = "not by the lab"  # an uplink


@dataclass(frozen=True, slots=True)
class Device:
    """A device. Options are read through the `Option` objects of its kind (`MTU.of(device)`)."""

    key: DeviceKey
    kind: str
    span: Span
    origin: Origin
    made: Made
    addresses: tuple[Address, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    peer: DeviceKey | None = None
    parent: DeviceKey | None = None
    master: DeviceKey | None = None
    master_span: Span | None = None
    segment: str | None = None  # the physical segment that an uplink sits on

    @property
    def netns(self) -> NetnsKey:
        """The namespace that it is in."""
        return self.key.netns

    @property
    def name(self) -> str:
        """Its name in its namespace."""
        return self.key.name


class RouteType(StrEnum):
    """Route types of ip-route(8) that a lab can write."""

    UNICAST = "unicast"
    BLACKHOLE = "blackhole"
    UNREACHABLE = "unreachable"
    PROHIBIT = "prohibit"
    THROW = "throw"


@dataclass(frozen=True, slots=True)
class Route:
    """A route of one namespace. `device` is found from the gateway where the lab does not say it.

    A route with several next hops is as many of these, one after the other: the how-manieth is `hop`, from 0, of
    `hops`. `encap` is what the packets are put into, and `metrics` the rest, both in iproute2's words.
    """

    netns: NetnsKey
    written: IPInterface  # as the lab says it, host bits included
    prefix_span: Span
    origin: Origin
    type: RouteType = RouteType.UNICAST
    gateway: IPAddress | None = None
    gateway_span: Span | None = None
    device: DeviceKey | None = None
    device_said: bool = False
    onlink: bool = False
    scope: str | None = None
    metric: int | None = None
    table: int = MAIN_TABLE
    vrf: DeviceKey | None = None
    source: IPAddress | None = None
    source_span: Span | None = None
    mtu: int | None = None
    mtu_locked: bool = False
    weight: int | None = None
    hop: int = 0
    hops: int = 1
    encap: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()

    @property
    def prefix(self) -> IPNetwork:
        """The destination."""
        return self.written.network

    @property
    def priority(self) -> int:
        """The metric that the kernel gives it: IPv6 takes 0 for none, which is 1024 (IP6_RT_PRIO_USER)."""
        return self.metric or (0 if self.prefix.version == 4 else 1024)


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy rule for one address family: its preference and iproute2's own words after it."""

    netns: NetnsKey
    family: int
    preference: int
    selector: tuple[str, ...]
    action: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A permanent neighbour entry, or a proxy entry when there is no MAC."""

    netns: NetnsKey
    ip: IPAddress
    mac: str | None
    device: DeviceKey
    origin: Origin


@dataclass(frozen=True, slots=True)
class Sysctl:
    """A kernel parameter below net/, as path components, and its value."""

    netns: NetnsKey
    path: tuple[str, ...]
    value: str
    origin: Origin
    device: DeviceKey | None = None

    @property
    def key(self) -> str:
        """The key for sysctl(8): with dots, or with slashes where a component holds a dot itself."""
        return ("/" if any("." in part for part in self.path) else ".").join(self.path)

    @property
    def file(self) -> str:
        """The file below /proc/sys."""
        return "/proc/sys/" + "/".join(self.path)


IP_FORWARD = ("net", "ipv4", "ip_forward")
#: The parameter that makes a router of a namespace, by family.
FORWARDING: Mapping[int, tuple[str, ...]] = {4: IP_FORWARD, 6: ("net", "ipv6", "conf", "all", "forwarding")}
#: Parameters that are another by a second name: kernel net/ipv4/devinet.c, devinet_sysctl_forward.
SYSCTL_ALIASES: Mapping[tuple[str, ...], tuple[str, ...]] = {("net", "ipv4", "conf", "all", "forwarding"): IP_FORWARD}


@dataclass(frozen=True, slots=True)
class Forward:
    """Forwarding is on in a namespace, for one family (4 or 6)."""

    netns: NetnsKey
    family: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Module:
    """A kernel module that the lab wants loaded."""

    machine: str
    name: str
    span: Span
    origin: Origin


@dataclass(frozen=True, slots=True)
class Process:
    """A command that runs in a namespace while the lab is up."""

    netns: NetnsKey
    argv: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Part:
    """What a statement adds to a namespace, of a sort that this file does not name: see `netc/parts`."""

    netns: NetnsKey
    origin: Origin


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class End:
    """An end of an expectation: a namespace, and perhaps one of its devices or addresses."""

    netns: NetnsKey
    span: Span
    text: str
    device: DeviceKey | None = None
    ip: IPAddress | None = None


class Expected(StrEnum):
    """What an expectation says of a ping."""

    ANSWERED = "->"
    UNANSWERED = "-/>"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One direction of an `expect` line."""

    source: End
    target: End
    expected: Expected
    origin: Origin
    ttl: int | None = None
    via: NetnsKey | None = None
    mtu: int | None = None


@dataclass(frozen=True, eq=False)  # by identity, so that what is worked out from one can be kept with it
class Topology:
    """Everything that a lab says, bound."""

    lab: Lab
    machines: tuple[str, ...]
    netnses: Mapping[NetnsKey, Netns]
    devices: Mapping[DeviceKey, Device]
    routes: tuple[Route, ...] = ()
    rules: tuple[Rule, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    sysctls: tuple[Sysctl, ...] = ()
    forwards: tuple[Forward, ...] = ()
    modules: tuple[Module, ...] = ()
    processes: tuple[Process, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    parts: tuple[Part, ...] = ()
    segments: Mapping[str, PhysicalSegment] = field(default_factory=dict)
    networks: tuple[Network, ...] = ()

    def parts_of(self, sort: type[P]) -> tuple[P, ...]:
        """Return the parts of one sort, in the order of the text."""
        return tuple(part for part in self.parts if isinstance(part, sort))

    @cached_property
    def devices_by_netns(self) -> Mapping[NetnsKey, tuple[Device, ...]]:
        """The devices of each namespace, in the order of the text."""
        found: dict[NetnsKey, list[Device]] = {key: [] for key in self.netnses}
        for device in self.devices.values():
            found[device.netns].append(device)
        return {key: tuple(devices) for key, devices in found.items()}

    def devices_in(self, netns: NetnsKey) -> tuple[Device, ...]:
        """Return the devices of a namespace, in the order of the text, lo first."""
        return self.devices_by_netns.get(netns, ())

    def ports_of(self, bridge: DeviceKey) -> tuple[Device, ...]:
        """Return the devices whose master is `bridge`, in the order of the text."""
        return self._ports.get(bridge, ())

    @cached_property
    def _ports(self) -> Mapping[DeviceKey, tuple[Device, ...]]:
        return grouped(self.devices.values(), lambda device: device.master)

    def children_of(self, parent: DeviceKey) -> tuple[Device, ...]:
        """Return the devices whose parent is `parent`, in the order of the text."""
        return self._children.get(parent, ())

    @cached_property
    def _children(self) -> Mapping[DeviceKey, tuple[Device, ...]]:
        return grouped(self.devices.values(), lambda device: device.parent)

    def addresses_of(self, netns: NetnsKey) -> tuple[tuple[Address, Device], ...]:
        """Return a namespace's addresses with their devices, in the order of the text."""
        return self._addresses.get(netns, ())

    @cached_property
    def _addresses(self) -> Mapping[NetnsKey, tuple[tuple[Address, Device], ...]]:
        found: dict[NetnsKey, tuple[tuple[Address, Device], ...]] = {}
        for netns, devices in self.devices_by_netns.items():
            pairs = [(address, device) for device in devices for address in device.addresses]
            found[netns] = tuple(sorted(pairs, key=lambda pair: pair[0].order))
        return found

    def owners_of(self, ip: IPAddress) -> tuple[Device, ...]:
        """Return the devices that have an address, in the order of the text."""
        return self._owners.get(ip, ())

    @cached_property
    def _owners(self) -> Mapping[IPAddress, tuple[Device, ...]]:
        found: dict[IPAddress, dict[DeviceKey, Device]] = {}
        for device in self.devices.values():
            for address in device.addresses:
                found.setdefault(address.ip, {})[device.key] = device
        return {ip: tuple(devices.values()) for ip, devices in found.items()}

    def forwards_in(self, netns: NetnsKey, family: int) -> bool:
        """Whether the lab turns forwarding on for the whole of a namespace."""
        return (netns, family) in self._forwarding

    @cached_property
    def _forwarding(self) -> frozenset[tuple[NetnsKey, int]]:
        said = {(forward.netns, forward.family) for forward in self.forwards}
        for sysctl in self.sysctls:
            if sysctl.value == "1":
                said |= {(sysctl.netns, family) for family, path in FORWARDING.items() if sysctl.path == path}
        return frozenset(said)

    def made_devices(self) -> Iterator[Device]:
        """Yield the devices that the lab makes, each pair by the end that makes both."""
        return (device for device in self.devices.values() if device.made is Made.LAB)
