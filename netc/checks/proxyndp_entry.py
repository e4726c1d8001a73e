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
from netc.diagnostics import Finding, Severity
from netc.reach.net import net_of
from netc.topology.model import Topology

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
        yield check.find(
            device.span,
            f"proxy NDP is on at {device.key.label}, for no address",
            effect="it would answer for nobody, since IPv6 wants an entry for every address",
            help=f"say for whom it answers: `neigh proxy ADDRESS dev {device.name}`, or leave `proxy-ndp` out",
        )
    for entry in entries:
        if not net.switches.either(entry.device, 6, "proxy_ndp"):
            yield check.find(
                entry.origin.span,
                f"proxy NDP is off at {entry.device.label}",
                effect=f"nobody would answer for {entry.ip} there",
                help=f"give {entry.device.name} `proxy-ndp on`",
            )


CHECK = Check("N445", "proxyndp-entry", Severity.WARNING, _run, BAD, GOOD, whole=True)
