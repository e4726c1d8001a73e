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
from netc.kinds.overlay import LOCAL, Overlay, below_of, outer_of
from netc.source import Span
from netc.topology.model import Device, Made, Topology

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
        key = device.parent or below_of(topology, device)
        below = None if key is None else topology.devices[key]
        if below is None or below.made is Made.OTHERS or (below.made is Made.KERNEL and MTU.of(below) is None):
            continue
        outer = outer_of(topology, device)
        local = LOCAL.option.of(device) or (None if outer is None else outer.local)
        if isinstance(kinds()[below.kind], Overlay) and MTU.of(below) is None:
            continue
        headers = kind.overhead(device, 4 if local is None else local.version)
        if mtu > (MTU.of(below) or 1500) - headers:
            told.setdefault(device.settings["mtu"].span, []).append(_Excess(device, below, headers))
    for span, found in told.items():
        worst = min(found, key=lambda excess: excess.room)
        names = " and ".join(dict.fromkeys(excess.device.key.label for excess in found))
        below, room = worst.below, worst.room
        yield check.find(
            span,
            f"an MTU of {MTU.of(worst.device)} is too much for {names}: {below.key.label} below leaves room for {room} "
            f"({room + worst.headers} less {worst.headers} for the tunnel's headers)",
            effect=f"packets of more than {room} bytes would be dropped, or travel in fragments",
            help=f"write `mtu {room}`, or raise that of {below.key.label}",
            labels=[Label(below.settings["mtu"].span, "the device below")] if MTU.of(below) else [],
        )


@dataclass(frozen=True, slots=True)
class _Excess:
    """A tunnel with too large an MTU, the device below, and the bytes of the tunnel's headers."""

    device: Device
    below: Device
    headers: int

    @property
    def room(self) -> int:
        return (MTU.of(self.below) or 1500) - self.headers


CHECK = Check("N352", "tunnel-mtu", Severity.WARNING, _run, BAD, GOOD)
