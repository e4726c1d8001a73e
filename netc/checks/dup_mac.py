"""Two devices of one segment have the same MAC address

## What it does
Compares the `mac` options on each segment: its devices, and macvlan children with their parent.

## What happens at run time
Children of one parent: the second cannot come up, `Address already in use` (kernel drivers/net/macvlan.c,
macvlan_addr_busy). Elsewhere the bridge finds the address now behind one port and now behind the other, and half of the
packets go the wrong way (docker/for-linux#589).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.kinds import kinds
from netc.reach.net import net_of
from netc.topology.model import Device, Topology

BAD = """
bridge br0 { subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 { mac 02:00:00:00:00:01 } -- br0 }
netns b { veth eth0 10.0.0.2/24 { mac 02:00:00:00:00:01 } -- br0 }
"""
GOOD = """
bridge br0 { subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 { mac 02:00:00:00:00:01 } -- br0 }
netns b { veth eth0 10.0.0.2/24 { mac 02:00:00:00:00:02 } -- br0 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for segment in net_of(topology).segments:
        seen: dict[str, Device] = {}
        for device in segment.devices:
            mac = option(device, "mac")
            # A pair in one bond or bridge, and a VLAN of its parent, share addresses by design.
            if mac is None or device.kind == "vlan" or not _hears(topology, device):
                continue
            if mac in seen:
                yield _finding(check, device, seen[mac], mac)
            else:
                seen[mac] = device


def _hears(topology: Topology, device: Device) -> bool:
    """Whether frames for the device's own address come to its namespace: those of a port go to its master."""
    return device.master is None or not kinds()[topology.devices[device.master].kind].bridges_ports


def _finding(check: Check, device: Device, first: Device, mac: str) -> Finding:
    child = device.parent is not None and device.parent in {first.parent, first.key}
    effect = "packets for one would arrive at the other, now and then"
    return check.find(
        option_span(device, "mac"),
        f"{mac} of {device.key.label} is also the MAC address of {first.key.label}",
        labels=[Label(option_span(first, "mac"), "first used here")],
        effect='the second could not come up: "Address already in use"' if child else effect,
        help="give one of them another, or leave it to the kernel",
    )


CHECK = Check("N321", "dup-mac", Severity.ERROR, _run, BAD, GOOD)
