"""What a namespace remembers of a ping: connection tracking, and the translation that holds for all its packets.

Sources: kernel net/netfilter/nf_conntrack_core.c (resolve_normal_ct: a packet belongs to the connection whose original
tuple it has, or the reply's), net/netfilter/nf_conntrack_proto_icmp.c and nf_conntrack_proto_icmpv6.c (an echo reply
begins no connection), net/netfilter/nf_nat_core.c (nf_nat_inet_fn: rules are asked once for each connection;
nf_nat_packet: which hook rewrites what, in both directions).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from netc.reach.match import Kind, State

if TYPE_CHECKING:
    from netc.parts.ipsec import State as IpsecState
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey


@dataclass(slots=True)
class Connection:
    """A ping as a namespace knows it: what its request came with, and what it goes on with.

    `has_source` and `has_target` are whether the rules have been asked about its source and its destination; `by` is
    the device that it is masqueraded at.
    """

    source: IPAddress
    target: IPAddress
    new_source: IPAddress
    new_target: IPAddress
    has_source: bool = False
    has_target: bool = False
    by: DeviceKey | None = None

    @property
    def is_translated(self) -> bool:
        """Whether its packets change on their way through the namespace."""
        return (self.source, self.target) != (self.new_source, self.new_target)


@dataclass(slots=True)
class Packet:
    """A packet on its way, and what the namespace that it is in knows of it; `carrier` is that of match.Seen.

    `layers` are the states of IPsec that protect it, the innermost first, and `inner` is what it is inside them. `path`
    are those that have opened it where it is, the outermost first, and `door` the device that takes what was in it.
    """

    kind: Kind
    source: IPAddress | None
    target: IPAddress
    connection: Connection | None = None
    state: State = State.NEW
    carrier: tuple[object, ...] = ()
    layers: tuple[IpsecState, ...] = ()
    inner: tuple[Kind, tuple[object, ...]] | None = None
    path: tuple[IpsecState, ...] = ()
    door: DeviceKey | None = None

    def protect(self, states: tuple[IpsecState, ...]) -> None:
        """Put states around it, by which it is no ping any more to who sees it."""
        if not states:
            return
        if self.inner is None:
            self.inner = self.kind, self.carrier
        self.layers = (*self.layers, *states)
        self.kind, self.carrier = Kind.OTHER, (states[-1].protocol,)

    def open(self, states: tuple[IpsecState, ...]) -> None:
        """Take off what is around it, by the states that have opened it."""
        assert self.inner is not None
        self.kind, self.carrier = self.inner
        self.layers, self.inner, self.path = (), None, (*self.path, *states)

    @property
    def is_reply(self) -> bool:
        """Whether it goes back to who asked."""
        return self.kind is Kind.REPLY


@dataclass(slots=True)
class Tracks:
    """The connections of each namespace, as far as one ping has come."""

    _known: dict[NetnsKey, list[Connection]] = field(default_factory=dict)

    def find(self, netns: NetnsKey, packet: Packet) -> Connection | None:
        """Return the connection of a packet that comes to a namespace."""
        ends = packet.source, packet.target
        for known in self._known.get(netns, ()):
            if packet.is_reply and ends == (known.new_target, known.new_source):
                return known
            if not packet.is_reply and ends == (known.source, known.target):
                return known
        return None

    def follow(self, netns: NetnsKey, packet: Packet) -> None:
        """Tell a packet what a namespace knows of it, which for a request it has not seen is a new connection."""
        if packet.kind is Kind.OTHER:  # nobody knows which connection it belongs to
            return
        packet.connection = self.find(netns, packet)
        packet.state = State.INVALID
        if packet.connection is not None:
            packet.state = State.ESTABLISHED if packet.is_reply else State.NEW
        elif not packet.is_reply and packet.source is not None:
            made = Connection(packet.source, packet.target, packet.source, packet.target)
            self._known.setdefault(netns, []).append(made)
            packet.connection, packet.state = made, State.NEW

    def clashes(self, netns: NetnsKey, one: Connection) -> bool:
        """Whether another connection waits for the same reply, so that the kernel changes what tells them apart."""
        return any(
            other is not one and (other.new_source, other.new_target) == (one.new_source, one.new_target)
            for other in self._known.get(netns, ())
        )
