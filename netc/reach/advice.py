"""Finds the route that a namespace lacks, for the help of a finding."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from netc.reach.forks import Forks
from netc.reach.hooks import Hooks
from netc.reach.hop import Stop
from netc.reach.net import Net
from netc.reach.walk import Exchange, walk
from netc.reach.wire import is_port
from netc.topology.model import Device, DeviceKey, IPAddress, IPNetwork, Made, NetnsKey

_MOST_TRIED = 50  # a finding's help is not worth a search of thousands of neighbours


def missing_route(net: Net, netns: NetnsKey, target: IPAddress) -> str:
    """Return a `route` statement that would bring packets for `target` on their way from `netns`.

    A namespace with one link gets a default route, any other one to the target's subnet.
    """
    links = [d for d in net.topology.devices_in(netns) if d.made is not Made.KERNEL and not is_port(net.topology, d)]
    prefix = "default" if len(links) == 1 and not netns.is_root else str(_subnet(net, target))
    known, others = None, "GATEWAY"
    for gateway, door in islice(_neighbours(net, netns, links, target.version), _MOST_TRIED):
        exchange = Exchange(Hooks(net), Forks())
        if walk(net, door.netns, target, entered=door, exchange=exchange).stop is Stop.DELIVERED:
            known = gateway
            break
    for device in links:
        if any(net.home[holder.key] == net.home[device.key] for holder in net.holders.get(target, ())):
            return f"route {target} dev {device.name}"
    return f"route {prefix} via {known or others}"


def _subnet(net: Net, target: IPAddress) -> IPNetwork | IPAddress:
    """Return the subnet that `target` stands in, or the address where it stands alone."""
    for device in net.holders.get(target, ()):
        for address in device.addresses:
            if address.ip == target and address.interface.network.prefixlen < target.max_prefixlen:
                return address.interface.network
    return target


def _neighbours(net: Net, netns: NetnsKey, links: list[Device], version: int) -> Iterator[tuple[IPAddress, DeviceKey]]:
    """Yield the addresses on the links of a namespace, those in its own subnets, with the devices that have them."""
    for link in links:
        subnets = [address.interface.network for address in link.addresses]
        for address, device in net.segment_of(link.key).addresses():
            if address.ip.version != version or device.netns == netns:
                continue
            if any(address.ip in subnet for subnet in subnets):
                yield address.ip, device.key
