"""The two ends of a tunnel do not agree.

## What it does
Finds tunnels of which one is the other's far end (`remote` of each is `local` of the other), and compares what both
must have alike: the keys that one sends and the other takes, and `id` and `dstport` of `geneve`; N336 does so for
`vxlan`. Tunnels that are not of the lab are not known, and where one namespace has several to the same far end, one
that fits is enough.

## What happens at run time
Both come up. A packet with another key, VNI or port finds no tunnel at the other end, and is dropped, or answered with
ICMP port unreachable (RFC 2890, section 2.1; kernel net/ipv4/ip_gre.c, gre_rcv; drivers/net/geneve.c, geneve_rx).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.tunnel_pairs import TunnelEnd, number, tunnel_ends
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Device, Topology

BAD = """
netns a { gre t0 10.9.0.1/30 { local 10.0.0.1; remote 10.0.0.2; key 1 } }
netns b { gre t0 10.9.0.2/30 { local 10.0.0.2; remote 10.0.0.1; key 2 } }
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
"""
GOOD = """
netns a { gre t0 10.9.0.1/30 { local 10.0.0.1; remote 10.0.0.2; key 1 } }
netns b { gre t0 10.9.0.2/30 { local 10.0.0.2; remote 10.0.0.1; key 1 } }
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    by_ends: dict[tuple[object, ...], list[TunnelEnd]] = {}
    for end in tunnel_ends(topology):
        # What a link says at one end holds for both, so that its ends do not differ.
        if end.local is not None and end.remote is not None and end.device.peer is None and end.device.kind != "vxlan":
            by_ends.setdefault((end.device.kind, end.local, end.remote), []).append(end)
    told = set()
    for (kind, local, remote), ends in by_ends.items():
        others = by_ends.get((kind, remote, local), [])
        for end in ends:
            differences = [_difference(end, other) for other in others]
            if not differences or None in differences or end.device.key in told:
                continue
            told |= {other.device.key for other in others}
            other, difference = others[0], differences[0]
            yield check.find(
                end.device.span,
                f"{end.device.key.label} and {other.device.key.label} are one tunnel, but {difference}",
                effect="both would come up, and nothing would get through",
                help=_help(end.device, other.device),
                labels=[Label(other.device.span, "the other end")],
            )


def _help(one: Device, other: Device) -> str:
    help = "write the same at both ends"
    if one.netns.machine != other.netns.machine:
        return help
    return f"{help}, or the tunnel once, as a link: `{one.kind} {one.key.label} ... -- {other.key.label} ...`"


def _difference(one: TunnelEnd, other: TunnelEnd) -> str | None:
    """Return how two ends differ, or None."""
    for sender, taker in ((one, other), (other, one)):
        if sender.out != taker.into:
            sent = "no key" if sender.out is None else f"key {sender.out}"
            taken = "none" if taker.into is None else f"{taker.into}"
            return f"{sender.device.key.label} sends {sent}, and {taker.device.key.label} takes {taken}"
    for name in ("id", "dstport"):
        if number(one, name) != number(other, name):
            return f"`{name}` is {number(one, name)} here and {number(other, name)} there"
    return None


CHECK = Check("N354", "tunnel-differs", Severity.ERROR, _run, BAD, GOOD)
