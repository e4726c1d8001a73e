"""A packet's walk from a namespace to an address, hop by hop, as far as the lab lets it be known.

Sources: kernel net/ipv4/route.c (ip_route_input_slow: local delivery first, then forwarding of the device that the
packet came in by, then the route), net/ipv6/ip6_output.c (ip6_forward), net/ipv4/devinet.c (inet_select_addr).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from netc.reach.fib import Entry, EntryType
from netc.reach.neighbour import Reply, ask, is_unsettled
from netc.reach.net import Net, is_port
from netc.topology.model import Made

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey


class Stop(Enum):
    """Where a walk ends, and why."""

    DELIVERED = "the namespace has the address"
    UNKNOWN = "the model cannot tell what comes next"
    NO_ROUTE = "the namespace has no route to it"
    BLACKHOLED = "a route of the namespace says to drop it"
    NO_FORWARD = "the namespace does not forward"
    NO_NEIGHBOUR = "nobody on the segment answers for the next hop"
    NO_PROXY_ROUTE = "proxy ARP for the next hop has no route to it"
    NO_PROXY_FORWARD = "proxy ARP for the next hop is at a device that does not forward"
    LOOP = "the packet has been here before"


_UNANSWERED = {
    Reply.UNKNOWN: Stop.UNKNOWN,
    Reply.NOBODY: Stop.NO_NEIGHBOUR,
    Reply.NO_PROXY_ROUTE: Stop.NO_PROXY_ROUTE,
    Reply.NO_PROXY_FORWARD: Stop.NO_PROXY_FORWARD,
}


@dataclass(frozen=True, slots=True)
class Hop:
    """A namespace on the way, the device that the packet came in by, and the entry that decides about it there."""

    netns: NetnsKey
    entered: DeviceKey | None
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk; `asked` is the device that answers for the next hop, or that would if it were set up right."""

    target: IPAddress
    stop: Stop
    hops: tuple[Hop, ...]
    asked: DeviceKey | None = None

    @property
    def where(self) -> NetnsKey:
        """The namespace in which it ends."""
        return self.hops[-1].netns


def walk(net: Net, start: NetnsKey, target: IPAddress, entered: DeviceKey | None = None) -> Walk:
    """Return the walk of a packet for `target`, sent by `start`, or handed to it by the device `entered`."""
    hops: list[Hop] = []
    seen: set[NetnsKey] = set()
    netns = start
    while True:
        entry = net.fibs[netns].lookup(target)
        hops.append(Hop(netns, entered, entry))
        stop = _decide(net, netns, entered, entry, target)
        if stop is None and netns in seen:
            stop = Stop.LOOP
        if stop is not None:
            return Walk(target, stop, tuple(hops))
        seen.add(netns)
        assert entry is not None
        assert entry.device is not None
        answer = ask(net, entry.device, entry.gateway or target)
        if answer.reply is not Reply.ANSWERED:
            return Walk(target, _UNANSWERED[answer.reply], tuple(hops), answer.device)
        assert answer.device is not None
        netns, entered = answer.device.netns, answer.device


def _decide(
    net: Net, netns: NetnsKey, entered: DeviceKey | None, entry: Entry | None, target: IPAddress
) -> Stop | None:
    """Return why the walk ends in a namespace, or None where the packet goes on."""
    if netns in net.rewriters:
        return Stop.UNKNOWN
    if entry is not None and entry.type is EntryType.LOCAL:
        return Stop.DELIVERED
    unsettled = is_unsettled(net, netns, target.version)
    if entered is not None and not net.switches.forwards(entered, target.version):
        return Stop.UNKNOWN if unsettled else Stop.NO_FORWARD
    if target.version in net.fibs[netns].opaque:
        return Stop.UNKNOWN
    if entry is None:
        # The host's own routes are not in the lab; they matter only where they can lead back into it.
        outside = netns.is_root and netns.machine in net.attached
        return Stop.UNKNOWN if unsettled or outside else Stop.NO_ROUTE
    if entry.type in {EntryType.BROADCAST, EntryType.THROW} or not entry.is_plain:
        return Stop.UNKNOWN
    if entry.type is not EntryType.UNICAST:
        return Stop.BLACKHOLED
    device = None if entry.device is None else net.topology.devices[entry.device]
    # A route by lo comes back to where it is; one without a device is refused by the kernel, or the host's affair;
    # what leaves by a bridge's port gets no answer there.
    if device is None or is_port(net.topology, device) or device.made in {Made.KERNEL, Made.OTHERS}:
        return Stop.UNKNOWN
    return None


def source_of(net: Net, netns: NetnsKey, target: IPAddress) -> IPAddress | None:
    """Return the address that a namespace sends from to `target` where nobody says one, or None if unknown."""
    entry = net.fibs[netns].lookup(target)
    if entry is None or entry.device is None:
        return None
    if entry.source is not None:
        return entry.source
    if entry.type is EntryType.LOCAL:
        return target
    next_hop = entry.gateway or target
    own = [a for a in net.topology.devices[entry.device].addresses if a.ip.version == target.version]
    near = [a.ip for a in own if next_hop in a.interface.network]
    others = [a.ip for a, _ in net.topology.addresses_of(netns) if a.ip.version == target.version]
    return next(iter([*near, *(a.ip for a in own), *others]), None)
