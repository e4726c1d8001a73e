"""What a walk is told as: hop by hop for `netc trace`, as a path and a reason for findings and for `netc reach`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netc.reach.advice import missing_route
from netc.reach.fib import Entry, EntryType
from netc.reach.neighbour import Reply
from netc.reach.source import Refusal
from netc.reach.walk import Hop, Stop, Walk
from netc.reach.wire import mtu_of

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.reach.pings import Ping
    from netc.topology.model import NetnsKey, Origin


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a walk ends where it does, what to write instead, and the statement at fault where there is one."""

    text: str
    help: str
    origin: Origin | None = None


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
            help = f"add `{missing_route(net, walk.where, walk.target)}` {place(walk.where)}"
            return Reason(f"{where} has no route {word} {walk.target}", help)
        case Stop.NO_SOURCE:
            device = "the device" if hop.entry is None or hop.entry.device is None else hop.entry.device.label
            family = walk.target.version
            return Reason(f"{where} has no IPv{family} address to send from", f"give {device} an IPv{family} address")
        case Stop.BLACKHOLED:
            return _blackholed(walk, hop)
        case Stop.NO_FORWARD:
            family = walk.target.version
            return Reason(f"{where} does not forward IPv{family}", f"add `forward ipv{family}` {place(walk.where)}")
        case Stop.REFUSED:
            return _refused(walk, hop)
        case Stop.LOOP:
            return _loop(walk)
        case _:
            return _unanswered(net, walk, hop)


def _blackholed(walk: Walk, hop: Hop) -> Reason:
    entry, where = hop.entry, walk.where.label
    assert entry is not None
    if entry.route is None:
        return Reason(f"a policy rule of {where} drops packets for {walk.target}", "change the rule")
    text = f"{where} drops packets for {walk.target}: `{_route_text(entry)}`"
    help = f"add a route to a longer prefix that holds {walk.target} {place(walk.where)}, or remove this one"
    return Reason(text, help, entry.route.origin)


def _refused(walk: Walk, hop: Hop) -> Reason:
    refusal, entered = walk.refusal, hop.entered
    assert refusal is not None
    assert entered is not None
    where = f"{walk.where.label} does not take packets from {walk.source} at {entered.name}"
    if refusal.why is Refusal.OWN:
        return Reason(f"{where}: it has that address itself", "give each namespace addresses of its own")
    if refusal.why in {Refusal.OTHER_DEVICE, Refusal.NO_ADDRESS}:
        other = "another device" if refusal.entry is None or refusal.entry.device is None else refusal.entry.device.name
        text = f"{where}: rp_filter is {refusal.filter} there, and its own route to {walk.source} leaves by {other}"
        loose = "2, or 0," if refusal.why is Refusal.OTHER_DEVICE else "0"
        help = f"set `rp-filter` of {entered.name} and `all` to {loose} or let the route back leave by {entered.name}"
        return Reason(text, help)
    text = f"{where}: rp_filter is {refusal.filter} there, and no route leads back to {walk.source}"
    return Reason(text, f"add a route to {walk.source} {place(walk.where)}")


def _loop(walk: Walk) -> Reason:
    last = walk.hops[-1]
    first = next(i for i, hop in enumerate(walk.hops) if (hop.netns, hop.entered) == (last.netns, last.entered))
    circle = " -> ".join(hop.netns.label for hop in walk.hops[first:])
    culprit = next((h.entry for h in walk.hops[first:] if h.entry is not None and h.entry.route is not None), None)
    origin = None if culprit is None or culprit.route is None else culprit.route.origin
    return Reason(
        f"packets for {walk.target} go round: {circle}",
        f"give one of these a route to {walk.target} that leads out of the circle",
        origin,
    )


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
        return Reason(text, f"give {hop.next_hop} to who is to have it on this link", origin)
    there = door.netns.label
    if answer.reply is Reply.NO_PROXY_ROUTE:
        why = f"{there} has no route to it by another device than {door.name}"
        return Reason(f"{text}: {why}", f"add `route {hop.next_hop} dev lo` {place(door.netns)}", origin)
    if answer.reply is Reply.NO_PROXY_FORWARD:
        help = f"add `forward ipv{walk.target.version}` {place(door.netns)}"
        return Reason(f"{text}: {door.label} does not forward", help, origin)
    if answer.reply is Reply.SILENT:
        return Reason(f"{text}: arp_ignore or arp_filter keeps {door.label} silent", "switch it off there", origin)
    help = f"set `rp-filter` of {door.name} and `all` to 0, or give {there} a route to who asks by {door.name}"
    return Reason(f"{text}: {door.label} does not take the address that asks as a source", help, origin)


def lines(net: Net, ping: Ping) -> Iterator[str]:
    """Yield a ping as `netc trace` shows it."""
    there = ping.there
    yield f"{there.hops[0].netns.label} -> {there.target}" + (f", from {there.source}" if there.source else "")
    yield "request"
    yield from _hops(net, there)
    if ping.back is not None:
        yield "reply"
        yield from _hops(net, ping.back)
    yield verdict(net, ping)


def verdict(net: Net, ping: Ping) -> str:
    """Return what becomes of a ping, in a line."""
    if ping.answered:
        return f"answered, ttl {ping.ttl}"
    last = ping.last
    if last.stop is Stop.DELIVERED and ping.back is not None:
        return f"not answered: the reply goes to {last.where.label}, which has {last.target} as well"
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
            if hop.answer.reply is Reply.ANSWERED and hop.answer.device is not None:
                proxied = " as a proxy" if hop.answer.proxied else ""
                parts.append(f"{hop.next_hop} answered by {hop.answer.device.label}{proxied}")
            else:
                parts.append(f"{hop.next_hop} answered by nobody")
        if last and walk.stop is Stop.DELIVERED:
            parts.append(f"has {walk.target}")
        yield ": ".join(parts[:1]) + ": " + ", ".join(parts[1:])


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
