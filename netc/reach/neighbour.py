"""Who on a segment answers for an address: the neighbour that a packet is handed to.

Sources: kernel net/ipv4/arp.c (arp_solicit: the address that asks; arp_process: who answers), net/ipv6/ndisc.c
(ndisc_solicit, ndisc_recv_ns), tried on kernel 6.18.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from netc.kinds.sharing import is_routed, takes_questions
from netc.reach.entry import EntryType
from netc.reach.guard import discovery
from netc.reach.rules import Flow
from netc.reach.source import Refusal, Refused, refused, select4
from netc.reach.wire import is_port
from netc.topology.frames import Load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from netc.parts.table import Filter
    from netc.reach.handshake import Heard
    from netc.reach.hooks import Halt, Hooks
    from netc.reach.net import Net
    from netc.reach.trip import Trip
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey


@dataclass(slots=True)
class Memory:
    """What a ping's own packets teach.

    That is the neighbour that a device knows an address to be, without asking for it, and where the far end of a tunnel
    was heard.
    """

    neighbours: dict[tuple[DeviceKey, IPAddress], DeviceKey] = field(default_factory=dict)
    heard: Heard = field(default_factory=dict)


class Reply(Enum):
    """How a request for an address ends."""

    ANSWERED = "somebody answers"
    UNKNOWN = "the model cannot tell"
    NOBODY = "nobody answers"
    SILENT = "who has the address keeps silent: arp_ignore or arp_filter"
    REFUSED = "who would answer refuses the address that asks"
    NO_PROXY_ROUTE = "proxy ARP is on, and that namespace has no route to the address by another device"
    NO_PROXY_FORWARD = "proxy ARP is on, and that device does not forward"
    ASTRAY = "it is known where it is, and what goes there does not get there"
    TOO_LARGE = "the link drops the packet, which is larger than what a device there takes"
    LOST = "the tunnel's outer packet does not get to a tunnel that takes it"
    NO_QUESTION = "the device has no IPv6 address to ask from"
    FILTERED = "a rule drops the question or its answer"


#: Replies that an answer comes with; with ASTRAY the packet that has waited for it is lost.
GIVEN = (Reply.ANSWERED, Reply.ASTRAY)
#: Of several that do not answer, the one worth telling of.
_TELLING = (Reply.FILTERED, Reply.NO_PROXY_ROUTE, Reply.NO_PROXY_FORWARD, Reply.REFUSED, Reply.SILENT)


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, and the device that gives it, or that would if it were set up right; `proxied` if it is for another.

    `why` goes with UNKNOWN, and with SILENT, where it is the kernel parameter; `refusal` goes with REFUSED, and `rule`
    with FILTERED. `trip` is that of the outer packet where a tunnel of IP packets takes the place of a link.
    """

    reply: Reply
    device: DeviceKey | None = None
    proxied: bool = False
    why: str = ""
    refusal: Refused | None = None
    trip: Trip | None = None
    rule: Filter | None = None
    by: DeviceKey | None = None  # the device that sends, where it is another than that of the route
    narrow: DeviceKey | None = None  # with TOO_LARGE


_NOBODY = Answer(Reply.NOBODY)


def ask(
    net: Net,
    device: DeviceKey,
    ip: IPAddress,
    source: IPAddress | None = None,
    memory: Memory | None = None,
    hooks: Hooks | None = None,
    target: IPAddress | None = None,
) -> Answer:
    """Return who answers when `device` asks its segment for `ip`, to send a packet from `source`.

    The packet is for `target`, or for `ip` itself.

    Whoever answers knows the one that asked from then on, and `memory` takes it up. IPv6's questions and answers pass
    the tables of the two namespaces, with `hooks`; ARP is none of their business.
    """
    memory = Memory() if memory is None else memory
    trip = net.carrier.packet(device, Load(ip.version, ip, source, target or ip), memory.heard)
    if trip is not None:
        reply = Reply.UNKNOWN if trip.unknown else Reply.LOST if trip.taker is None else Reply.ANSWERED
        return Answer(reply, trip.taker, why=trip.why, trip=trip)
    if (device, ip) in memory.neighbours:
        return Answer(Reply.ANSWERED, memory.neighbours[device, ip])
    if (device, ip) in net.neighbours:
        return _permanent(net, device, ip)
    if ip.is_multicast or is_routed(net.topology.devices[device]):
        alone = f"{ip} is a multicast address" if ip.is_multicast else f"{device.label} asks for nobody"
        return Answer(Reply.UNKNOWN, why=alone)
    asking = _asking4(net, device, ip, source) if ip.version == 4 else _asking6(net, device, source)
    if ip.version == 6 and asking is None:
        return Answer(Reply.NO_QUESTION, device)
    found = _answers(net, device, ip, asking)
    if ip.version == 6 and asking is not None:
        halt = None if hooks is None else hooks.solicits(device, asking, ip)
        if halt is not None:
            return _halted(device, halt)
        found = tuple(_discovered(net, hooks, device, asking, ip, answer) for answer in found)
    answer = _choose(net, device, found)
    if ip.version == 6 and ip.is_link_local and answer.reply is Reply.NOBODY:
        return Answer(Reply.UNKNOWN, why=f"netc does not know whose link-local address {ip} is")
    if answer.reply in GIVEN:
        assert answer.device is not None
        why = net.restless(device) or net.restless(answer.device)
        if why:
            return Answer(Reply.UNKNOWN, why=why)
    if answer.reply is Reply.ANSWERED and asking is not None:
        assert answer.device is not None
        memory.neighbours[answer.device, asking] = device
    return answer


def _discovered(
    net: Net, hooks: Hooks | None, device: DeviceKey, asking: IPAddress, ip: IPAddress, answer: Answer
) -> Answer:
    """Return what becomes of IPv6's answer where tables or policies of IPsec are on its way, or on the question's."""
    if answer.reply not in GIVEN or answer.device is None:
        return answer
    netns = discovery(net, device, answer.device, asking, ip) if net.ipsec.netnses else None
    if netns is not None:
        why = f"an IPsec policy of {netns.label} is for neighbour discovery, too: let it be for a `type`"
        return Answer(Reply.UNKNOWN, answer.device, why=why)
    halt = None if hooks is None else hooks.advertises(device, asking, answer.device, ip, proxied=answer.proxied)
    return answer if halt is None else _halted(answer.device, halt, proxied=answer.proxied)


def _halted(device: DeviceKey, halt: Halt, *, proxied: bool = False) -> Answer:
    return Answer(Reply.UNKNOWN if halt.rule is None else Reply.FILTERED, device, proxied, halt.why, rule=halt.rule)


def _asking4(net: Net, device: DeviceKey, ip: IPAddress, source: IPAddress | None) -> IPAddress | None:
    """Return the sender's address of an ARP request (arp_solicit)."""
    level = net.switches.larger(device, "arp_announce")
    if source is not None and level < 2 and net.is_local(device, source):
        on_link = any(ip in a.interface.network and source in a.interface.network for a in net.addresses(device, 4))
        if level == 0 or on_link:
            return source
    return select4(net, device, ip)


def _asking6(net: Net, device: DeviceKey, source: IPAddress | None) -> IPAddress | None:
    """Return the sender's address of a neighbour solicitation: the packet's own, else a link-local one."""
    own = net.addresses(device, 6)
    if source is not None and any(address.ip == source for address in own):
        return source
    said = [address.ip for address in own if address.ip.is_link_local]
    return said[0] if said else net.link_local(device)


def _candidates(net: Net, device: DeviceKey, ip: IPAddress) -> Iterator[DeviceKey]:
    """Yield the devices that may answer for `ip` where they hear a question of `device`."""
    number = net.home[device]
    owners = dict.fromkeys(holder.netns for holder in net.holders.get(ip, ()))
    owners |= dict.fromkeys(netns for netns, subnet in net.whole_subnets if ip in subnet)
    others = (*net.proxied.get(ip, ()), *net.anycast.get(ip, ()))
    any_may = ip.version == 6 and ip.is_link_local  # devices make such addresses themselves
    if number not in net.plain_segments:
        heard = net.flood(device).heard
        may: Iterable[DeviceKey] = heard
        if not any_may:
            proxies = net.all_proxies if ip.version == 4 else ()
            may = dict.fromkeys((*(d for netns in owners for d in net.devices(netns)), *proxies, *others))
        yield from (door for door in may if door != device and door in heard)
        return
    doors: dict[DeviceKey, None] = {}
    if any_may:
        doors |= {other.key: None for other in net.segment_of(device).devices if not is_port(net.topology, other)}
    for netns in owners:
        doors |= dict.fromkeys(net.doors.get((number, netns), ()))
    if ip.version == 4:
        doors |= dict.fromkeys(net.proxies.get(number, ()))
    doors |= dict.fromkeys(door for door in others if net.home[door] == number)
    for door in doors:
        if door != device:
            yield door


def _answers(net: Net, device: DeviceKey, ip: IPAddress, asking: IPAddress | None) -> tuple[Answer, ...]:
    """Return what all say to a question of `device`; packets of any source ask the same of the next router.

    What IPv6 is told of an address that the asking device has itself, it does not believe (ndisc_recv_na).
    """
    question = (device, ip, asking)
    if question not in net.answers:
        own = ip.version == 6 and any(address.ip == ip for address in net.addresses(device, 6))
        doors = () if own else _candidates(net, device, ip)
        answers = (_exchange(net, device, door, ip, asking) for door in doors)
        net.answers[question] = tuple(answer for answer in answers if answer is not None)
    return net.answers[question]


def _exchange(net: Net, device: DeviceKey, door: DeviceKey, ip: IPAddress, asking: IPAddress | None) -> Answer | None:
    """Return what `door` says to a question that it hears, where `device` hears the answer.

    The question is a broadcast, and what the answer lets go is not: a tunnel may send it by another way, to where it
    does not arrive.
    """
    answer = _of_door(net, door, ip, asking)
    ways = ((door, device), (device, door))
    unheard = [way for way in ways if not net.hears(*way, unicast=True)] if answer is not None else []
    if answer is None or not unheard:
        return answer
    if unknown := net.beyond(*unheard[0]):
        return Answer(Reply.UNKNOWN, door, why=unknown)
    if unheard[0] == (door, device):
        return None
    return replace(answer, reply=Reply.ASTRAY) if answer.reply is Reply.ANSWERED else answer


def _of_door(net: Net, door: DeviceKey, ip: IPAddress, asking: IPAddress | None) -> Answer | None:
    if ip.version == 4 and takes_questions(net.topology.devices[door], ip, net.topology):
        return None
    answer = _answer4(net, door, ip, asking) if ip.version == 4 else _answer6(net, door, ip)
    if answer.reply is Reply.NOBODY:
        return None
    if answer.reply is not Reply.ANSWERED and is_unsettled(net, door.netns):
        return Answer(Reply.UNKNOWN, door, why=f"{door.netns.label} runs a program that may change routes")
    return answer


def _answer4(net: Net, door: DeviceKey, ip: IPAddress, asking: IPAddress | None) -> Answer:
    """Return what `door` says to an ARP request for `ip` (arp_process)."""
    if asking is None:
        return Answer(Reply.ANSWERED, door) if net.is_local(door, ip) and not _ignores(net, door, ip, ip) else _NOBODY
    entry = net.fibs[door.netns].lookup(Flow(ip, asking, door, net.table(door)))
    if entry is not None and entry.type is EntryType.UNKNOWN:
        return Answer(Reply.UNKNOWN, door, why=f"a policy rule of {door.netns.label} decides about {ip}")
    if entry is not None and entry.type is EntryType.LOCAL:
        return _owned(net, door, ip, asking)
    proxy = net.switches.answers_for_others(door) or net.switches.answers_for_neighbours(door)
    wanted = proxy or door in net.proxied.get(ip, ())
    if not wanted:
        return _NOBODY
    if entry is not None and entry.others:
        return Answer(Reply.UNKNOWN, door, why=f"{door.netns.label} has several next hops for {ip}")
    if entry is None or entry.type is not EntryType.UNICAST or not _is_elsewhere(net, door, ip, entry.device, asking):
        return Answer(Reply.NO_PROXY_ROUTE, door, proxied=True)
    if not net.switches.forwards(door, 4):
        return Answer(Reply.NO_PROXY_FORWARD, door, proxied=True)
    refusal = refused(net, door, asking, ip, entry.device)
    if refusal is not None:
        return _refusing(door, refusal, proxied=True)
    return Answer(Reply.ANSWERED, door, proxied=True)


def _owned(net: Net, door: DeviceKey, ip: IPAddress, asking: IPAddress) -> Answer:
    """Return what `door` says to an ARP request for an address of its namespace."""
    refusal = refused(net, door, asking, ip, None)
    if refusal is not None:
        return _refusing(door, refusal, proxied=False)
    if _ignores(net, door, ip, asking):
        return Answer(Reply.SILENT, door, why="arp_ignore")
    if net.switches.either(door, 4, "arp_filter"):
        back = net.fibs[door.netns].lookup(Flow(asking, ip))
        if back is not None and back.others:
            return Answer(Reply.UNKNOWN, door, why=f"{door.netns.label} has several next hops for {asking}")
        if back is None or back.device != door:  # the way to the asking address leaves by another device
            return Answer(Reply.SILENT, door, why="arp_filter")
    return Answer(Reply.ANSWERED, door)


def _refusing(door: DeviceKey, refusal: Refused, *, proxied: bool) -> Answer:
    if refusal.why is Refusal.UNKNOWN:
        return Answer(Reply.UNKNOWN, door, proxied, f"a policy rule of {door.netns.label} decides about the source")
    return Answer(Reply.REFUSED, door, proxied, refusal=refusal)


def _is_elsewhere(net: Net, door: DeviceKey, ip: IPAddress, leaving: DeviceKey | None, asking: IPAddress) -> bool:
    """Whether a route's device lets `door` answer (arp_fwd_proxy, arp_fwd_pvlan)."""
    if leaving == door:
        return net.switches.answers_for_neighbours(door) and asking != ip
    return net.switches.answers_for_others(door) or door in net.proxied.get(ip, ())


def _ignores(net: Net, door: DeviceKey, ip: IPAddress, asking: IPAddress) -> bool:
    """Whether arp_ignore keeps a device from answering for an address of its namespace (arp_ignore)."""
    level = net.switches.larger(door, "arp_ignore")
    here = [address for address in net.addresses(door, 4) if address.ip == ip]
    if level == 1:
        return not here
    if level == 2:
        return not any(asking in address.interface.network for address in here)
    return level == 8


def _answer6(net: Net, door: DeviceKey, ip: IPAddress) -> Answer:
    """Return what `door` says to a solicitation for `ip` (ndisc_recv_ns): only the device's own address counts."""
    if any(address.ip == ip for address in net.addresses(door, 6)) or ip == net.link_local(door):
        return Answer(Reply.ANSWERED, door)
    if door in net.proxied.get(ip, ()) and net.switches.either(door, 6, "proxy_ndp"):
        forwards = net.switches.conf(door, 6, "forwarding")
        return Answer(Reply.ANSWERED if forwards else Reply.NO_PROXY_FORWARD, door, proxied=True)
    if door in net.anycast.get(ip, ()):  # it waits as a proxy does
        return Answer(Reply.ANSWERED, door, proxied=True)
    return _NOBODY


def _choose(net: Net, device: DeviceKey, found: Sequence[Answer]) -> Answer:
    """Return the answer that counts. A proxy waits before it answers (proxy_delay), so that an owner comes first."""
    answered = [answer for answer in found if answer.reply in GIVEN]
    owners = [answer for answer in answered if not answer.proxied]
    if len(owners) == 1 and all(net.waits(answer.device) for answer in answered if answer.proxied and answer.device):
        return owners[0]
    if len(answered) == 1 and not any(answer.reply is Reply.UNKNOWN for answer in found):
        return answered[0]
    if answered:
        names = " and ".join(answer.device.label for answer in answered if answer.device)
        return Answer(Reply.UNKNOWN, why=f"{names} both answer, and the first one wins")
    unknown = next((answer for answer in found if answer.reply is Reply.UNKNOWN), None)
    if unknown is not None:
        return unknown
    beyond = net.beyond(device)
    if beyond is not None:
        return Answer(Reply.UNKNOWN, why=beyond)
    return min(found, key=lambda answer: _TELLING.index(answer.reply), default=_NOBODY)


def _permanent(net: Net, device: DeviceKey, ip: IPAddress) -> Answer:
    mac = net.neighbours[device, ip]
    known = [key for key in net.macs.get(mac, ()) if key != device]
    owners = [key for key in known if net.hears(device, key, unicast=True)]
    if len(owners) == 1:
        return Answer(Reply.ANSWERED, owners[0])
    if len(known) == 1:
        beyond = net.beyond(device, known[0])
        return Answer(Reply.ASTRAY, known[0]) if beyond is None else Answer(Reply.UNKNOWN, why=beyond)
    return Answer(
        Reply.UNKNOWN, why=f"{device.netns.label} takes {ip} to be at {mac}, and netc does not know who that is"
    )


def is_unsettled(net: Net, netns: NetnsKey) -> bool:
    """Whether routes or switches of a namespace may be other than the lab's statements say."""
    return netns in net.unsettled
