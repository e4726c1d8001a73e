"""An IPv6 address on a device whose packets are too small for IPv6

## What it does
Finds IPv6 addresses on devices with an MTU below 1280 bytes.

## What happens at run time
Every link of IPv6 takes packets of 1280 bytes (RFC 8200, section 5). Below that the kernel turns IPv6 off on the device
and refuses the address: `Invalid argument` (kernel net/ipv6/addrconf.c, IPV6_MIN_MTU).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.reach.wire import known_mtu
from netc.topology.model import Topology

BAD = """
netns a { veth eth0 fd00::1/64 -- b:eth0 fd00::2/64 { mtu 1200 } }
netns b
"""
GOOD = """
netns a { veth eth0 fd00::1/64 -- b:eth0 fd00::2/64 { mtu 1280 } }
netns b
"""
_LEAST = 1280


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device in topology.devices.values():
        mtu = known_mtu(topology, device.key)
        address = next((address for address in device.addresses if address.ip.version == 6), None)
        if address is None or mtu is None or mtu >= _LEAST:
            continue
        labels = [Label(option_span(device, "mtu"), f"MTU {mtu}")] if option(device, "mtu") is not None else []
        yield check.find(
            address.span,
            f"{device.key.label} takes packets of {mtu} bytes, and IPv6 wants {_LEAST}",
            labels=labels,
            effect='the kernel would refuse the address: "Invalid argument"',
            help=f"write `mtu {_LEAST}` or more",
        )


CHECK = Check("N337", "v6-small-mtu", Severity.ERROR, _run, BAD, GOOD)
