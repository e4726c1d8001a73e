"""Neither of two WireGuard peers knows where the other is.

## What it does
Looks at pairs of `wireguard` devices of the lab that have each other as peers, and at devices whose peer does not have
them: one of the two needs an `endpoint`, and both need each other.

## What happens at run time
Nothing complains. Without an endpoint a device waits for its peer to speak first, and if both do, none begins: `ping`
says `Destination address required`. A device that its peer does not know gets no answer to its handshake (wg(8)).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.peers import has_endpoint, wireguards
from netc.topology.model import DeviceKey, Topology

BAD = """
netns a { wireguard wg0 10.9.0.1/24 { listen-port 51820; peer b:wg0 { allowed-ips 10.9.0.2 } } }
netns b { wireguard wg0 10.9.0.2/24 { listen-port 51820; peer a:wg0 { allowed-ips 10.9.0.1 } } }
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
"""
GOOD = """
netns a { wireguard wg0 10.9.0.1/24 { listen-port 51820; peer b:wg0 { allowed-ips 10.9.0.2 } } }
netns b { wireguard wg0 10.9.0.2/24 { peer a:wg0 { endpoint 10.0.0.1:51820; allowed-ips 10.9.0.1 } } }
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    known = {(device.key, peer.device): peer for device, peers in wireguards(topology) for peer in peers if peer.device}
    strangers = {device.key for device, peers in wireguards(topology) if any(not peer.device for peer in peers)}
    told: set[tuple[DeviceKey, DeviceKey]] = set()
    for (near, far), peer in known.items():
        back = known.get((far, near))
        if back is None and far not in strangers:
            yield check.find(
                peer.span,
                f"{far.label} does not have {near.label} as a peer",
                effect=f"{far.label} would drop every packet from it, the handshake included",
                help=f"give {far.label} a `peer {near.label}`, too",
                labels=[Label(topology.devices[far].span, "the device")],
            )
        elif back is not None and not has_endpoint(peer) and not has_endpoint(back) and (far, near) not in told:
            told.add((near, far))
            yield check.find(
                peer.span,
                f"neither {near.label} nor {far.label} has an endpoint for the other",
                effect="both would wait for the other to begin",
                help="write `endpoint ADDRESS:PORT` at one of them, and `listen-port PORT` at the other",
                labels=[Label(back.span, "the other peer")],
            )


CHECK = Check("N357", "wg-endpoint", Severity.ERROR, _run, BAD, GOOD)
