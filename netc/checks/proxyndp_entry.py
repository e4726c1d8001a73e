"""Proxy NDP is on at a device without an entry, or has entries and is off.

## What it does
Compares the devices at which the lab turns proxy NDP on (`proxy-ndp on`, or a sysctl), and that have an IPv6 address,
with its IPv6 `neigh proxy` entries. A namespace in which a program runs that may write entries itself, such as ndppd,
is left out.

## What happens at run time
Nothing: IPv6 answers for the addresses of `neigh proxy` entries alone, and only where proxy NDP is on at the device, or
for all. Unlike proxy ARP, a route is not enough. Whoever asks gets no answer: `Destination unreachable: Address
unreachable` (kernel net/ipv6/ndisc.c, ndisc_recv_ns; Documentation/networking/ip-sysctl.rst, proxy_ndp).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import Near, near_ends
from netc.diagnostics import Finding, Label, Severity
from netc.reach.entry import EntryType
from netc.reach.net import Net, net_of
from netc.reach.rules import Flow
from netc.topology.model import DeviceKey, IPAddress, Topology

BAD = """
netns a { veth e fd00:1::1/64 -- r:a fd00:1::9/64 { proxy-ndp on } }
netns b { veth e fd00:2::2/64 fd00:1::2/128 -- r:b fd00:2::1/64; route default via fd00:2::1 }
netns r { forward ipv6; route fd00:1::2 via fd00:2::2 }
expect a -> fd00:1::2
"""
GOOD = BAD.replace("forward ipv6;", "forward ipv6; neigh proxy fd00:1::2 dev a;")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    entries = [entry for entry in topology.neighbours if entry.mac is None and entry.ip.version == 6]
    with_entry = {entry.device for entry in entries}
    for device in topology.devices.values():
        # On devices without an address, calico turns it on in case it is needed.
        on = net.addresses(device.key, 6) and net.switches.conf(device.key, 6, "proxy_ndp")
        if not on or device.key in with_entry or device.netns in net.unsettled:
            continue
        asking = [near for near in _asked_at(topology, device.key) if _leads_on(net, device.key, near.target)]
        entry = f"neigh proxy {_addresses(asking)} dev {device.name}"
        yield check.find(
            device.span,
            f"proxy NDP is on at {device.key.label}, for no address",
            labels=_labels(asking),
            effect="it would answer for nobody, since IPv6 wants an entry for every address",
            help=f"say for whom it answers: `{entry}`, or leave `proxy-ndp` out",
            causes=[near.question for near in asking],
        )
    for said in entries:
        if not net.switches.either(said.device, 6, "proxy_ndp"):
            asking = [near for near in _asked_at(topology, said.device) if near.target == said.ip]
            yield check.find(
                said.origin.span,
                f"proxy NDP is off at {said.device.label}",
                labels=_labels(asking),
                effect=f"nobody would answer for {said.ip} there",
                help=f"give {said.device.name} `proxy-ndp on`",
                causes=[near.question for near in asking],
            )


def _asked_at(topology: Topology, door: DeviceKey) -> Iterator[Near]:
    """Yield the expected pings for which somebody asks in vain on the link of a device."""
    home = net_of(topology).home
    return (near for near in near_ends(topology) if near.ours.key != door and home[near.ours.key] == home[door])


def _leads_on(net: Net, door: DeviceKey, ip: IPAddress) -> bool:
    """Whether the namespace of a device, which could answer for an address there, has a way to it by another one."""
    entry = net.fibs[door.netns].lookup(Flow(ip, entered=door, table=net.table(door), preferred=door))
    return entry is not None and entry.type is EntryType.UNICAST and entry.device != door


def _labels(asking: list[Near]) -> list[Label]:
    texts = {near.expectation.origin.span: f"{near.ours.key.label} asks for {near.target} in vain" for near in asking}
    return [Label(span, text) for span, text in texts.items()]


def _addresses(asking: list[Near]) -> str:
    """Return the address to write an entry for, where the lab asks for just one."""
    wanted = {str(near.target) for near in asking}
    return wanted.pop() if len(wanted) == 1 else "ADDRESS"


CHECK = Check("N445", "proxyndp-entry", Severity.WARNING, _run, BAD, GOOD, whole=True)
