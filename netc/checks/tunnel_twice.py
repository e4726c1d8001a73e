"""Two tunnels of one namespace cannot be told apart.

## What it does
Compares the tunnels of one kind in a namespace: `local`, `remote` and the keys of `gre`, `ipip`, `sit` and the like;
`local` and `remote` of `vti` and `vti6`, whose keys tell nothing of a packet; `id`, `remote` and `dstport` of `geneve`.
N334 does so for `vxlan`.

## What happens at run time
The kernel refuses the second: `RTNETLINK answers: File exists`, or `Device or resource busy` for `geneve` (kernel
net/ipv4/ip_tunnel.c, ip_tunnel_newlink; net/ipv6/ip6_vti.c, vti6_locate; drivers/net/geneve.c, geneve_configure).
up.sh undoes what it did.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.tunnel_pairs import TunnelEnd, has_key, number, tunnel_ends
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Device, DeviceKey, Topology

BAD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
gre a:t0 10.8.0.1/30 -- b:t0 10.8.0.2/30
gre a:t1 10.9.0.1/30 -- b:t1 10.9.0.2/30
"""
GOOD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
gre a:t0 10.8.0.1/30 -- b:t0 10.8.0.2/30 { key 1 }
gre a:t1 10.9.0.1/30 -- b:t1 10.9.0.2/30 { key 2 }
"""
_OTHER_END = "write another `local` or `remote`"
_HELP = {
    "geneve": "write another `id`",
    "ipip": _OTHER_END,
    "sit": _OTHER_END,
    "ip6tnl": _OTHER_END,
    "vti": _OTHER_END,
    "vti6": _OTHER_END,
}


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], Device] = {}
    told: set[tuple[DeviceKey, DeviceKey]] = set()
    for end in tunnel_ends(topology):
        device, identity = end.device, _identity(end)
        if identity is None:
            continue
        place = (device.netns, device.kind, identity)
        earlier = seen.setdefault(place, device)
        if earlier is not device and (earlier.peer, device.peer) not in told:  # two links are told once
            told.add((earlier.key, device.key))
            yield check.find(
                device.span,
                f"{device.key.label} is the same tunnel as {earlier.name}",
                effect="the kernel would refuse the second, and up.sh would undo everything",
                help=_HELP.get(
                    device.kind, "give each its own `key`, such as `{ key 1 }` and `{ key 2 }`, at both ends"
                ),
                labels=[Label(earlier.span, "the first")],
            )


def _identity(end: TunnelEnd) -> tuple[object, ...] | None:
    if end.device.kind == "geneve":
        return number(end, "id"), end.remote, number(end, "dstport") or 6081
    if end.device.kind == "vti6":
        return end.local, end.remote
    if end.device.kind == "vti":
        return end.local, end.remote, end.device.parent
    if end.device.kind in _HELP or has_key(end):
        return end.local, end.remote, end.into, end.device.parent
    return None


CHECK = Check("N353", "tunnel-twice", Severity.ERROR, _run, BAD, GOOD)
