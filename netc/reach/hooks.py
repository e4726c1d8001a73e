"""What the lab's own nftables tables do to a ping on its way: drop it, or give it other addresses.

Sources: kernel include/uapi/linux/netfilter_ipv4.h (the order of hooks by priority), net/ipv4/ip_input.c,
net/ipv4/ip_forward.c and net/ipv4/ip_output.c (where hooks are), net/netfilter/nf_nat_masquerade.c, nft(8), CHAINS.
A packet that comes in has its destination translated, then is routed, then filtered (`input` or `forward`), and last
has its source translated; what a namespace sends itself is routed, then filtered (`output`).

Where br_netfilter is loaded, what a bridge passes from port to port goes by the same hooks of the bridge's namespace
(net/bridge/br_netfilter_hooks.c). Whether it is loaded no lab says: where that would matter, nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import ip_network
from itertools import pairwise
from typing import TYPE_CHECKING

from netc.parts.table import Chain, Filter, Nat, TableRule, Translation, Verdict
from netc.reach.conntrack import Connection, Packet, Tracks
from netc.reach.match import Kind, Seen, State, takes
from netc.reach.source import select4, select6

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.topology.model import DeviceKey, IPAddress, IPNetwork, NetnsKey, Topology

_SAID_OFF = {4: "bridge-nf-call-iptables", 6: "bridge-nf-call-ip6tables"}
Table = Mapping[Chain, tuple[Filter | Nat, ...]]


@dataclass(frozen=True, slots=True)
class Halt:
    """A rule that drops a packet, or, with `why`, why it is not known what becomes of the packet."""

    rule: Filter | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """An address of a packet that is rewritten; `rule` is None where connection tracking turns a reply back."""

    what: str
    before: IPAddress
    after: IPAddress
    rule: Nat | None = None


@lru_cache(maxsize=2)
def tables(topology: Topology) -> Mapping[NetnsKey, Table]:
    """Return the table of each namespace that has one: the rules of each chain, in their order."""
    found: dict[NetnsKey, dict[Chain, list[Filter | Nat]]] = {}
    for rule in topology.parts_of(TableRule):
        if isinstance(rule, Filter | Nat):
            found.setdefault(rule.netns, {}).setdefault(rule.chain, []).append(rule)
    return {netns: {chain: tuple(rules) for chain, rules in table.items()} for netns, table in found.items()}


def prefixes_of(topology: Topology) -> Iterator[IPNetwork]:
    """Yield the prefixes by which the rules of a lab tell addresses apart."""
    for rule in (rule for table in tables(topology).values() for rules in table.values() for rule in rules):
        for one in (rule.match.source, rule.match.destination):
            yield from () if one is None else one.values
        if isinstance(rule, Nat) and rule.ip is not None:
            yield ip_network((rule.ip, rule.ip.max_prefixlen))


@lru_cache(maxsize=2)
def _filtering_bridges(topology: Topology) -> Mapping[int, frozenset[DeviceKey]]:
    """Return, for each family, the bridges whose namespace has a table that bridged packets may come to."""
    found: dict[int, set[DeviceKey]] = {4: set(), 6: set()}
    for netns in tables(topology):
        bridges = [device for device in topology.devices_in(netns) if device.kind == "bridge"]
        said = {device.key: device.settings.get("nf-call") for device in bridges}
        off = any(setting is not None and setting.value is False for setting in said.values())
        by_sysctl = {s.path[-1] for s in topology.sysctls if s.netns == netns and s.value.strip() == "0"}
        for key, setting in said.items():
            for family, name in _SAID_OFF.items():
                if (setting is not None and setting.value is True) or not (off or name in by_sysctl):
                    found[family].add(key)
    return {family: frozenset(keys) for family, keys in found.items()}


@dataclass(slots=True)
class Hooks:
    """The tables of a lab, and what they remember of one ping."""

    net: Net
    tracks: Tracks = field(default_factory=Tracks)
    #: What may have passed a bridge's namespace, as (namespace, source, destination).
    _bridged: set[tuple[NetnsKey, IPAddress | None, IPAddress]] = field(default_factory=set)

    def _table(self, netns: NetnsKey) -> Table | None:
        return tables(self.net.topology).get(netns)

    # -- where packets come by, in the kernel's order ---------------------------------------------------------------

    def came(self, entered: DeviceKey, packet: Packet) -> Iterator[Change | Halt]:
        """Let a packet come in by a device: the hook prerouting, before it is routed.

        What comes in by a member of a VRF passes it twice, last with the VRF as its device (drivers/net/vrf.c,
        vrf_rcv_nfhook), when its translation is settled; and from then on it is the VRF's.
        """
        if self._table(entered.netns) is None or self.net.is_vrf(entered):  # which has seen where it comes from
            return
        if entered.name != "lo":  # what goes by lo is known from where it was sent
            self.tracks.follow(entered.netns, packet)
        yield from self._new_target(entered.netns, packet, entered)

    def delivered(self, entered: DeviceKey, packet: Packet) -> Iterator[Change | Halt]:
        """Let a packet go to the namespace itself: the hook input."""
        yield from self._filter(entered.netns, Chain.INPUT, packet, self._seen(entered), None)
        if self._table(entered.netns) is not None:
            yield from self._old_source(packet)

    def passes(
        self, entered: DeviceKey, leaving: DeviceKey, packet: Packet, next_hop: IPAddress
    ) -> Iterator[Change | Halt]:
        """Let a packet through a namespace: the hooks forward and postrouting."""
        yield from self._filter(entered.netns, Chain.FORWARD, packet, self._seen(entered), leaving)
        yield from self._left(leaving, packet, next_hop)

    def routed_again(self, leaving: DeviceKey, packet: Packet, next_hop: IPAddress) -> Iterator[Change | Halt]:
        """Let a packet that was handed to a VRF go, as what the VRF sends (drivers/net/vrf.c, vrf_ip_local_out)."""
        yield from self._filter(leaving.netns, Chain.OUTPUT, packet, None, leaving)
        yield from self._left(leaving, packet, next_hop)

    def sent(self, leaving: DeviceKey, packet: Packet, next_hop: IPAddress) -> Iterator[Change | Halt]:
        """Let a packet of the namespace itself go: the hooks output and postrouting."""
        yield from self._output(leaving, packet)
        yield from self._left(leaving, packet, next_hop)

    def inside(self, netns: NetnsKey, loopback: DeviceKey, packet: Packet) -> Iterator[Change | Halt]:
        """Let a packet go from a namespace to itself: out and in by lo."""
        yield from self._output(loopback, packet)
        rule = self._deciding(netns, Chain.SRCNAT, packet, None, loopback)
        if isinstance(rule, Halt):
            yield rule
        elif isinstance(rule, Nat) and rule.translation is not Translation.RETURN:
            yield Halt(why=f"{netns.label} translates what it sends to itself")
        yield from self._filter(netns, Chain.INPUT, packet, loopback, None)

    def crossed(self, devices: tuple[DeviceKey, ...], packet: Packet) -> Iterator[Halt]:
        """Let a frame pass the bridges among `devices`, in the order in which it comes to them."""
        bridges = _filtering_bridges(self.net.topology)[packet.target.version]
        if not bridges:
            return
        masters = [self.net.topology.devices[key].master for key in devices]
        for one, two in pairwise(masters):  # from port to port of the same bridge
            if one is not None and one == two and one in bridges:
                yield from self._bridged_by(one, packet)

    def _seen(self, entered: DeviceKey) -> DeviceKey:
        """Return the device that a packet has come in by as the hooks after prerouting see it."""
        return self.net.vrf_of(entered) or entered

    # -- chains -----------------------------------------------------------------------------------------------------

    def _output(self, leaving: DeviceKey, packet: Packet) -> Iterator[Change | Halt]:
        netns = leaving.netns
        if self._table(netns) is None:
            return
        if (vrf := self.net.vrf_of(leaving)) is not None:
            # By the VRF first, and by its member then; only the second time it is tracked (vrf_ip_out_direct).
            yield from self._filter(netns, Chain.OUTPUT, replace(packet, state=State.UNTRACKED), None, vrf)
        self.tracks.follow(netns, packet)
        known = packet.connection
        if known is not None and not packet.is_reply:
            known.has_target = True
        if known is not None and packet.is_reply and known.source != packet.target:
            yield Halt(why=f"{netns.label} translates what it answers itself")
        yield from self._filter(netns, Chain.OUTPUT, packet, None, leaving)

    def _left(self, leaving: DeviceKey, packet: Packet, next_hop: IPAddress) -> Iterator[Change | Halt]:
        if self._table(leaving.netns) is not None:
            yield from self._new_source(leaving, packet, next_hop)

    def _filter(
        self, netns: NetnsKey, chain: Chain, packet: Packet, entered: DeviceKey | None, leaving: DeviceKey | None
    ) -> Iterator[Halt]:
        rule = self._deciding(netns, chain, packet, entered, leaving)
        if isinstance(rule, Halt):
            yield rule
        elif isinstance(rule, Filter) and rule.verdict is not Verdict.ACCEPT:
            yield Halt(rule)

    def _deciding(
        self, netns: NetnsKey, chain: Chain, packet: Packet, entered: DeviceKey | None, leaving: DeviceKey | None
    ) -> Filter | Nat | Halt | None:
        """Return the first rule of a chain that takes a packet."""
        table = self._table(netns)
        if table is None or packet.source is None:
            return None
        seen = Seen(packet.kind, packet.source, packet.target, packet.state, entered, leaving, packet.carrier)
        may_take: list[Filter | Nat | None] = []
        for rule in table.get(chain, ()):
            if isinstance(rule, Nat) and rule.ip is not None and rule.ip.version != packet.target.version:
                continue
            if rule.match.states and (halt := self._from_bridge(netns, packet)) is not None:
                return halt
            fits = takes(rule.match, seen)
            if fits is not False:
                may_take.append(rule)
            if fits:
                break
        else:
            may_take.append(None)
        if len(may_take) == 1 or len({_effect(rule) for rule in may_take}) == 1:
            return may_take[0]
        assert may_take[0] is not None
        return Halt(why=f"`{may_take[0].origin.title}` of {netns.label} may be for it, or not")

    # -- translation ------------------------------------------------------------------------------------------------

    def _new_target(self, netns: NetnsKey, packet: Packet, entered: DeviceKey) -> Iterator[Change | Halt]:
        known, before = packet.connection, packet.target
        if known is None:
            yield from self._untracked(netns, Chain.DSTNAT, packet, entered, None)
            if packet.is_reply and (halt := self._from_bridge(netns, packet)) is not None:
                yield halt
            return
        rule = None
        if not packet.is_reply and not known.has_target:
            known.has_target = True
            found = self._deciding(netns, Chain.DSTNAT, packet, entered, None)
            if isinstance(found, Halt):
                yield found
                return
            if isinstance(found, Nat) and found.ip is not None and found.translation is Translation.DNAT:
                if found.ip.is_loopback:
                    yield Halt(why=f"{netns.label} translates to {found.ip}, an address of its own loopback")
                rule, known.new_target = found, found.ip
                yield from self._unsure(netns, packet, known)
        packet.target = known.source if packet.is_reply else known.new_target
        if packet.target != before:
            yield Change("destination", before, packet.target, rule)

    def _new_source(self, leaving: DeviceKey, packet: Packet, next_hop: IPAddress) -> Iterator[Change | Halt]:
        known, netns, before = packet.connection, leaving.netns, packet.source
        if known is None or before is None:
            yield from self._untracked(netns, Chain.SRCNAT, packet, None, leaving)
            return
        if packet.is_reply:
            yield from self._old_source(packet)
            return
        rule = None
        if not known.has_source:
            known.has_source = True
            found = self._deciding(netns, Chain.SRCNAT, packet, None, leaving)
            if isinstance(found, Halt):
                yield found
                return
            if isinstance(found, Nat) and found.translation is not Translation.RETURN:
                source = found.ip or masquerading(self.net, leaving, packet.target, next_hop)
                if source is None:
                    yield Halt(why=f"{leaving.label} has no address to masquerade with, as far as netc knows")
                    return
                rule, known.new_source = found, source
                known.by = leaving if found.translation is Translation.MASQUERADE else None
                yield from self._unsure(netns, packet, known)
        elif known.by not in {None, leaving}:
            yield Halt(why=f"{netns.label} masquerades one connection at {leaving.name} and elsewhere")
        packet.source = known.new_source
        if packet.source != before:
            yield Change("source", before, packet.source, rule)

    def _untracked(
        self, netns: NetnsKey, chain: Chain, packet: Packet, entered: DeviceKey | None, leaving: DeviceKey | None
    ) -> Iterator[Halt]:
        """Yield why a packet that is none of a ping may be translated."""
        if packet.kind is Kind.OTHER:
            found = self._deciding(netns, chain, packet, entered, leaving)
            if isinstance(found, Halt):
                yield found
            elif isinstance(found, Nat) and found.translation is not Translation.RETURN:
                yield Halt(why=f"{netns.label} translates it: `{found.origin.title}`")

    def _old_source(self, packet: Packet) -> Iterator[Change]:
        """Give a reply the source that its request was sent to."""
        known, before = packet.connection, packet.source
        if known is None or not packet.is_reply or before is None or before == known.target:
            return
        packet.source = known.target
        yield Change("source", before, known.target)

    def _unsure(self, netns: NetnsKey, packet: Packet, known: Connection) -> Iterator[Halt]:
        """Yield why a translation may come out otherwise."""
        if (halt := self._from_bridge(netns, packet)) is not None:
            yield halt
        if self.tracks.clashes(netns, known):
            yield Halt(why=f"{netns.label} knows two connections by the same addresses")

    # -- bridges ----------------------------------------------------------------------------------------------------

    def turns(self, entered: DeviceKey) -> bool:
        """Whether a packet that comes in by a bridge and is translated may be bridged on (br_nf_pre_routing_finish)."""
        return any(entered in bridges for bridges in _filtering_bridges(self.net.topology).values())

    def _bridged_by(self, bridge: DeviceKey, packet: Packet) -> Iterator[Halt]:
        netns = bridge.netns
        seen = Packet(packet.kind, packet.source, packet.target, state=packet.state)
        known = self.tracks.find(netns, seen)
        if seen.kind in {Kind.REQUEST, Kind.REPLY}:
            passed = known is not None or self._may_have_passed(netns, seen)
            seen.state = State.NEW if not seen.is_reply else State.ESTABLISHED if passed else State.INVALID
        # A connection that is masqueraded may leave by one device alone (net/netfilter/nf_nat_core.c, nf_nat_inet_fn).
        stops = known is not None and (known.is_translated or known.by not in {None, bridge})
        for chain, entered, leaving in (
            (Chain.DSTNAT, bridge, None),
            (Chain.FORWARD, bridge, bridge),
            (Chain.SRCNAT, None, bridge),
        ):
            rules = (self._table(netns) or {}).get(chain, ())
            translates = seen.state is State.NEW or seen.kind is Kind.OTHER
            if not rules or packet.source is None or not (chain is Chain.FORWARD or translates):
                continue
            asked = Seen(seen.kind, packet.source, packet.target, seen.state, entered, leaving, packet.carrier)
            first = next((rule for rule in rules if takes(rule.match, asked) is not False), None)
            accepts = isinstance(first, Filter) and first.verdict is Verdict.ACCEPT
            returns = isinstance(first, Nat) and first.translation is Translation.RETURN
            stops = stops or not (first is None or accepts or returns)
        if stops:
            yield Halt(
                why=f"{bridge.label} passes frames on by the rules of {netns.label} where br_netfilter is loaded"
            )
        self._bridged.add((netns, packet.source, packet.target))

    def _from_bridge(self, netns: NetnsKey, packet: Packet) -> Halt | None:
        """Return that a namespace may know a packet's connection otherwise than its rules say."""
        if not self._may_have_passed(netns, packet):
            return None
        return Halt(why=f"{netns.label} may know the connection from a bridge of its own")

    def _may_have_passed(self, netns: NetnsKey, packet: Packet) -> bool:
        """Whether a packet, or the request that it answers, may have passed a bridge of a namespace."""
        if packet.is_reply:
            return packet.source is not None and (netns, packet.target, packet.source) in self._bridged
        return (netns, packet.source, packet.target) in self._bridged

    # -- neighbour discovery ----------------------------------------------------------------------------------------

    def solicits(self, device: DeviceKey, asking: IPAddress, target: IPAddress) -> Halt | None:
        """Return what becomes of a neighbour solicitation that a device sends."""
        packet = Packet(Kind.SOLICIT, asking, _solicited_node(target), state=State.UNTRACKED)
        return next(self._filter(device.netns, Chain.OUTPUT, packet, None, device), None)

    def advertises(
        self, device: DeviceKey, asking: IPAddress, door: DeviceKey, target: IPAddress, *, proxied: bool
    ) -> Halt | None:
        """Return what becomes of a solicitation of `device` that gets to `door`, and of the answer on its way back."""
        question = Packet(Kind.SOLICIT, asking, _solicited_node(target), state=State.UNTRACKED)
        source = target
        if proxied:
            source = select6(self.net, door.netns, asking, door) or self.net.link_local(door) or target
        answer = Packet(Kind.ADVERT, source, asking, state=State.UNTRACKED)
        for halts in (
            self.crossed(self.way(device, door, broadcast=True), question),
            self._filter(door.netns, Chain.INPUT, question, door, None),
            self._filter(door.netns, Chain.OUTPUT, answer, None, door),
            self.crossed(self.way(door, device), answer),
            self._filter(device.netns, Chain.INPUT, answer, device, None),
        ):
            for halt in halts:
                return halt
        return None

    def way(self, device: DeviceKey, door: DeviceKey, *, broadcast: bool = False) -> tuple[DeviceKey, ...]:
        """Return the devices that a frame passes from one device to another, where a bridge may filter it."""
        if device == door or not any(_filtering_bridges(self.net.topology).values()):
            return ()
        passage = self.net.passage(device, door, broadcast=broadcast)
        return () if passage is None else passage.devices


def masquerading(net: Net, leaving: DeviceKey, target: IPAddress, next_hop: IPAddress) -> IPAddress | None:
    """Return the address that `masquerade` takes: that which suits the next hop, or for IPv6 the destination."""
    if target.version == 6:
        return select6(net, leaving.netns, target, leaving)
    return select4(net, leaving, next_hop if next_hop.version == 4 else target)


def _effect(rule: Filter | Nat | None) -> object:
    """Return what a rule, or the end of the chain, does to a packet."""
    if isinstance(rule, Filter):
        return rule.verdict is Verdict.ACCEPT
    return True if rule is None or rule.translation is Translation.RETURN else rule


def _solicited_node(ip: IPAddress) -> IPAddress:
    """Return the multicast address that a solicitation for an address is sent to (RFC 4291, section 2.7.1)."""
    return type(ip)((0xFF020000000000000000000000000000 | 0x1FF000000) | (int(ip) & 0xFFFFFF))
