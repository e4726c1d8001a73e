"""Two peers of a WireGuard device are allowed the same addresses.

## What it does
Compares the `allowed-ips` of the peers of every `wireguard` device. A prefix inside another is fine: the longest wins.

## What happens at run time
A prefix belongs to one peer only. `wg set` takes it from the first and gives it to the last, without a word: what is
sent there goes to the last, and what comes from the first with such a source is dropped (wg(8), `allowed-ips`; kernel
drivers/net/wireguard/allowedips.c).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.peers import allowed_ips, wireguards
from netc.source import Span
from netc.topology.model import IPNetwork, Topology
from netc.topology.options import Entry

BAD = """
veth hub:a 10.0.1.1/24 -- a:eth0 10.0.1.2/24
veth hub:b 10.0.2.1/24 -- b:eth0 10.0.2.2/24
netns hub {
  wireguard wg0 10.9.0.1/24 {
    listen-port 51820
    peer a:wg0 { allowed-ips 10.9.0.0/24 }
    peer b:wg0 { allowed-ips 10.9.0.0/24 }
  }
}
netns a { wireguard wg0 10.9.0.2/24 { peer hub:wg0 { endpoint 10.0.1.1:51820; allowed-ips 10.9.0.0/24 } } }
netns b { wireguard wg0 10.9.0.3/24 { peer hub:wg0 { endpoint 10.0.2.1:51820; allowed-ips 10.9.0.0/24 } } }
"""
GOOD = """
veth hub:a 10.0.1.1/24 -- a:eth0 10.0.1.2/24
veth hub:b 10.0.2.1/24 -- b:eth0 10.0.2.2/24
netns hub {
  wireguard wg0 10.9.0.1/24 {
    listen-port 51820
    peer a:wg0 { allowed-ips 10.9.0.2 }
    peer b:wg0 { allowed-ips 10.9.0.3 }
  }
}
netns a { wireguard wg0 10.9.0.2/24 { peer hub:wg0 { endpoint 10.0.1.1:51820; allowed-ips 10.9.0.0/24 } } }
netns b { wireguard wg0 10.9.0.3/24 { peer hub:wg0 { endpoint 10.0.2.1:51820; allowed-ips 10.9.0.0/24 } } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device, peers in wireguards(topology):
        seen: dict[IPNetwork, tuple[int, Span]] = {}
        for index, peer in enumerate(peers):
            for network, span in allowed_ips(peer):
                earlier, place = seen.setdefault(network, (index, span))
                if earlier != index:
                    yield check.find(
                        span,
                        f"{network} is allowed to two peers of {device.key.label}",
                        effect="only the last peer would have it: what the first sends from there is dropped",
                        help=_help(topology, peers[earlier], peer, network),
                        labels=[Label(place, "allowed to another peer here")],
                    )


def _help(topology: Topology, one: Entry, other: Entry, network: IPNetwork) -> str:
    """Name the address that each peer has in the prefix, where the lab knows two."""
    found = []
    for peer in (one, other):
        device = None if peer.device is None else topology.devices[peer.device]
        own = [address.ip for address in device.addresses if address.ip in network] if device else []
        if not own or device is None:
            return "allow each peer the addresses that it has"
        found.append((own[0], f"`allowed-ips {own[0]}` for {device.key.label}"))
    if found[0][0] == found[1][0]:
        return "allow each peer the addresses that it has"
    return f"allow each peer its own address: {found[0][1]}, {found[1][1]}"


CHECK = Check("N355", "wg-allowed-twice", Severity.ERROR, _run, BAD, GOOD)
