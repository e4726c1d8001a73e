"""Addresses of one subnet have different prefix lengths.

## What it does
Compares the prefix length of every address with that of the declared `subnet` that it lies in; where the segment has
none, with the length that most of the addresses around it have. Not meant are addresses alone (/32, /128), segments
on which somebody answers by proxy ARP (a wide prefix is how hosts make use of it, RFC 1027), and ends that `expect A
-/> B` says shall not reach each other.

## What happens at run time
Each end takes another stretch of addresses for its own link. With 10.0.0.200/24 on one side and 10.0.0.2/25 on the
other, the first sends and waits for an answer that never comes; the second has no route: `ping: connect: Network is
unreachable`. Even where two such ends do reach each other, their broadcast addresses differ. An address's own prefix
is all that its connected route is made from (kernel net/ipv4/fib_frontend.c, fib_add_prefix).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from netc.checks.addresses import has_subnet, kept_apart, rewritten
from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import net_of
from netc.topology.model import Address, Device, IPNetwork, Topology
from netc.topology.segments import DeclaredSubnet, Segment

BAD = """
netns ns1 { veth eth0 10.0.0.200/24 -- ns2:eth0 10.0.0.2/25 }
netns ns2
"""
GOOD = """
netns ns1 { veth eth0 10.0.0.200/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
Pairs = list[tuple[Address, Device]]


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for number, segment in enumerate(net.segments):
        if len(segment.devices) < 2 or number in net.proxies or _meant(topology, segment):
            continue
        addresses = segment.addresses()
        for version in (4, 6):
            declared = [subnet for subnet in segment.subnets if subnet.network.version == version]
            found = [(a, d) for a, d in addresses if a.ip.version == version and has_subnet(a)]
            yield from _declared(check, declared, found) if declared else _undeclared(check, found)


def _meant(topology: Topology, segment: Segment) -> bool:
    netnses = {device.netns for device in segment.devices}
    return any(one in netnses and two in netnses for one, two in kept_apart(topology))


def _declared(check: Check, declared: list[DeclaredSubnet], found: Pairs) -> Iterator[Finding]:
    for address, device in found:
        around = [subnet for subnet in declared if address.ip in subnet.network]
        if not around or any(subnet.network == address.interface.network for subnet in around):
            continue
        subnet = max(around, key=lambda subnet: subnet.network.prefixlen)
        label = Label(subnet.span, "the subnet is declared here")
        yield _find(check, address, device, subnet.network, label, found)


def _undeclared(check: Check, found: Pairs) -> Iterator[Finding]:
    for cluster in _clusters(found):
        counts = Counter(address.interface.network for address, _ in cluster)
        if len({network.prefixlen for network in counts}) < 2:
            continue
        first = max(cluster, key=lambda pair: counts[pair[0].interface.network])  # of equals, the first in the text
        usual = first[0].interface.network
        for address, device in cluster:
            if address.interface.network.prefixlen != usual.prefixlen:
                yield _find(check, address, device, usual, Label(first[0].span, f"a /{usual.prefixlen} here"), found)


def _clusters(found: Pairs) -> Iterator[Pairs]:
    """Yield the addresses in groups: those that lie in one and the same widest prefix, in the order of the text."""
    groups: list[tuple[IPNetwork, Pairs]] = []
    for pair in sorted(found, key=lambda pair: _place(pair[0].interface.network)):
        network = pair[0].interface.network
        if groups and network.network_address in groups[-1][0]:
            groups[-1][1].append(pair)
        else:
            groups.append((network, [pair]))
    for _, pairs in groups:
        yield sorted(pairs, key=lambda pair: pair[0].order)


def _place(network: IPNetwork) -> tuple[int, int]:
    return int(network.network_address), network.prefixlen


def _find(check: Check, address: Address, device: Device, usual: IPNetwork, label: Label, found: Pairs) -> Finding:
    own = address.interface.network
    narrow, wide = (own, usual) if own.prefixlen > usual.prefixlen else (usual, own)
    out = next((f"{a.ip}" for a, _ in found if a.ip in wide and a.ip not in narrow), f"the rest of {wide}")
    return check.find(
        address.span,
        f"{address.interface} has another prefix length than its subnet {usual}",
        labels=[label],
        effect=f"those with a /{narrow.prefixlen} would have no on-link route to {out}, and their broadcasts differ",
        help=f"write {address.ip}/{usual.prefixlen}",
        edits=rewritten(address, device, f"{address.ip}/{usual.prefixlen}"),
    )


CHECK = Check("N202", "mixed-prefix", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
