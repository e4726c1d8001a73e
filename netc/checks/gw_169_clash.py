"""A made-up gateway is an address of the network underneath.

## What it does
Finds namespaces that send everything to a gateway of 169.254.0.0/16 which nobody has, as calico's do with
169.254.1.1, where the namespace that answers for it has a subnet on another device that holds this very address: an
uplink 169.254.1.7/24, say. It is a warning, since it does work while all is well.

## What happens at run time
The answer to the gateway's ARP request now rests on the route to that subnet, by accident: when its device goes down,
the namespaces lose their gateway, and with it each other. A ping of the gateway is answered by whichever machine has
the address on the network underneath; and a `route 169.254.1.1/32 dev lo`, the usual cure where there is no other
route, takes that machine away from the host. A cluster whose racks are numbered 169.254.RACK.NODE has met it: calico
issue #7840. RFC 3927 keeps 169.254.0.0/16 for addresses that are good on one link only.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from netc.checks.addresses import has_subnet
from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import Net, net_of
from netc.topology.model import Address, Device, DeviceKey, IPAddress, Route, Topology

BAD = """
uplink eth0 169.254.1.7/24
forward ipv4
netns ns1 {
  veth eth0 192.168.100.1/32 -- host:veth1 { proxy-arp on }
  route 169.254.1.1 dev eth0 scope link
  route default via 169.254.1.1 dev eth0
}
route 192.168.100.1/32 dev veth1
"""
GOOD = """
uplink eth0 169.254.1.7/24
forward ipv4
route 169.254.77.1/32 dev lo
netns ns1 {
  veth eth0 192.168.100.1/32 -- host:veth1 { proxy-arp on }
  route 169.254.77.1 dev eth0 scope link
  route default via 169.254.77.1 dev eth0
}
route 192.168.100.1/32 dev veth1
"""

_OTHERS = ("169.254.77.1", "169.254.1.1")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    told: set[tuple[IPAddress, DeviceKey]] = set()
    for route in topology.routes:
        if route.gateway is None or route.gateway_span is None or route.device is None:
            continue
        if route.gateway.version != 4 or not route.gateway.is_link_local:
            continue
        found = _underneath(net, route)
        if found is None or (route.gateway, found[1].key) in told:
            continue
        address, device = found
        told.add((route.gateway, device.key))
        yield check.find(
            route.gateway_span,
            f"the gateway {route.gateway} is also an address of the network at {device.key.label}",
            labels=[Label(address.span, f"{device.netns.label} has {address.interface.network} here")],
            effect=f"{route.netns.label} would lose its gateway whenever {device.key.label} goes down",
            help=_help(route, address, device),
        )


def _help(route: Route, address: Address, device: Device) -> str:
    """Name an address off every subnet, and the route that proxy ARP needs to answer for it."""
    place = "at the top level of the file" if device.netns.is_root else f"in {device.netns.label}"
    other = next((text for text in _OTHERS if ip_address(text) not in address.interface.network), None)
    which = f"such as {other}" if other else f"outside {address.interface.network}"
    return (
        f"use a gateway that nobody has, {which}, in both routes of {route.netns.label}, "
        f"and add `route {other or 'GATEWAY'}/32 dev lo` {place}"
    )


def _underneath(net: Net, route: Route) -> tuple[Address, Device] | None:
    """Return the address whose subnet holds the gateway, in a namespace that answers for it by proxy ARP."""
    assert route.gateway is not None
    assert route.device is not None
    holders = {device.netns for device in net.holders.get(route.gateway, ())}
    for door in _proxies(net, route):
        if door.netns in holders:
            return None
        for address, device in net.topology.addresses_of(door.netns):
            if device.key != door.key and has_subnet(address) and route.gateway in address.interface.network:
                return address, device
    return None


def _proxies(net: Net, route: Route) -> list[Device]:
    assert route.device is not None
    keys = net.proxies.get(net.home[route.device], ())
    return [net.topology.devices[key] for key in keys if key.netns != route.netns]


CHECK = Check("N216", "gw-169-clash", Severity.WARNING, _run, BAD, GOOD)
