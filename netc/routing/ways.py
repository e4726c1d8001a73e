"""The shortest ways of a lab: which next hop leads from each namespace to each subnet.

A way goes from namespace to namespace. Whether one hands a packet to another is asked of the forwarding model: the
gateway has to be on the link, somebody has to answer for it, and has to forward what comes in there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from netc.reach.entry import EntryType
from netc.reach.fib import EVERYTHING
from netc.reach.neighbour import Reply, ask
from netc.reach.rules import Flow
from netc.reach.source import select_source
from netc.topology.model import MAIN_TABLE

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.topology.model import DeviceKey, IPAddress, IPNetwork, NetnsKey, Route


@dataclass(frozen=True, slots=True)
class Way:
    """A route: packets for `prefix` leave by `device` to `gateway`.

    `names_device` is whether the gateway alone does not say by which device.
    """

    prefix: IPNetwork
    gateway: IPAddress
    device: DeviceKey
    names_device: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """A namespace can hand packets to another: by its device, to that gateway, which is at the other's `door`."""

    device: DeviceKey
    gateway: IPAddress
    door: DeviceKey
    forwards: bool

    @property
    def rank(self) -> tuple[object, ...]:
        """What decides between steps that are as good as each other: names, then the gateway."""
        key = self.door.netns
        return key.machine, key.netns, self.device.name, int(self.gateway)


def ways_of(net: Net) -> Mapping[NetnsKey, tuple[Way, ...]]:
    """Return the routes of each namespace that gets some, in the order of the text; IPv4 before IPv6, by prefix."""
    found: dict[NetnsKey, list[Way]] = defaultdict(list)
    for family in (4, 6):
        for netns, ways in _Family(net, family).ways().items():
            found[netns] += ways
    return {netns: tuple(found[netns]) for netns in net.topology.netnses if netns in found}


class _Family:
    """The ways of one family of addresses."""

    def __init__(self, net: Net, family: int) -> None:
        self._net = net
        self._family = family

    def ways(self) -> dict[NetnsKey, list[Way]]:
        """Return the routes of each namespace."""
        found: dict[NetnsKey, list[tuple[IPNetwork, _Step]]] = defaultdict(list)
        for subnet in sorted(self._owners, key=lambda subnet: (int(subnet.network_address), subnet.prefixlen)):
            for netns, step in self._towards(subnet):
                found[netns].append((subnet, step))
        return {netns: list(self._written(netns, steps)) for netns, steps in found.items()}

    def _written(self, netns: NetnsKey, steps: list[tuple[IPNetwork, _Step]]) -> Iterator[Way]:
        """Yield a namespace's routes: one default route where it does not forward, and all begin alike."""
        first = steps[0][1]
        alike = all((step.device, step.gateway) == (first.device, first.gateway) for _, step in steps)
        if alike and not self._forwards(netns) and not any(r.prefix.prefixlen == 0 for r in self._own(netns)):
            steps = [(EVERYTHING[self._family], first)]
        for subnet, step in steps:
            yield Way(subnet, step.gateway, step.device, self._is_ambiguous(netns, step.gateway))

    def _towards(self, subnet: IPNetwork) -> Iterator[tuple[NetnsKey, _Step]]:
        """Yield every namespace that gets a route to a subnet, with its step: nearest first, then by name."""
        near: Iterable[NetnsKey] = self._owners[subnet]
        reached = dict.fromkeys(near)
        alone = subnet.prefixlen == subnet.max_prefixlen
        while near:
            best: dict[NetnsKey, _Step] = {}
            for nearer in near:
                for step in self._steps_to.get(nearer, ()):
                    netns = step.device.netns
                    # An address alone is delivered by who has it, whether that forwards or not.
                    if netns in reached or not (step.forwards or (alone and nearer in self._owners[subnet])):
                        continue
                    if not self._agrees(netns, subnet, step):
                        continue
                    if netns not in best or step.rank < best[netns].rank:
                        best[netns] = step
            for netns, step in best.items():
                if self._routes_to(netns, subnet) is None and self._takes_routes(netns):
                    yield netns, step
            reached |= dict.fromkeys(best)
            near = tuple(best)

    def _agrees(self, netns: NetnsKey, subnet: IPNetwork, step: _Step) -> bool:
        """Whether the lab's own route to a subnet, where there is one, leads to the other end of a step."""
        own = self._routes_to(netns, subnet)
        if own is None:
            return True
        holders = (self._net.holders.get(route.gateway, ()) for route in own if route.gateway is not None)
        return any(holder.netns == step.door.netns for devices in holders for holder in devices)

    def _routes_to(self, netns: NetnsKey, subnet: IPNetwork) -> list[Route] | None:
        """Return the lab's own routes of the longest prefix that holds a subnet, default routes aside; else None."""
        longest: list[Route] = []
        for route in self._own(netns):
            length = route.prefix.prefixlen
            if length and length <= subnet.prefixlen and subnet.network_address in route.prefix:
                if longest and longest[0].prefix.prefixlen < length:
                    longest = []
                if not longest or longest[0].prefix.prefixlen == length:
                    longest.append(route)
        return longest or None

    def _own(self, netns: NetnsKey) -> tuple[Route, ...]:
        return self._routes.get(netns, ())

    @cached_property
    def _routes(self) -> Mapping[NetnsKey, tuple[Route, ...]]:
        found: dict[NetnsKey, list[Route]] = defaultdict(list)
        for route in self._net.topology.routes:
            if route.prefix.version == self._family and route.table == MAIN_TABLE and route.vrf is None:
                found[route.netns].append(route)
        return {netns: tuple(routes) for netns, routes in found.items()}

    def _takes_routes(self, netns: NetnsKey) -> bool:
        """Whether routes are written for a namespace: the host only where the lab makes a router of it."""
        return not netns.is_root or self._forwards(netns)

    def _forwards(self, netns: NetnsKey) -> bool:
        return any(self._net.switches.forwards(device, self._family) for device in self._net.devices(netns))

    @cached_property
    def _owners(self) -> Mapping[IPNetwork, tuple[NetnsKey, ...]]:
        """The subnets of the lab, each with the namespaces that are on it."""
        found: dict[IPNetwork, dict[NetnsKey, None]] = defaultdict(dict)
        for device in self._doors:
            for address in self._net.addresses(device, self._family):
                network = address.interface.network
                if not (network.is_loopback or network.is_link_local):
                    found[network][device.netns] = None
        return {network: tuple(netnses) for network, netnses in found.items()}

    @cached_property
    def _doors(self) -> tuple[DeviceKey, ...]:
        """The devices that take part: those whose routes are in the main table."""
        return tuple(d for d in self._net.topology.devices if self._net.table(d) is None)

    @cached_property
    def _steps_to(self) -> Mapping[NetnsKey, tuple[_Step, ...]]:
        """The steps to each namespace, from all that share a segment with it."""
        by_segment: dict[int, list[DeviceKey]] = defaultdict(list)
        for device in self._doors:
            if self._net.addresses(device, self._family):
                by_segment[self._net.home[device]].append(device)
        found: dict[NetnsKey, list[_Step]] = defaultdict(list)
        for devices in by_segment.values():
            for door in devices:
                forwards = self._net.switches.forwards(door, self._family)
                if not forwards and door.netns not in self._with_lone_addresses:
                    continue
                for device in devices:
                    if device.netns != door.netns and (step := self._step(device, door, forwards)) is not None:
                        found[door.netns].append(step)
        return {netns: tuple(steps) for netns, steps in found.items()}

    @cached_property
    def _with_lone_addresses(self) -> frozenset[NetnsKey]:
        lone = (n for network, n in self._owners.items() if network.prefixlen == network.max_prefixlen)
        return frozenset(netns for netnses in lone for netns in netnses)

    def _step(self, device: DeviceKey, door: DeviceKey, forwards: bool) -> _Step | None:
        """Return the step from a device to a door by the first address there that is on its link and answered for."""
        net = self._net
        for address in net.addresses(door, self._family):
            gateway = address.ip
            if gateway.is_link_local:
                continue
            entry = net.fibs[device.netns].lookup(Flow(gateway))
            on_link = entry is not None and entry.type is EntryType.UNICAST and entry.gateway is None
            if entry is None or not on_link or entry.device != device:
                continue
            answer = ask(net, device, gateway, select_source(net, device.netns, gateway, entry))
            if answer.reply is Reply.ANSWERED and answer.device == door and not answer.proxied:
                return _Step(device, gateway, door, forwards)
        return None

    def _is_ambiguous(self, netns: NetnsKey, gateway: IPAddress) -> bool:
        """Whether a gateway lies in subnets of several devices of a namespace."""
        devices = {
            device
            for device in self._net.devices(netns)
            for address in self._net.addresses(device, gateway.version)
            if gateway in address.interface.network
        }
        return len(devices) > 1
