"""Two devices of one namespace are on the same segment, and both answer ARP for both.

## What it does
Finds namespaces with two devices on one layer-2 segment that both have IPv4 addresses, where neither `arp-ignore` nor
`arp-filter` is set. A macvlan beside its own parent is not meant: it stands there so that children reach the parent's
namespace.

## What happens at run time
The kernel answers an ARP request for any address of the namespace, whichever device it comes in by: others get two
answers with two MAC addresses, keep one of them by chance, and send to the wrong device. What is counted, shaped or
filtered by device is then wrong, and after a change of cables packets are lost (kernel
Documentation/networking/ip-sysctl.rst, arp_ignore and arp_announce). See home-assistant/operating-system issue #5003.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import net_of
from netc.topology.model import Device, Made, Topology

BAD = """
bridge br0
netns ns1 {
  veth eth0 10.0.0.1/24 -- br0
  veth eth1 10.1.0.1/24 -- br0
}
netns ns2 { veth eth0 10.0.0.2/24 10.1.0.2/24 -- br0 }
"""
GOOD = """
bridge br0
netns ns1 {
  veth eth0 10.0.0.1/24 { arp-ignore 1; arp-announce 2 } -- br0
  veth eth1 10.1.0.1/24 { arp-ignore 1; arp-announce 2 } -- br0
}
netns ns2 { veth eth0 10.0.0.2/24 10.1.0.2/24 -- br0 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for keys in net.doors.values():
        devices = [topology.devices[key] for key in keys]
        found = [device for device in devices if _answers(device) and not net.switches.is_choosy(device.key)]
        for device in found[1:]:
            first = found[0]
            if first.key == device.parent or device.key == first.parent:
                continue
            own = next(address.ip for address in device.addresses if address.ip.version == 4)
            yield check.find(
                device.span,
                f"{device.key.label} is on the same segment as {first.name}",
                effect=f"both would answer ARP requests for the addresses of both: a neighbour may get "
                f"{first.name}'s MAC address for {own}, and send to the wrong device",
                help="give both `{ arp-ignore 1; arp-announce 2 }`, or put them on segments of their own",
                labels=[Label(first.span, "here is the other")],
            )


def _answers(device: Device) -> bool:
    """Whether a device answers for all addresses by its own MAC: not in a VRF, and ipvlan has its parent's."""
    has_address = any(address.ip.version == 4 for address in device.addresses)
    return has_address and device.master is None and device.made is not Made.KERNEL and device.kind != "ipvlan"


CHECK = Check("N436", "arp-flux", Severity.WARNING, _run, BAD, GOOD)
