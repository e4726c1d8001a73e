"""Who on a segment answers for an address: the neighbour that a packet is handed to.

Sources: kernel net/ipv4/arp.c (arp_process: any local address is answered for, then the conditions of proxy ARP),
net/ipv6/ndisc.c (ndisc_recv_ns: only an address of the device itself is answered for), both tried on kernel 6.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from netc.reach.fib import EntryType
from netc.reach.net import Net, is_port

if TYPE_CHECKING:
    from netc.topology.model import Device, DeviceKey, IPAddress, NetnsKey


class Reply(Enum):
    """How a request for an address ends."""

    ANSWERED = "somebody answers"
    UNKNOWN = "the model cannot tell"
    NOBODY = "nobody answers"
    NO_PROXY_ROUTE = "proxy ARP is on, and that namespace has no route to the address by another device"
    NO_PROXY_FORWARD = "proxy ARP is on, and that device does not forward"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, and the device that gives it, or that would if it were set up right."""

    reply: Reply
    device: DeviceKey | None = None


def ask(net: Net, device: DeviceKey, ip: IPAddress) -> Answer:
    """Return who answers when `device` asks its segment for `ip`."""
    number = net.home[device]
    if (device, ip) in net.neighbours or ip.is_multicast:
        return Answer(Reply.UNKNOWN)
    doors = [door for holder in net.holders.get(ip, ()) if (door := _door_of(net, device, ip, holder)) is not None]
    owners = {door.netns: door for door in doors}
    if len(owners) == 1:
        return Answer(Reply.ANSWERED, doors[0])
    if owners or number in net.open_segments or (ip.version == 6 and ip.is_link_local):
        return Answer(Reply.UNKNOWN)
    return _ask_proxies(net, number, device, ip)


def _door_of(net: Net, asking: DeviceKey, ip: IPAddress, holder: Device) -> DeviceKey | None:
    """Return the device by which the holder of an address answers on the segment of `asking`; a port never does."""
    if holder.netns == asking.netns or is_port(net.topology, holder):
        return None
    doors = net.doors.get((net.home[asking], holder.netns), ())
    if holder.key in doors:
        return holder.key
    return next((door for door in doors if ip.version == 4 and not net.switches.is_choosy(door)), None)


def _ask_proxies(net: Net, number: int, device: DeviceKey, ip: IPAddress) -> Answer:
    found = Answer(Reply.NOBODY)
    for door in net.proxies.get(number, ()):
        if door.netns == device.netns or ip.version == 6:
            continue
        reply = proxy_reply(net, door, ip)
        if reply in {Reply.ANSWERED, Reply.UNKNOWN}:
            return Answer(reply, door)
        found = Answer(reply, door)
    if _written_proxy(net, number, ip):
        return Answer(Reply.UNKNOWN)
    return found


def proxy_reply(net: Net, door: DeviceKey, ip: IPAddress) -> Reply:
    """Return how a device at which proxy ARP is on answers for an address that its namespace does not have."""
    if not has_proxy_route(net, door, ip):
        return Reply.UNKNOWN if is_unsettled(net, door.netns, ip.version) else Reply.NO_PROXY_ROUTE
    if not net.switches.forwards(door, ip.version):
        return Reply.UNKNOWN if is_unsettled(net, door.netns, ip.version) else Reply.NO_PROXY_FORWARD
    return Reply.ANSWERED


def has_proxy_route(net: Net, door: DeviceKey, ip: IPAddress) -> bool:
    """Whether the namespace of `door` has a route to `ip` that lets proxy ARP answer at `door`.

    The route must be unicast and leave by another device, or by `door` itself where proxy_arp_pvlan is on.
    """
    entry = net.fibs[door.netns].lookup(ip)
    if entry is None or entry.type is not EntryType.UNICAST:
        return False
    if entry.device == door:
        return net.switches.answers_for_neighbours(door)
    return net.switches.answers_for_others(door)


def is_unsettled(net: Net, netns: NetnsKey, family: int) -> bool:
    """Whether routes or switches of a namespace may be other than the lab's statements say."""
    return netns in net.unsettled or family in net.fibs[netns].opaque


def _written_proxy(net: Net, number: int, ip: IPAddress) -> bool:
    return any(wanted == ip and net.home[device] == number for device, wanted in net.neighbours)
