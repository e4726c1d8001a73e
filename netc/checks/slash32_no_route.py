"""An address stands alone, and no route leads to the link that it is on.

## What it does
Finds devices on a link or bridge whose addresses of a family are all without a subnet (/32, /128, or written without
a prefix length), where no route of the lab says what is on that link: none without a gateway, none with `onlink`,
none to an IPv6 link-local gateway by that device. Addresses of lo, of uplinks, and of namespaces in which a program
runs that may add routes itself, are left alone.

## What happens at run time
A /32 or /128 brings no connected route with it (kernel net/ipv4/fib_frontend.c, fib_add_ifaddr; net/ipv6/addrconf.c,
addrconf_prefix_route): the namespace has an address and no way to its neighbours, `ping: connect: Network is
unreachable`, and no way back to a neighbour that does reach it. Labs in the manner of calico give such addresses on
purpose, with a route of `scope link` to the gateway beside them.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import has_subnet, is_link_local, others_of, rewritten
from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.reach.neighbour import is_unsettled
from netc.reach.net import Net, net_of
from netc.reach.wire import is_port
from netc.topology.model import Address, Device, Made, Topology

BAD = """
netns ns1 { veth eth0 10.0.0.1 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
GOOD = """
netns ns1 { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for device in topology.devices.values():
        if device.made not in {Made.LAB, Made.PEER} or is_port(topology, device) or not device.addresses:
            continue
        if len(net.segment_of(device.key).devices) < 2:
            continue
        for version in (4, 6):
            found = [a for a in device.addresses if a.ip.version == version and not is_link_local(a.ip)]
            if not found or any(has_subnet(address) for address in found):
                continue
            if (device.key, version) in net.unnumbered or is_unsettled(net, device.netns):
                continue
            yield _finding(check, net, device, found[0])


def _finding(check: Check, net: Net, device: Device, address: Address) -> Finding:
    here, most = device.netns.label, address.ip.max_prefixlen
    around = _around(net, device, address)
    return check.find(
        address.span,
        f"{address.ip}/{most} brings no route to what is on the link of {device.key.label}",
        effect=f'{here} could reach nobody by {device.name}: "Network is unreachable", and no reply would find its way',
        help=f"write {around}" if around else _help(net, device, address),
        edits=rewritten(address, device, around) if around else [],
    )


def _around(net: Net, device: Device, address: Address) -> str:
    """Return the address with the length of the segment's subnet that it lies in, or "" where it lies in none."""
    networks = net.segment_of(device.key).networks(address.ip.version)
    return next((f"{address.ip}/{network.prefixlen}" for network in networks if address.ip in network), "")


def _help(net: Net, device: Device, address: Address) -> str:
    segment = net.segment_of(device.key)
    peer = next((str(a.ip) for a, _ in others_of(segment, device.netns, address.ip.version)), "ADDRESS")
    return f"write a prefix length, or add `route {peer} dev {device.name}` to {device.netns.label}"


CHECK = Check("N211", "slash32-no-route", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
