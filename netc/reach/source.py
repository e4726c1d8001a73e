"""Which source address a packet gets, and which ones are refused when they come in.

Sources: kernel net/ipv4/devinet.c (inet_select_addr), net/ipv4/fib_semantics.c (fib_info_update_nhc_saddr),
net/ipv6/addrconf.c (ipv6_dev_get_saddr, after RFC 6724), net/ipv4/fib_frontend.c (fib_validate_source).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_network
from typing import TYPE_CHECKING

from netc.reach.entry import Entry, EntryType
from netc.reach.rules import Flow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from netc.reach.net import Net
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey

#: RFC 6724's policy table as the kernel has it (net/ipv6/addrlabel.c), the longest prefix first.
_LABELS = tuple(
    (ip_network(prefix), label)
    for prefix, label in (
        ("::1/128", 0),
        ("::ffff:0:0/96", 4),
        ("::/96", 3),
        ("2001::/32", 6),
        ("2001:10::/28", 7),
        ("3ffe::/16", 12),
        ("2002::/16", 2),
        ("fec0::/10", 11),
        ("fc00::/7", 5),
        ("::/0", 1),
    )
)


def select_source(net: Net, netns: NetnsKey, target: IPAddress, entry: Entry) -> IPAddress | None:
    """Return the address that a namespace sends from to `target` by `entry`; None where it has none."""
    if entry.type is EntryType.LOCAL:
        return entry.source or target
    if entry.route is not None and entry.source is not None:
        return entry.source
    if entry.device is None:
        return None
    if target.version == 6:
        return select6(net, netns, target, entry.device)
    return entry.source or select4(net, entry.device, entry.gateway)


def select4(net: Net, device: DeviceKey, near: IPAddress | None) -> IPAddress | None:
    """Return the IPv4 address that a device sends from: one whose subnet holds `near`, else its first one.

    A device without one borrows the first of its VRF's own device, then of the others that are in the same VRF or in
    none as it is.
    """
    own = net.primaries(device)
    for address in own:
        if near is None or near in address.interface.network:
            return address.ip
    if own:
        return own[0].ip
    table, vrf = net.table(device), net.vrf_at(device)
    for other in (*(() if vrf is None else (vrf,)), *net.devices(device.netns)):
        if net.table(other) == table and net.primaries(other):
            return net.primaries(other)[0].ip
    return None


def select6(net: Net, netns: NetnsKey, target: IPAddress, device: DeviceKey | None) -> IPAddress | None:
    """Return the IPv6 address that a namespace sends from to `target` by a device, or where no route says which."""
    best: tuple[tuple[int, ...], IPAddress] | None = None
    table = None if device is None else net.table(device)
    for other in net.devices(netns):
        if target.is_link_local and device not in {None, other}:
            continue
        if net.table(other) != table:
            continue
        for ip, length in _candidates(net, other):
            score = _score(ip, length, target, other == device)
            if best is None or score > best[0]:
                best = score, ip
    return None if best is None else best[1]


def by_chance(net: Net, target: IPAddress, entry: Entry | None, chosen: IPAddress | None) -> str:
    """Return why an IPv6 address, the best to send from by a route, may not be the chosen one; "" where it is.

    ipv6_dev_get_saddr looks at a member of a VRF and at the VRF's device first. Where these have one address together,
    it has compared no scopes, and asks a variable that nothing has set whether to look at the other members: of kernel
    6.1 one build takes the one address, another the best of all.
    """
    if entry is None or entry.type is not EntryType.UNICAST or entry.device is None or entry.source is not None:
        return ""
    device, vrf = entry.device, net.vrf_of(entry.device)
    if vrf is None or target.version == 4 or target.is_link_local:
        return ""
    found = [ip for place in (device, vrf) for ip, _ in _candidates(net, place)]
    if len(found) != 1 or found[0] == chosen:
        return ""
    return f"the kernel may take the one address of {device.label}, or that of another member of {vrf.label}"


def _candidates(net: Net, device: DeviceKey) -> Iterator[tuple[IPAddress, int]]:
    """Yield the IPv6 addresses of a device with their prefix lengths, also the one that it makes itself."""
    for address in reversed(net.addresses(device, 6)):  # the kernel keeps the latest first
        yield address.ip, address.interface.network.prefixlen
    made = net.link_local(device)
    if made is not None:
        yield made, 64


def _score(ip: IPAddress, length: int, target: IPAddress, outgoing: bool) -> tuple[int, ...]:
    """Return the rank of a candidate, by the rules of RFC 6724 that can differ in a lab, in their order."""
    scope, wanted = _scope(ip), _scope(target)
    appropriate = (1, -scope) if scope >= wanted else (0, scope)
    return (
        int(ip == target),
        *appropriate,
        int(outgoing),
        int(_label(ip) == _label(target)),
        min(_common_bits(ip, target), length),
    )


def _scope(ip: IPAddress) -> int:
    return 1 if ip.is_loopback else 2 if ip.is_link_local else 14


def _label(ip: IPAddress) -> int:
    return next(label for prefix, label in _LABELS if ip in prefix)


def _common_bits(one: IPAddress, two: IPAddress) -> int:
    return 128 - (int(one) ^ int(two)).bit_length()


class Refusal(Enum):
    """Why the source of a packet is refused."""

    OWN = "it is an address of the namespace itself"
    NO_WAY_BACK = "the namespace has no route to it"
    OTHER_DEVICE = "the route to it leaves by another device"
    NO_ADDRESS = "the route to it leaves by another device, and the one that it came in by has no IPv4 address"
    NOT_UNICAST = "no unicast route leads to it"
    LINK_LOCAL = "it is link-local, and what comes from there is not forwarded"
    UNKNOWN = "a policy rule decides about it"


#: What a look-up fails by: a route that says so, or the verdict of a rule.
_NO_WAY = {EntryType.BLACKHOLE, EntryType.UNREACHABLE, EntryType.PROHIBIT, EntryType.NO_ROUTE}


@dataclass(frozen=True, slots=True)
class Refused:
    """A source that is refused at a device; `filter` is the rp_filter that holds there, `entry` the way back."""

    why: Refusal
    filter: int
    entry: Entry | None = None


def refused(
    net: Net,
    entered: DeviceKey,
    source: IPAddress,
    target: IPAddress,
    leaving: DeviceKey | None,
    opened: bool = False,
) -> Refused | None:
    """Return why an IPv4 packet from `source` is not taken at the device `entered`; None where it is.

    `leaving` is the device that it is to be forwarded by, None where it is for the namespace itself. This is
    __fib_validate_source, with what fib_validate_source decides before: there is no rp_filter for what IPsec has
    `opened` here.
    """
    level = 0 if opened else net.switches.larger(entered, "rp_filter")
    fib = net.fibs[entered.netns]
    redirects = leaving == entered
    if not level and not fib.rules[4] and not redirects:
        own = net.has_address(entered.netns, source) and not net.switches.larger(entered, "accept_local")
        return Refused(Refusal.OWN, level) if own else None
    accept_local = bool(net.switches.larger(entered, "accept_local"))
    entry = fib.lookup(Flow(source, target, leaving, net.table(entered)))
    if entry is None or entry.type in _NO_WAY:
        return Refused(Refusal.NO_WAY_BACK, level, entry) if level else None
    if entry.type is EntryType.UNKNOWN:
        return Refused(Refusal.UNKNOWN, level, entry)
    if entry.type is not EntryType.UNICAST and not (entry.type is EntryType.LOCAL and accept_local):
        why = Refusal.OWN if entry.type is EntryType.LOCAL else Refusal.NOT_UNICAST
        return Refused(why, level, entry)
    if (
        not level
        or any(way.device == entered for way in entry.ways)
        or (entry.type is EntryType.LOCAL and entered.name == "lo")
    ):
        return None
    if not net.addresses(entered, 4):
        return Refused(Refusal.NO_ADDRESS, level, entry)
    return Refused(Refusal.OTHER_DEVICE, level, entry) if level == 1 else None
