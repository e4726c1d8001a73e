"""What a walk is told as: hop by hop for `netc trace`, as a path and a reason for findings and for `netc reach`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.overlay import Overlay
from netc.parts.table import Verdict
from netc.reach.advice import missing_route
from netc.reach.entry import Entry, EntryType
from netc.reach.hop import Hop, Stop, Walk, named
from netc.reach.journeys import lines as journey_lines
from netc.reach.journeys import lost, trips_of
from netc.reach.match import Kind, State
from netc.reach.neighbour import GIVEN, Answer, Reply
from netc.reach.said import Said, said_at
from netc.reach.source import Refusal, Refused
from netc.reach.switches import option_for
from netc.reach.wire import mtu_of

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.reach.pings import Ping
    from netc.reach.trip import Trip
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey, Origin


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a walk ends where it does, what to write instead, and the statement at fault where there is one.

    `setting` is where the lab sets the kernel parameter that decides, if it does.
    """

    text: str
    help: str
    origin: Origin | None = None
    setting: Said | None = None


def path(walk: Walk) -> str:
    """Return the namespaces that a walk comes through."""
    return " -> ".join(hop.netns.label for hop in walk.hops)


def place(netns: NetnsKey) -> str:
    """Return where in a lab a statement of a namespace goes."""
    return "at the top level of the file" if netns.is_root else f"to {netns.label}"


def reason(net: Net, walk: Walk, *, back: bool = False) -> Reason:
    """Return why a walk does not arrive; `back` is whether it is a reply's."""
    hop, where = walk.hops[-1], walk.where.label
    match walk.stop:
        case Stop.DELIVERED:
            return Reason(f"it arrives at {where}", "")
        case Stop.UNKNOWN:
            return Reason(walk.why, "say `netc trace` for the way as far as it is known")
        case Stop.NO_ROUTE:
            word = "back to" if back else "to"
            help = f"add `{missing_route(net, walk.where, walk.came_to)}` {place(walk.where)}"
            return Reason(f"{where} has no route {word} {walk.came_to}", help)
        case Stop.NO_SOURCE:
            return _no_source(walk, hop)
        case Stop.BLACKHOLED:
            return _blackholed(walk, hop)
        case Stop.NO_FORWARD:
            family = walk.target.version
            return Reason(f"{where} does not forward IPv{family}", f"add `forward ipv{family}` {place(walk.where)}")
        case Stop.REFUSED:
            return _refused(net, walk, hop)
        case Stop.LOOP:
            return _loop(walk)
        case Stop.LOST:
            return _lost(net, hop)
        case Stop.FILTERED:
            return _filtered(walk, back)
        case Stop.HELD:
            assert walk.held is not None
            return Reason(walk.held.text, walk.held.help, walk.held.origin)
        case _:
            return _unanswered(net, walk, hop)


def _no_source(walk: Walk, hop: Hop) -> Reason:
    where, family = walk.where.label, walk.target.version
    if walk.source is not None:
        text = f"{where} takes it, and does not have {walk.source} to answer from"
        return Reason(text, f"remove the route by lo from {where}")
    device = "the device" if hop.entry is None or hop.entry.device is None else hop.entry.device.label
    return Reason(f"{where} has no IPv{family} address to send from", f"give {device} an IPv{family} address")


def _blackholed(walk: Walk, hop: Hop) -> Reason:
    entry, where = hop.entry, walk.where.label
    assert entry is not None
    if entry.route is None:
        return Reason(f"a policy rule of {where} drops packets for {walk.came_to}", "change the rule")
    text = f"{where} drops packets for {walk.came_to}: `{_route_text(entry)}`"
    help = f"add a route to a longer prefix that holds {walk.came_to} {place(walk.where)}, or remove this one"
    return Reason(text, help, entry.route.origin)


def _refused(net: Net, walk: Walk, hop: Hop) -> Reason:
    refusal, entered = walk.refusal, hop.entered
    assert refusal is not None
    assert entered is not None
    source = named(walk.came_from)
    text = f"{walk.where.label} does not take packets from {source} at {entered.name}"
    return _source_refused(net, entered, refusal, text, source)


def _source_refused(net: Net, entered: DeviceKey, refusal: Refused, where: str, source: str) -> Reason:
    """Return why a source is refused at a device; `where` begins the text, `source` is the address or who has it."""
    if refusal.why is Refusal.OWN:
        return Reason(f"{where}: it has that address itself", "give each namespace addresses of its own")
    if refusal.why is Refusal.LINK_LOCAL:
        text = f"{where}: it is link-local, and what comes from such an address is not forwarded"
        return Reason(text, "give the sender an IPv6 address of its own")
    setting = said_at(net.topology, entered, "rp_filter", refusal.filter)
    if refusal.why in {Refusal.OTHER_DEVICE, Refusal.NO_ADDRESS}:
        other = "another device" if refusal.entry is None or refusal.entry.device is None else refusal.entry.device.name
        text = f"{where}: rp_filter is {refusal.filter} there, and its own route to {source} leaves by {other}"
        instead = f"give {entered.netns.label} a route to {source} by {entered.name}"
        # The larger of the device's and that of `all` holds: a 2 at the device is enough, a 0 is not.
        off = f"write `rp-filter 2` at {entered.name}"
        if refusal.why is Refusal.NO_ADDRESS:
            all_off = f"`sysctl net.ipv4.conf.all.rp_filter = 0` {place(entered.netns)}"
            off = f"write `rp-filter 0` at {entered.name} and add {all_off}"
        return Reason(text, f"{off}, or {instead}", setting=setting)
    text = f"{where}: rp_filter is {refusal.filter} there, and no route leads back to {source}"
    return Reason(text, f"add a route to {source} {place(entered.netns)}", setting=setting)


def _loop(walk: Walk) -> Reason:
    last = walk.hops[-1]
    first = next(i for i, hop in enumerate(walk.hops) if (hop.netns, hop.entered) == (last.netns, last.entered))
    circle = " -> ".join(hop.netns.label for hop in walk.hops[first:])
    culprit = next((h.entry for h in walk.hops[first:] if h.entry is not None and h.entry.route is not None), None)
    origin = None if culprit is None or culprit.route is None else culprit.route.origin
    return Reason(
        f"packets for {walk.came_to} go round: {circle}",
        f"give one of these a route to {walk.came_to} that leads out of the circle",
        origin,
    )


def _lost(net: Net, hop: Hop) -> Reason:
    """Return why a packet that nobody need be asked for does not get to the next hop."""
    answer, entry = hop.answer, hop.entry
    assert answer is not None
    assert entry is not None
    assert entry.device is not None
    origin = None if entry.route is None else entry.route.origin
    if answer.narrow is not None:
        mtu = mtu_of(net.topology, answer.narrow)
        text = f"a ping is larger than what {answer.narrow.label} takes, which has an MTU of {mtu}"
        return Reason(text, "give all devices of a link one MTU", origin)
    trip = answer.trip or lost(net, entry.device, answer.device)
    if trip is not None:
        text, help = _trip_text(net, trip)
        return Reason(text, help, origin)
    assert answer.device is not None
    text = f"what {entry.device.label} sends to the MAC address of {answer.device.label} does not get there"
    return Reason(text, f"let frames pass from {entry.device.label} to {answer.device.label}", origin)


def _trip_text(net: Net, trip: Trip) -> tuple[str, str]:
    """Return why a tunnel's outer packet comes to nothing, and what to write instead."""
    tunnel, wrapping = trip.sender, trip.wrapping
    if trip.answer is not None:
        text, help = _trip_text(net, trip.answer)
        return f"{tunnel} hears nothing of its far end: {text}", help
    if wrapping is None and trip.why:
        return trip.why, _advice(net, trip.tunnel)
    if wrapping is None:
        return f"{tunnel} has nowhere to send it to, or no address to send it from", _advice(net, trip.tunnel)
    outer = f"the outer packet of {tunnel} to {wrapping.target}"
    if trip.walk is None or trip.why:
        return f"{outer} comes to nothing: {trip.why}", "let both ends of the tunnel say the same of it"
    told = reason(net, trip.walk)
    return f"{outer} comes to nothing: {told.text}", told.help


def _advice(net: Net, tunnel: DeviceKey) -> str:
    device = net.topology.devices[tunnel]
    kind = kinds()[device.kind]
    assert isinstance(kind, Overlay)
    return kind.advice(device)


def _filtered(walk: Walk, back: bool) -> Reason:
    """Return which rule drops a packet, and one that would let it pass."""
    rule, packet, hop = walk.rule, walk.packet, walk.hops[-1]
    assert rule is not None
    assert packet is not None
    where, verb = rule.netns.label, "rejects" if rule.verdict is Verdict.REJECT else "drops"
    said = f"`{rule.origin.title}`, {rule.origin.span.place}"
    protocol = "icmp" if walk.target.version == 4 else "icmpv6"
    if hop.answer is not None:
        text = f"{where} {verb} the neighbour discovery of {hop.next_hop}: {said}"
        return Reason(text, f"write `filter {rule.chain} accept icmpv6` before it", rule.origin)
    ends = f"saddr {packet.source} daddr {packet.target}"
    if packet.kind is Kind.OTHER:
        what, instead = "packet", ends
    else:
        what = "reply" if back else "request"
        instead = "established" if packet.state is State.ESTABLISHED else f"{ends} {protocol}"
    text = f"{where} {verb} the {what} to {packet.target}: {said}"
    return Reason(text, f"write `filter {rule.chain} accept {instead}` before it", rule.origin)


def _unanswered(net: Net, walk: Walk, hop: Hop) -> Reason:
    answer, entry = hop.answer, hop.entry
    assert answer is not None
    assert entry is not None
    assert entry.device is not None
    question = "ARP request" if walk.target.version == 4 else "neighbour solicitation"
    text = f"the {question} of {entry.device.label} for {hop.next_hop} is not answered"
    origin = None if entry.route is None else entry.route.origin
    door = answer.device
    if answer.reply is Reply.NO_QUESTION:
        return Reason(f"{entry.device.label} has no IPv6 address to ask for {hop.next_hop} from", "give it one", origin)
    if door is None:
        return _nobody(net, hop, text, origin)
    there = door.netns.label
    if answer.reply is Reply.NO_PROXY_ROUTE:
        why = f"{there} has no route to it by another device than {door.name}"
        return Reason(f"{text}: {why}", f"add `route {hop.next_hop} dev lo` {place(door.netns)}", origin)
    if answer.reply is Reply.NO_PROXY_FORWARD:
        help = f"add `forward ipv{walk.target.version}` {place(door.netns)}"
        return Reason(f"{text}: {door.label} does not forward", help, origin)
    if answer.reply is Reply.SILENT:
        return _silent(net, hop, door, answer.why)
    assert answer.refusal is not None
    refused = f"{text}: {there} does not take requests from the address that asks at {door.name}"
    return _source_refused(net, door, answer.refusal, refused, "that address")


def _nobody(net: Net, hop: Hop, text: str, origin: Origin | None) -> Reason:
    """Return why nobody answers: nobody has the address, or it is where the request does not get to."""
    assert hop.next_hop is not None
    holder = next((d for d in net.holders.get(hop.next_hop, ()) if d.netns != hop.netns), None)
    if holder is None:
        help = f"give {hop.next_hop} to a device on this link, or use an address that one has"
        return Reason(text, help, origin)
    asking = None if hop.entry is None else hop.entry.device
    trip = asking and (lost(net, asking, None) or lost(net, holder.key, asking))
    if trip:
        why, help = _trip_text(net, trip)
        return Reason(f"{text}: {why}", help, origin)
    there = f"{holder.key.label}, which has it, does not hear the request"
    help = f"let the request reach {holder.key.label}, or go by a gateway that answers on this link"
    if hop.entry is not None and hop.entry.device is not None and net.home[hop.entry.device] != net.home[holder.key]:
        help += ", or let a router on it answer as a proxy"
    return Reason(f"{text}: {there}", help, origin)


def _silent(net: Net, hop: Hop, door: DeviceKey, name: str) -> Reason:
    """Return why a device keeps silent about an address of its namespace, by one of ARP's parameters."""
    assert hop.next_hop is not None
    assert hop.entry is not None
    value = net.switches.larger(door, name) if name == "arp_ignore" else 1
    setting = said_at(net.topology, door, name, value)
    help = f"switch {name} off at {door.label}" if setting is None else f"leave out {setting.words}"
    known = _answered_at(net, hop, door) if (name, value) == ("arp_ignore", 1) else None
    if known is not None and hop.entry.gateway is None:
        help += f", or go by an address that is on {door.label}: `route {hop.next_hop} via {known}`"
    text = f"{door.label} does not answer ARP for {hop.next_hop}: `{option_for(name)}` is on there"
    origin = hop.entry.route.origin if setting is None and hop.entry.route is not None else None
    return Reason(text, help, origin, setting)


def _answered_at(net: Net, hop: Hop, door: DeviceKey) -> IPAddress | None:
    """Return an address of a device that is in a subnet of the one that asks."""
    assert hop.entry is not None
    assert hop.entry.device is not None
    subnets = [address.interface.network for address in net.addresses(hop.entry.device, 4)]
    return next((a.ip for a in net.addresses(door, 4) if any(a.ip in subnet for subnet in subnets)), None)


def lines(net: Net, ping: Ping) -> Iterator[str]:
    """Yield a ping as `netc trace` shows it."""
    there = ping.there
    yield f"{there.hops[0].netns.label} -> {there.target}" + (f", from {named(there.source)}" if there.source else "")
    yield "request"
    yield from _hops(net, there)
    if ping.back is not None:
        yield "reply"
        yield from _hops(net, ping.back)
    if len(ping.ways) > 1 and not ping.unknown:
        yield f"each of the {len(ping.ways)} ways by other next hops comes to the same"
    yield verdict(net, ping)


def verdict(net: Net, ping: Ping) -> str:
    """Return what becomes of a ping, in a line."""
    if ping.answered:
        return f"answered, ttl {ping.ttl}"
    last = ping.last
    if last.stop is Stop.DELIVERED and ping.back is not None:
        return f"not answered: the reply goes to {last.where.label}, which {_has(last, last.hops[-1], other=True)}"
    told = reason(net, last, back=ping.back is not None)
    if ping.unknown:
        return f"unknown: {told.text}"
    hint = f" ({told.help})" if told.help else ""
    return f"not answered: {told.text}{hint}"


def _hops(net: Net, walk: Walk) -> Iterator[str]:
    for number, hop in enumerate(walk.hops, 1):
        entered = "" if hop.entered is None else f" in {hop.entered.name}"
        parts = [f"  {number}  {hop.netns.label}{entered}", f"ttl {hop.ttl}"]
        last = number == len(walk.hops)
        if hop.entry is not None and (not last or hop.answer is not None or walk.stop is Stop.BLACKHOLED):
            parts.append(_route_text(hop.entry))
        if hop.answer is not None and hop.entry is not None and hop.entry.device is not None:
            parts.append(f"{hop.entry.device.name} mtu {mtu_of(net.topology, hop.entry.device)}")
            if hop.answer.trip is not None:
                parts.append("a tunnel of IPsec" if hop.answer.trip.states else "a tunnel")
            elif net.is_vrf(hop.entry.device):
                parts.append("a VRF")
            else:
                parts.append(f"{named(hop.next_hop)} {_answered_by(net, hop.next_hop, hop.answer)}")
        if last and walk.stop is Stop.DELIVERED:
            parts.append(_has(walk, hop))
        yield ": ".join(parts[:1]) + ": " + ", ".join(parts[1:])
        for state in hop.layers:
            yield f"       in {state.protocol.upper()}: `{state.origin.title}`, {state.origin.span.place}"
        for change in hop.changes:
            by = "as the request was" if change.rule is None else f"`{change.rule.origin.title}`"
            where = "" if change.rule is None else f", {change.rule.origin.span.place}"
            yield f"       {change.what} {change.before} becomes {change.after}: {by}{where}"
        if last and walk.rule is not None:
            yield f"       dropped: `{walk.rule.origin.title}`, {walk.rule.origin.span.place}"
        for trip in trips_of(net, hop):
            yield from journey_lines(net, trip)


def _has(walk: Walk, hop: Hop, *, other: bool = False) -> str:
    """Return why a namespace takes a packet; `other` is whether another is meant."""
    if hop.entered is None and hop.entry is not None and hop.entry.is_taken:
        return f"takes it itself, by {_route_text(hop.entry)}"
    anycast = hop.entry is not None and hop.entry.type is EntryType.ANYCAST
    return f"has {named(walk.came_to)}" + (
        ", as every router of the subnet" if anycast else " as well" if other else ""
    )


def _answered_by(net: Net, ip: IPAddress | None, answer: Answer) -> str:
    """Return who has answered for a next hop, whether or not the packet itself gets there then."""
    if answer.reply in {*GIVEN, Reply.TOO_LARGE} and answer.device is not None:
        role = "router" if ip is not None and answer.device in net.anycast.get(ip, ()) else "proxy"
        return f"answered by {answer.device.label}" + (f" as a {role}" if answer.proxied else "")
    return "answered by somebody, perhaps" if answer.reply is Reply.UNKNOWN else "answered by nobody"


def _route_text(entry: Entry) -> str:
    """Return an entry in iproute2's words."""
    prefix = "default" if entry.prefix.prefixlen == 0 else str(entry.prefix)
    words = [] if entry.type is EntryType.UNICAST else [str(entry.type)]
    words.append(prefix)
    if entry.gateway is not None:
        words += ["via", str(entry.gateway)]
    if entry.device is not None:
        words += ["dev", entry.device.name]
    if entry.route is not None and entry.route.metric:
        words += ["metric", str(entry.route.metric)]
    return " ".join(words)
