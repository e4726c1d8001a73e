"""A neighbour entry names another MAC address than the neighbour has

## What it does
Compares the MAC address of each `neigh` with the `mac` option of the device on its segment, or of the VXLAN of the same
network identifier, that has the address. Where that device says none, the kernel chooses one at random.

## What happens at run time
Frames carry the written MAC address, and the device drops what is not its own (kernel net/ethernet/eth.c,
eth_type_trans: PACKET_OTHERHOST): the packets arrive and are thrown away (flannel#1795, k3s#9957).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import Net, net_of
from netc.topology.model import Device, Neighbour, Topology

BAD = """
netns a {
  veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24 { mac 02:00:00:00:00:02 }
  neigh 10.0.0.2 lladdr 02:00:00:00:00:22 dev eth0
}
netns b
expect a -> b
"""
GOOD = """
netns a {
  veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24 { mac 02:00:00:00:00:02 }
  neigh 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth0
}
netns b
expect a -> b
"""
_BORROWED = frozenset({"vlan", "ipvlan", "bond", "team"})  # kinds that have the MAC address of another device


def wrong_entries(topology: Topology) -> Iterator[tuple[Neighbour, Device]]:
    """Yield the entries with another MAC address than the neighbour has, and the neighbour."""
    net = net_of(topology)
    for entry in topology.neighbours:
        device = topology.devices[entry.device]
        for holder in net.holders.get(entry.ip, ()) if entry.mac is not None else ():
            if holder.netns == device.netns or not _meet(net, device, holder) or holder.kind == "bridge":
                continue
            said = option(holder, "mac")
            if said != entry.mac and holder.kind not in _BORROWED:
                yield entry, holder


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for entry, holder in wrong_entries(topology):
        said = option(holder, "mac")
        has = f"has {said}" if said else "says none, so that the kernel chooses one"
        yield check.find(
            entry.origin.span,
            f"{holder.key.label}, which has the address {entry.ip}, {has}",
            labels=[Label(option_span(holder, "mac"), "the neighbour")],
            effect=f"{holder.netns.label} would throw the packets away: they are for another MAC address",
            help=f"write `lladdr {said}`" if said else f"write `mac {entry.mac}` at {holder.key.label}",
        )


def _meet(net: Net, device: Device, holder: Device) -> bool:
    """Whether two devices are on one segment, or ends of one VXLAN."""
    if net.home[device.key] == net.home[holder.key]:
        return True
    return device.kind == holder.kind == "vxlan" and option(device, "id") == option(holder, "id")


CHECK = Check("N333", "vtep-mac", Severity.ERROR, _run, BAD, GOOD)
