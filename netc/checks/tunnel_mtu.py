"""A tunnel's MTU leaves no room for the tunnel's own headers.

## What it does
Compares the MTU that the lab says for a tunnel with that of the device below it, less what the tunnel adds: 20 bytes
for IP in IP, 24 for GRE and more with a key, 50 for VXLAN and GENEVE, 60 for WireGuard; 20 more over IPv6. A tunnel
without a said MTU gets one that fits.

## What happens at run time
Packets of the size between are too large below once they are wrapped. Those that may not be fragmented are dropped by
GRE, IP in IP and SIT, the first ones without a word, until the path's MTU is known; those of VXLAN, GENEVE and
WireGuard travel in fragments, at half the rate, which real networks often drop (kernel net/ipv4/ip_tunnel.c,
tnl_update_pmtu; RFC 4459).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds import kinds
from netc.kinds.common import MTU
from netc.kinds.overlay import Overlay, below_of
from netc.reach.wire import known_mtu
from netc.source import Span
from netc.topology.model import Device, Topology

BAD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
gre a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30 { mtu 1500 }
"""
GOOD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
gre a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30 { mtu 1476 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    told: dict[Span, list[_Excess]] = {}  # what a link says holds for both ends, and is told once
    for device in topology.devices.values():
        kind, mtu = kinds()[device.kind], MTU.of(device)
        if not isinstance(kind, Overlay) or not kind.has_ends or mtu is None:
            continue
        if device.kind == "vxlan" and device.parent is not None:  # N320 tells
            continue
        below = device.parent or below_of(topology, device)
        most = None if below is None else known_mtu(topology, below)
        if below is None or most is None:
            continue
        room = most - kind.overhead(device, kind.outer_version(device, topology))
        if mtu > room:
            excess = _Excess(device, topology.devices[below], most, room)
            told.setdefault(device.settings["mtu"].span, []).append(excess)
    for span, found in told.items():
        worst = min(found, key=lambda excess: excess.room)
        names = " and ".join(dict.fromkeys(excess.device.key.label for excess in found))
        lower, most, room = worst.below, worst.most, worst.room
        yield check.find(
            span,
            f"an MTU of {MTU.of(worst.device)} is too much for {names}: {lower.key.label} below leaves room for {room} "
            f"({most} less {most - room} for the tunnel's headers)",
            effect=f"packets of more than {room} bytes would be dropped, or travel in fragments",
            help=f"write `mtu {room}`, or raise that of {lower.key.label}",
            labels=[Label(lower.settings["mtu"].span, "the device below")] if MTU.of(lower) else [],
        )


@dataclass(frozen=True, slots=True)
class _Excess:
    """A tunnel with too large an MTU, the device below, its MTU, and what is left of that for the tunnel's load."""

    device: Device
    below: Device
    most: int
    room: int


CHECK = Check("N352", "tunnel-mtu", Severity.WARNING, _run, BAD, GOOD)
