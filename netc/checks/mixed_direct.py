"""One host sends straight to another, which would answer through a tunnel, and looks at where packets come from.

## What it does
Takes each pair of hosts where one routes to the other's namespaces by the segment between them, and the other routes
back through a device that is no uplink, such as a VXLAN, while the lab turns strict source validation on there
(`rp_filter = 1` of `all`, or of the uplink). The drivers of networks decide for both ends alike; routes that are
written by hand may not.

## What happens at run time
The packets arrive at the uplink. The host looks up the way back to their source, finds another device than the one
that they came in by, and drops them without a word (kernel net/ipv4/fib_frontend.c, fib_validate_source; RFC 3704).
`net.ipv4.conf.all.log_martians = 1` shows them in the kernel's log.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import Net, net_of
from netc.reach.rules import Flow
from netc.topology.model import DeviceKey, IPAddress, Made, NetnsKey, Sysctl, Topology

_HOSTS = """
segment lan 192.168.50.0/24
host n1 {
  uplink eth0 192.168.50.11/24 on lan
  forward ipv4
  netns a { veth eth0 10.1.1.2/24 -- n1:to-a 10.1.1.1/24; route default via 10.1.1.1 }
  vxlan vx0 10.1.1.0/32 on eth0 { id 1; local 192.168.50.11; remote 192.168.50.12; dstport 8472 }
  route 10.1.2.0/24 via 192.168.50.12
}
host n2 {
  uplink eth0 192.168.50.12/24 on lan
  forward ipv4
  sysctl net.ipv4.conf.all.rp_filter = 1
  netns b { veth eth0 10.1.2.2/24 -- n2:to-b 10.1.2.1/24; route default via 10.1.2.1 }
  vxlan vx0 10.1.2.0/32 on eth0 { id 1; local 192.168.50.12; remote 192.168.50.11; dstport 8472 }
  route WAY
}
"""
BAD = _HOSTS.replace("WAY", "10.1.1.0/24 via 10.1.1.0 dev vx0 onlink")
GOOD = _HOSTS.replace("WAY", "10.1.1.0/24 via 192.168.50.11")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    strict = list(_strict(topology))
    if not strict:
        return
    net = net_of(topology)
    inside = _inside(topology)
    for here, sysctl in strict:
        told: set[str] = set()
        for there, sources in inside.items():
            if there == here.machine or there in told:
                continue
            finding = _pair(check, net, sysctl, here, NetnsKey(there, ""), (sources, inside.get(here.machine, ())))
            if finding is not None:
                told.add(there)
                yield finding


def _strict(topology: Topology) -> Iterator[tuple[NetnsKey, Sysctl]]:
    """Yield the machines whose uplinks drop what does not come by the way back, and the statement that says so."""
    for sysctl in topology.sysctls:
        where, name = sysctl.path[3:4], sysctl.path[-1]
        of_uplink = sysctl.device is not None and topology.devices[sysctl.device].made is Made.OTHERS
        if sysctl.netns.is_root and name == "rp_filter" and sysctl.value == "1" and (where == ("all",) or of_uplink):
            yield sysctl.netns, sysctl


def _inside(topology: Topology) -> dict[str, tuple[IPAddress, ...]]:
    """Return an IPv4 address of each namespace of each machine: rp_filter knows no IPv6."""
    found: dict[str, list[IPAddress]] = {}
    for key in topology.netnses:
        ips = [address.ip for address, _ in topology.addresses_of(key) if address.ip.version == 4]
        if not key.is_root and ips:
            found.setdefault(key.machine, []).append(ips[0])
    return {machine: tuple(ips) for machine, ips in found.items()}


def _pair(
    check: Check,
    net: Net,
    sysctl: Sysctl,
    here: NetnsKey,
    there: NetnsKey,
    ips: tuple[tuple[IPAddress, ...], tuple[IPAddress, ...]],
) -> Finding | None:
    """Return a finding where packets from `there` come to `here` straight and would be answered another way."""
    sources, targets = ips
    for target in targets:
        sent = net.fibs[there].lookup(Flow(target))
        if sent is None or sent.route is None or sent.gateway is None or not _is_uplink(net, sent.device):
            continue
        if not any(owner.netns == here and owner.made is Made.OTHERS for owner in net.holders.get(sent.gateway, ())):
            continue
        for source in sources:
            back = net.fibs[here].lookup(Flow(source))
            if back is None or back.device is None or back.device.netns != here or _is_uplink(net, back.device):
                continue
            return check.find(
                sent.route.prefix_span,
                f"{there.label} sends to {here.label} straight, which answers through {back.device.name}",
                labels=[Label(sysctl.origin.span, f"{here.label} takes packets only by the way back to their source")],
                effect=f"{here.label} would drop every packet from {source} that comes this way",
                help="let both hosts choose the same way, or set rp_filter to 2",
            )
    return None


def _is_uplink(net: Net, device: DeviceKey | None) -> bool:
    return device is not None and net.topology.devices[device].made is Made.OTHERS


CHECK = Check("N504", "mixed-direct", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
