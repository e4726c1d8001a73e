"""A WireGuard device does not allow the addresses of its peer.

## What it does
Looks at peers that are in the lab: every address of the peer's device has to be in the `allowed-ips` that this device
has for it. Addresses behind the peer are the lab's own affair.

## What happens at run time
A packet from the peer whose source is not allowed is dropped after it is decrypted, and one to it finds no peer: `ping`
says `Destination Host Unreachable`, and `Required key not available` (wg(8), kernel drivers/net/wireguard/receive.c).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.peers import allowed_ips, wireguards
from netc.topology.model import Topology

BAD = """
veth hub:a 10.0.1.1/24 -- a:eth0 10.0.1.2/24
netns hub { wireguard wg0 10.9.0.1/24 { listen-port 51820; peer a:wg0 { allowed-ips 10.9.0.3 } } }
netns a { wireguard wg0 10.9.0.2/24 { peer hub:wg0 { endpoint 10.0.1.1:51820; allowed-ips 10.9.0.0/24 } } }
"""
GOOD = """
veth hub:a 10.0.1.1/24 -- a:eth0 10.0.1.2/24
netns hub { wireguard wg0 10.9.0.1/24 { listen-port 51820; peer a:wg0 { allowed-ips 10.9.0.2 } } }
netns a { wireguard wg0 10.9.0.2/24 { peer hub:wg0 { endpoint 10.0.1.1:51820; allowed-ips 10.9.0.0/24 } } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device, peers in wireguards(topology):
        for peer in peers:
            far = None if peer.device is None else topology.devices[peer.device]
            networks = [network for network, _ in allowed_ips(peer)]
            for address in () if far is None else far.addresses:
                if far is None or any(address.ip in network for network in networks):
                    continue
                yield check.find(
                    peer.span,
                    f"{device.key.label} does not allow {address.ip}, which {far.key.label} has",
                    effect=f"it would drop what comes from {address.ip}, and have no key for what goes there",
                    help=f"add {address.ip} to `allowed-ips`",
                    labels=[Label(address.span, "the address")],
                )


CHECK = Check("N356", "wg-source", Severity.WARNING, _run, BAD, GOOD)
