"""A lab's network as its packets find it: segments, tables and switches, worked out once for each topology."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from netc.kinds import kinds
from netc.kinds.segments import segments_of
from netc.parts.table import rewriters
from netc.reach.fib import Fib, build_fibs
from netc.reach.switches import Switches, build_switches
from netc.topology.model import Device, DeviceKey, IPAddress, Made, NetnsKey, Process, Topology
from netc.topology.segments import Segment

#: Commands that leave a namespace's routes and switches alone; any other may be a routing daemon.
_HARMLESS = frozenset(
    {"ping", "sleep", "iperf", "iperf3", "nc", "ncat", "socat", "curl", "tcpdump", "dnsmasq", "nginx"}
)


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
        return build_fibs(self.topology)

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
    def open_segments(self) -> frozenset[int]:
        """The segments that reach beyond what this model knows."""
        return frozenset(
            self.home[device.key]
            for device in self.topology.devices.values()
            if not kinds()[device.kind].modelled and device.made is not Made.KERNEL
        )

    @cached_property
    def unnumbered(self) -> frozenset[tuple[DeviceKey, int]]:
        """The devices, each with a family, that the lab gives a route of their own to what is on their link."""
        return frozenset(
            (route.device, route.prefix.version)
            for route in self.topology.routes
            if route.device is not None and (route.gateway is None or route.onlink or _needs_no_route(route.gateway))
        )

    @cached_property
    def neighbours(self) -> frozenset[tuple[DeviceKey, IPAddress]]:
        """The neighbour entries, proxy entries included, that the lab writes itself."""
        return frozenset((entry.device, entry.ip) for entry in self.topology.neighbours)

    @cached_property
    def unsettled(self) -> frozenset[NetnsKey]:
        """The namespaces in which a program runs that may add routes or turn forwarding on."""
        return frozenset(process.netns for process in self.topology.processes if not _is_harmless(process))

    @cached_property
    def rewriters(self) -> frozenset[NetnsKey]:
        """The namespaces whose tables may give packets other addresses, so that their ways cannot be told."""
        return rewriters(self.topology)

    @cached_property
    def attached(self) -> frozenset[str]:
        """The machines that have an uplink, so that a packet may leave the lab and come back."""
        return frozenset(d.netns.machine for d in self.topology.devices.values() if d.made is Made.OTHERS)

    def segment_of(self, device: DeviceKey) -> Segment:
        """Return the segment that a device is on."""
        return self.segments[self.home[device]]


def is_port(topology: Topology, device: Device) -> bool:
    """Whether what comes in by a device goes to its bridge or bond, and not to its namespace's IP stack."""
    return device.master is not None and kinds()[topology.devices[device.master].kind].bridges_ports


def _needs_no_route(gateway: IPAddress) -> bool:
    return gateway.version == 6 and gateway.is_link_local


def _is_harmless(process: Process) -> bool:
    name = posixpath.basename(process.argv[0])
    return name in _HARMLESS or process.argv[1:3] == ("-m", "http.server")


@lru_cache(maxsize=2)
def net_of(topology: Topology) -> Net:
    """Return the indexes over a topology, the same ones for every check."""
    return Net(topology)
