"""An address that no device on a link can use.

## What it does
Finds addresses that mean something else: 0.0.0.0 and `::`, multicast and 255.255.255.255, those of loopback (`::1` and
127.0.0.0/8) on another device than lo, unless `route_localnet` is on there, and likewise IPv4 ones written as IPv6,
such as `::ffff:10.0.0.1`. It also finds the loopback addresses that lo has already, and addresses in IPv4 subnets that
begin at 0.0.0.0, such as 10.0.0.1/1.

## What happens at run time
IPv6 refuses `::`, multicast addresses and `::1`: `Invalid address`, `Cannot assign loopback address on this device`
(kernel net/ipv6/addrconf.c, ipv6_add_addr). IPv4 takes them all, and is no use of them: 0.0.0.0 is forgotten
(net/ipv4/devinet.c, inet_rtm_newaddr), nobody sends from a multicast address (net/ipv4/route.c,
ip_route_output_key_hash_rcu), what is from 127.0.0.0/8 does not leave (`ping: connect: Invalid argument`,
__mkroute_output), and what comes from or for it is dropped as a martian (ip_route_input_slow), as is what comes from an
IPv4 address in IPv6 (net/ipv6/ip6_input.c, ip6_rcv_core). An address in 0.0.0.0/0 or 0.0.0.0/1 brings no route
(net/ipv4/fib_frontend.c, fib_add_ifaddr).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.reach.net import Net, net_of
from netc.topology.model import Address, Device, Made, Topology
from netc.topology.subnets import brings_route

BAD = """
netns ns1 { veth eth0 127.5.0.1/24 -- ns2:eth0 127.5.0.2/24 }
netns ns2
"""
GOOD = BAD.replace("127.5", "10.5")
_BROADCAST = ip_address("255.255.255.255")
_REFUSED = "the kernel would refuse it, and up.sh would undo everything"


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for device in topology.devices.values():
        for address in () if device.made is Made.OTHERS else device.addresses:
            found = _oddity(net, device, address)
            if found is None:
                continue
            what, effect = found
            yield check.find(
                address.span,
                f"{address.interface} of {device.key.label} is {what}",
                effect=effect,
                help="write an address for a host, such as one of 10.0.0.0/8 or fd00::/8"
                if device.name != "lo"
                else "write another address, or leave it out",
                stops=effect == _REFUSED,
            )


def _oddity(net: Net, device: Device, address: Address) -> tuple[str, str] | None:
    """Return what an address is that no device can use, and what would happen; None for any other."""
    ip, refused = address.ip, address.ip.version == 6
    if ip.is_unspecified:
        return "the address of nobody", _REFUSED if refused else f"{device.name} would get no address"
    if ip.is_multicast:
        return "a multicast address", _REFUSED if refused else "nobody could send from it, nor reach it"
    if ip == _BROADCAST:
        return "the broadcast address of every link", "packets for it would go to everybody"
    if ip.is_loopback:
        return _loopback(net, device, address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None and device.name != "lo":
        return f"{ip.ipv4_mapped} as an IPv6 program sees it", "packets from it would be dropped where they come in"
    network = address.interface.network
    if not brings_route(address) and network.prefixlen < network.max_prefixlen:
        return f"in {network}, to which the kernel makes no route", f"{device.name} would lead to nobody"
    return None


def _loopback(net: Net, device: Device, address: Address) -> tuple[str, str] | None:
    if device.name == "lo":
        own = str(address.interface) == "127.0.0.1/8" or address.ip.version == 6
        return ("on every lo already", _REFUSED) if own else None
    if address.ip.version == 6:
        return "an address of lo alone", _REFUSED
    if net.switches.either(device.key, 4, "route_localnet"):
        return None
    return "an address of the namespace's own loopback", "packets from and to it would be dropped on the link"


CHECK = Check("N219", "odd-address", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
