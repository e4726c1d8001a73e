"""Two devices of one namespace have subnets that overlap.

## What it does
Compares the subnets of every namespace's devices, the declared uplinks of the host included. Addresses alone (/32,
/128) and IPv6 link-local ones do not count, nor do two addresses of one device, nor a device at which proxy ARP is
on: joining a subnet out of two links is what that is for. Of subnets on lo, lo-subnet tells.

## What happens at run time
The kernel accepts both. The longer prefix wins; of two equal ones the one that was added first. Packets for the other
link leave by the wrong device, and nobody answers there (kernel net/ipv4/fib_trie.c, fib_table_lookup). See
openshift-docs issue #4209.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.addresses import has_subnet
from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.reach.net import net_of
from netc.topology.model import Address, Device, DeviceKey, NetnsKey, Topology

BAD = """
netns r1 {
  veth eth0 10.0.0.1/24 -- ns1:eth0 10.0.0.2/24
  veth eth1 10.0.0.129/25 -- ns2:eth0 10.0.0.130/25
}
netns ns1
netns ns2
"""
GOOD = """
netns r1 {
  veth eth0 10.0.0.1/24 -- ns1:eth0 10.0.0.2/24
  veth eth1 10.0.1.129/25 -- ns2:eth0 10.0.1.130/25
}
netns ns1
netns ns2
"""
Pair = tuple[Address, Device]


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    switches = net_of(topology).switches
    found: dict[tuple[NetnsKey, DeviceKey | None, int], list[Pair]] = {}
    for device in topology.devices.values():
        if device.name == "lo" or switches.answers_for_others(device.key):
            continue
        vrf = _vrf(topology, device)
        for address in device.addresses:
            if has_subnet(address):
                found.setdefault((device.netns, vrf, address.ip.version), []).append((address, device))
    for pairs in found.values():
        for one, two in _overlaps(pairs):
            earlier, later = sorted((one, two), key=lambda pair: pair[0].order)
            yield _finding(check, earlier, later)


def _overlaps(pairs: list[Pair]) -> Iterator[tuple[Pair, Pair]]:
    """Yield each address with the nearest one around it that is of another device.

    Prefixes overlap only where one holds the other: sorted by start and length, those around an address are on a stack.
    """
    around: list[Pair] = []
    for pair in sorted(pairs, key=_place):
        network = pair[0].interface.network
        while around and network.network_address not in around[-1][0].interface.network:
            around.pop()
        other = next((outer for outer in reversed(around) if outer[1].key != pair[1].key), None)
        if other is not None:
            yield other, pair
        around.append(pair)


def _place(pair: Pair) -> tuple[int, int, tuple[int, int]]:
    network = pair[0].interface.network
    return int(network.network_address), network.prefixlen, pair[0].order


def _vrf(topology: Topology, device: Device) -> DeviceKey | None:
    return device.master if device.master is not None and topology.devices[device.master].kind == "vrf" else None


def _finding(check: Check, earlier: Pair, later: Pair) -> Finding:
    one, two = earlier[0].interface.network, later[0].interface.network
    if one == two:
        effect = f"both links would have the route to {one}: only the one that was added first is used"
    else:
        narrow, wide = (later, earlier) if two.prefixlen > one.prefixlen else (earlier, later)
        inner = narrow[0].interface.network
        effect = f"packets for {inner} would always leave by {narrow[1].name}, never by {wide[1].name}"
    return check.find(
        later[0].span,
        f"{later[0].interface} of {later[1].key.label} overlaps {one}, which is on {earlier[1].name}",
        labels=[Label(earlier[0].span, "the other subnet")],
        effect=effect,
        help="give one of the two links another subnet",
    )


CHECK = Check("N207", "overlap-subnets", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
