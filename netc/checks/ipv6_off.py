"""A device that IPv6 is turned off at has IPv6 addresses.

## What it does
Finds IPv6 addresses of devices with `disable-ipv6 on`, or with the kernel parameter `disable_ipv6` of their own or, for
those that the lab makes, of `default`.

## What happens at run time
The kernel refuses the address (`IPv6 is disabled on this device`), and where the parameter comes after it, takes it
away again with every route by the device (kernel net/ipv6/addrconf.c, ipv6_add_addr and addrconf_disable_ipv6).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.reach.net import net_of
from netc.topology.model import Made, Topology

BAD = """
netns ns1 { veth eth0 fd00::1/64 -- ns2:eth0 fd00::2/64 }
netns ns2 { sysctl net.ipv6.conf.default.disable_ipv6 = 1 }
"""
GOOD = BAD.replace("disable_ipv6 = 1", "disable_ipv6 = 0")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    switches = net_of(topology).switches
    for device in topology.devices.values():
        found = next((address for address in device.addresses if address.ip.version == 6), None)
        if found is None or device.made is Made.OTHERS or not switches.either(device.key, 6, "disable_ipv6"):
            continue
        yield check.find(
            found.span,
            f"IPv6 is turned off at {device.key.label}, which has the address {found.interface}",
            effect="the kernel would refuse the address, or take it away again with every route by the device",
            help="leave out `disable_ipv6`, or the device's IPv6 addresses",
        )


CHECK = Check("N220", "ipv6-off", Severity.ERROR, _run, BAD, GOOD)
