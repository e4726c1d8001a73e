"""Why a namespace's routes, its switches and what it takes for a source end a packet's walk there.

Sources: kernel net/ipv4/route.c (ip_route_output_key_hash_rcu, ip_route_input_slow), net/ipv6/route.c,
net/ipv6/ip6_output.c (ip6_forward).
"""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from netc.reach import link_local
from netc.reach.entry import EntryType
from netc.reach.hooks import tables
from netc.reach.hop import Ending, Stop, named
from netc.reach.limits import deciders
from netc.reach.match import Kind
from netc.reach.neighbour import is_unsettled
from netc.reach.source import Refusal, Refused, refused
from netc.topology.model import DeviceKey

if TYPE_CHECKING:
    from netc.reach.conntrack import Packet
    from netc.reach.hop import Hop
    from netc.reach.net import Net
    from netc.reach.rules import Flow
    from netc.topology.model import IPAddress

_DROPS = {EntryType.BLACKHOLE, EntryType.UNREACHABLE, EntryType.PROHIBIT}


def ending_at(net: Net, hop: Hop, flow: Flow, packet: Packet) -> Ending | None:
    """Return why the walk ends in a namespace, or None where the packet goes on."""
    if (why := deciders(net.topology).get(hop.netns)) is not None:
        return Ending(Stop.UNKNOWN, why=why)
    sent = hop.entered is None or net.is_vrf(hop.entered)
    found = _sent(net, hop, flow, packet) if sent else _received(net, hop, flow, packet)
    if found is None or found.stop is Stop.DELIVERED or found.stop is Stop.UNKNOWN:
        return found
    if is_unsettled(net, hop.netns):
        return Ending(Stop.UNKNOWN, why=f"{hop.netns.label} runs a program that may change routes")
    return found


def _sent(net: Net, hop: Hop, flow: Flow, packet: Packet) -> Ending | None:
    entry, source = hop.entry, packet.source
    if flow.target.is_unspecified:
        return Ending(Stop.UNKNOWN, why=f"{flow.target} is nobody's address")
    if hop.entered is None and packet.kind is Kind.REPLY and source is not None and not _answers_from(net, hop, source):
        return Ending(Stop.NO_SOURCE)
    if entry is not None and entry.ends:
        if hop.entered is None or entry.device is None or net.table(entry.device) == flow.table:
            return Ending(Stop.DELIVERED)
        return Ending(Stop.UNKNOWN, why=f"{hop.entered.label} sends to {flow.target}, which is in no VRF or in another")
    ending = _no_way(net, hop, flow)
    if ending is None and source is None:
        if hop.netns in tables(net.topology):  # which sees 0.0.0.0, and may give the packet an address
            return Ending(Stop.UNKNOWN, why=f"{hop.netns.label} has no address to send from, and a table")
        if entry is not None and entry.is_taken and net.has_address(hop.netns, flow.target):
            vrf = f"{hop.netns.label} answers itself from {flow.target}, which is in a VRF"
            return Ending(Stop.UNKNOWN, why=vrf)
        return Ending(Stop.NO_SOURCE)
    if ending is None and entry is not None and (why := link_local.unknown(net, entry.device, source)):
        return Ending(Stop.UNKNOWN, why=why)
    if ending is None and hop.entered is None and entry is not None and entry.is_taken:
        return Ending(Stop.DELIVERED)
    if ending is None and (odd := next((ip for ip in (source, flow.target) if _is_odd(ip)), None)) is not None:
        return Ending(Stop.UNKNOWN, why=f"{odd} is no address for packets on a link")
    return ending


def _is_odd(ip: IPAddress | None) -> bool:
    """Whether packets from or for an address may be dropped for its sake (ip_route_input_slow, ip6_rcv_core)."""
    return ip is not None and (ip.is_loopback or (isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None))


def _answers_from(net: Net, hop: Hop, source: IPAddress) -> bool:
    """Whether a namespace can send a reply from an address: IPv4 looks for it once more (ip_route_output_key_hash_rcu).

    It has not what it takes by a route by lo.
    """
    return source.version == 6 or net.owns(DeviceKey(hop.netns, "lo"), source)


def _received(net: Net, hop: Hop, flow: Flow, packet: Packet) -> Ending | None:
    entry, entered, family, source = hop.entry, hop.entered, flow.target.version, packet.source
    assert entered is not None
    if entered.name == "lo" and entry is not None and entry.is_taken:
        return Ending(Stop.LOOP)
    checks_source, opened = family == 4 and source is not None, bool(packet.path)
    if entry is not None and entry.ends:
        refusal = refused(net, entered, source, flow.target, None, opened) if checks_source and source else None
        return _refused(refusal) or Ending(Stop.DELIVERED)
    if entry is not None and entry.type is EntryType.UNKNOWN:
        return _no_way(net, hop, flow)
    # IPv4 asks first whether it forwards, IPv6 only of a packet that a route leads on.
    ending = _no_way(net, hop, flow)
    if (family == 4 or ending is None) and not net.switches.forwards(entered, family):
        return Ending(Stop.NO_FORWARD)
    if ending is not None:
        return ending
    assert entry is not None
    if not checks_source or source is None:
        return _refused(link_local.refused(source))
    return _refused(refused(net, entered, source, flow.target, entry.device, opened))


def _refused(refusal: Refused | None) -> Ending | None:
    if refusal is None:
        return None
    if refusal.why is Refusal.UNKNOWN:
        return Ending(Stop.UNKNOWN, why="a policy rule decides about the source")
    return Ending(Stop.REFUSED, refusal)


def _no_way(net: Net, hop: Hop, flow: Flow) -> Ending | None:
    """Return why the routes of a namespace end a walk there, or None where they lead on."""
    entry, netns = hop.entry, hop.netns
    if entry is None or entry.type is EntryType.NO_ROUTE:
        # The host's own routes are not in the lab; they matter only where they can lead back into it.
        if netns.is_root and netns.machine in net.attached:
            return Ending(Stop.UNKNOWN, why=f"{netns.label} may have routes that the lab does not declare")
        return Ending(Stop.NO_ROUTE)
    if entry.type is EntryType.UNKNOWN:
        return Ending(Stop.UNKNOWN, why=f"a policy rule of {netns.label} decides about {named(flow.target)}")
    if entry.type is EntryType.BROADCAST:
        return Ending(Stop.UNKNOWN, why=f"{flow.target} is a broadcast address of {netns.label}")
    if entry.type in _DROPS:
        return Ending(Stop.BLACKHOLED)
    if not entry.is_plain:
        return Ending(Stop.UNKNOWN, why=f"{netns.label} has {entry.oddity}")
    if entry.device is None:
        return Ending(Stop.UNKNOWN, why=f"the kernel would refuse the gateway {entry.gateway} of {netns.label}")
    return None
