"""Two WireGuard devices of one namespace listen at the same port.

## What it does
Compares the `listen-port` of the `wireguard` devices in every namespace; that of a link is 51820 where none is said.

## What happens at run time
The second cannot come up: `RTNETLINK answers: Address already in use` (kernel drivers/net/wireguard/socket.c,
wg_socket_init). up.sh undoes what it did.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.peers import port_of, wireguards
from netc.topology.model import Device, NetnsKey, Topology

BAD = """
netns a; netns b; netns c
veth a:b 10.1.0.1/24 -- b:eth0 10.1.0.2/24
veth a:c 10.2.0.1/24 -- c:eth0 10.2.0.2/24
wireguard a:wg0 10.8.0.1/24 -- b:wg0 10.8.0.2/24
wireguard a:wg1 10.9.0.1/24 -- c:wg0 10.9.0.2/24
"""
GOOD = """
netns a; netns b; netns c
veth a:b 10.1.0.1/24 -- b:eth0 10.1.0.2/24
veth a:c 10.2.0.1/24 -- c:eth0 10.2.0.2/24
wireguard a:wg0 10.8.0.1/24 -- b:wg0 10.8.0.2/24
wireguard a:wg1 10.9.0.1/24 { listen-port 51821 } -- c:wg0 10.9.0.2/24
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    seen: dict[tuple[NetnsKey, int], Device] = {}
    for device, _ in wireguards(topology):
        port = port_of(device)
        if port is None:
            continue
        earlier = seen.setdefault((device.netns, port), device)
        if earlier is not device:
            setting = device.settings.get("listen-port")
            yield check.find(
                device.span if setting is None else setting.span,
                f"{device.key.label} and {earlier.name} both listen at port {port}",
                effect="the kernel would refuse to bring the second up, and up.sh would undo everything",
                help=f"write another: `listen-port {port + 1}`",
                labels=[Label(earlier.span, "the first")],
            )


CHECK = Check("N358", "wg-port", Severity.ERROR, _run, BAD, GOOD)
