"""What the sender of a ping sees of its failure: an error of its own kernel, an ICMP error from the way, or nothing.

Sources: kernel net/ipv4/route.c (ip_error: what a route says no to, and ipv4_link_failure: an unanswered ARP request),
net/ipv4/ip_forward.c, net/ipv4/icmp.c (icmp_send: from whom and to whom), net/ipv6/route.c (ip6_pkt_drop,
ip6_link_failure), net/ipv6/ip6_output.c (ip6_forward), net/ipv6/icmp.c (icmp6_send).
"""

from __future__ import annotations

from netc.kinds import kinds
from netc.kinds.guarded import Guarded
from netc.parts import table
from netc.parts.table import Chain, Filter
from netc.reach.entry import EntryType
from netc.reach.hooks import tables
from netc.reach.hop import Stop, Walk
from netc.reach.ipsec import Held
from netc.reach.net import Net
from netc.reach.pings import Ping
from netc.reach.source import Refusal
from netc.reach.walk import walk
from netc.topology.model import DeviceKey, NetnsKey

_SILENT = frozenset({"silent"})
_LOCAL4 = {EntryType.BLACKHOLE: "EINVAL", EntryType.UNREACHABLE: "EHOSTUNREACH", EntryType.PROHIBIT: "EACCES"}
_UNANSWERED = {Stop.NO_NEIGHBOUR, Stop.NO_PROXY_ROUTE, Stop.NO_PROXY_FORWARD}
_ERRORS = {Stop.NO_ROUTE: "icmp net", Stop.LOOP: "icmp ttl", Stop.LOST: "icmp host"} | dict.fromkeys(
    _UNANSWERED, "icmp host"
)
#: Where an ICMP error ends that does not come back; by neighbours it may: the ping has taught some.
_ENDS = {Stop.NO_ROUTE, Stop.NO_FORWARD, Stop.REFUSED, Stop.BLACKHOLED, Stop.LOOP, Stop.DELIVERED}


def accepted(net: Net, found: Ping) -> frozenset[str] | None:
    """Return what the kernel may do for the model to be right; None where the model does not say."""
    if found.unknown:
        return None
    if found.answered:
        return frozenset({f"reply {found.ttl}"})
    if len(found.ways) > 1:
        return frozenset().union(*(accepted(net, way) or () for way in found.ways))
    walk = found.there
    rejected = "icmp 3/3" if walk.target.version == 4 else "icmp 1/4"
    if walk.stop is Stop.DELIVERED:
        return _SILENT if len(walk.hops) > 1 else _SILENT | {rejected}
    if walk.stop is Stop.FILTERED and walk.rule is not None:
        return _dropped(walk, walk.rule, rejected)
    if walk.stop is Stop.HELD and walk.held is not None:
        return _held(net, walk, walk.held)
    if walk.stop is Stop.NO_SOURCE:
        return frozenset({"error EADDRNOTAVAIL"}) if walk.target.version == 6 else frozenset({"silent", "icmp host"})
    local = _own_error(walk)
    return frozenset({local}) if local else _from_afar(net, walk)


def _dropped(walk: Walk, rule: Filter, rejected: str) -> frozenset[str]:
    if walk.hops[-1].answer is not None:  # neighbour discovery
        return frozenset({"silent", "icmp host"})
    if len(walk.hops) == 1 and rule.chain is Chain.OUTPUT:
        return frozenset({"error EPERM"})
    return _SILENT | {rejected} if rule.verdict is table.Verdict.REJECT else _SILENT


def _held(net: Net, walk: Walk, held: Held) -> frozenset[str]:
    """Return what IPsec says: a block to its own program, a device without a state as a link that fails (ip_vti.c)."""
    entry = walk.hops[-1].entry
    if held.told and len(walk.hops) == 1:
        return frozenset({"error EPERM"})
    guarded = entry is not None and entry.device is not None and _is_guarded(net, entry.device)
    return _SILENT | {"icmp host"} if guarded else _SILENT


def _is_guarded(net: Net, device: DeviceKey) -> bool:
    return isinstance(kinds()[net.topology.devices[device].kind], Guarded)


def _own_error(walk: Walk) -> str:
    """Return the error by which the sender's own kernel refuses a packet, or ""."""
    entry = walk.hops[-1].entry
    if len(walk.hops) > 1:
        return ""
    if walk.stop is Stop.NO_ROUTE:  # what IPv6 has by lo takes the packet, and sends the error after it
        return "" if entry is not None and entry.device is not None else "error ENETUNREACH"
    return f"error {_LOCAL4[entry.type]}" if walk.stop is Stop.BLACKHOLED and entry is not None else ""


def _from_afar(net: Net, walk: Walk) -> frozenset[str]:
    """Return what comes back from where a packet ends."""
    error = _ERRORS.get(walk.stop) or _said_no(walk) or _beyond_scope(walk)
    if error is None:
        return _SILENT
    either = _SILENT | {error}
    answer = walk.hops[-1].answer
    if answer is not None and answer.by is not None:  # the error is the parent's namespace's (ipvlan_core.c)
        return either | {"error ENETUNREACH"} if walk.target.version == 6 else either
    if walk.stop is Stop.LOST:
        return either | _unsent(walk)
    if tables(net.topology) or net.ipsec.netnses:  # which may drop an error
        return either
    comes = {_comes_back(net, walk, place) for place in _enders(walk)}
    if comes == {False}:
        return _SILENT
    # What a route of IPv4 says no to is told five times at once, then once a second (ip_error, error_burst).
    rationed = walk.target.version == 4 and walk.stop not in {*_UNANSWERED, Stop.LOOP}
    return frozenset({error}) if comes == {True} and not rationed else either


def _unsent(walk: Walk) -> frozenset[str]:
    """Return the errors of a tunnel that has no peer for a packet (drivers/net/wireguard/device.c, wg_xmit)."""
    answer = walk.hops[-1].answer
    unsent = answer is not None and answer.trip is not None and answer.trip.wrapping is None
    return frozenset({"error ENOKEY", "error EDESTADDRREQ"} if unsent and len(walk.hops) == 1 else ())


def _said_no(walk: Walk) -> str | None:
    """Return the error for a route that says no; a black hole says nothing."""
    entry = walk.hops[-1].entry
    if walk.stop is not Stop.BLACKHOLED or entry is None:
        return None
    unreachable = "icmp host" if walk.target.version == 4 else "icmp net"
    return {EntryType.UNREACHABLE: unreachable, EntryType.PROHIBIT: "icmp prohibited"}.get(entry.type)


def _beyond_scope(walk: Walk) -> str | None:
    """Return the error for what is not forwarded, since it comes from a link-local address."""
    return "icmp 1/2" if walk.refusal is not None and walk.refusal.why is Refusal.LINK_LOCAL else None


def _enders(walk: Walk) -> set[NetnsKey]:
    """Return the namespaces that may be the one which drops a packet: of a loop it is any."""
    if walk.stop is not Stop.LOOP:
        return {walk.where}
    places = [(hop.netns, hop.entered) for hop in walk.hops]
    return {netns for netns, _ in places[places.index(places[-1]) :]}


def _comes_back(net: Net, failed: Walk, place: NetnsKey) -> bool | None:
    """Whether an ICMP error of a namespace gets to the sender of the packet; None where that is not certain."""
    sender = failed.hops[0].netns
    if failed.source is None or (failed.source.version == 6 and failed.source.is_link_local):
        return None
    # A rule may have nothing against the route back, and something against the error's own source (icmpv6_xrlim_allow).
    ruled = any("from" in rule.selector for rule in net.rules_of(place))
    if ruled or any(net.table(device) is not None for device in net.devices(place)):
        return None
    if place == sender:
        return True
    back = walk(net, place, failed.source)
    if back.stop is Stop.DELIVERED and back.where == sender:
        return True
    return False if back.stop in _ENDS else None
