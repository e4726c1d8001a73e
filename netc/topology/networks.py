"""The networks between the hosts of a lab: physical segments, and what `network`, `join` and the uplinks say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.source import Span
    from netc.topology.model import IPAddress, IPInterface, IPNetwork, Origin, Setting


@dataclass(frozen=True, slots=True)
class SegmentSubnet:
    """A subnet of a physical segment, and where the lab says it."""

    network: IPNetwork
    span: Span


@dataclass(frozen=True, slots=True)
class PhysicalSegment:
    """A layer-2 network outside the lab's control, on which uplinks sit.

    With `source_check` it passes only packets from and to the uplinks' own addresses.
    """

    name: str
    subnets: tuple[SegmentSubnet, ...]
    span: Span
    origin: Origin
    source_check: bool = False


@dataclass(frozen=True, slots=True)
class Underlay:
    """The uplink by which a host reaches the others: its addresses, its segment and its MTU in bytes."""

    name: str
    addresses: tuple[IPInterface, ...]
    segment: str | None
    mtu: int
    span: Span

    def ip(self, version: int) -> IPAddress | None:
        """Return its first address of a family."""
        return next((address.ip for address in self.addresses if address.version == version), None)

    def is_beside(self, other: Underlay, version: int) -> bool:
        """Whether `other` can be the next hop: its address is in the same subnet, on a segment that is the same."""
        mine = [address.network for address in self.addresses if address.version == version]
        return (
            self.segment == other.segment
            and (there := other.ip(version)) is not None
            and any(there in network for network in mine)
        )


@dataclass(frozen=True, slots=True)
class Member:
    """A host that has joined a network, with its subnets by family; `span` is that of the `join`."""

    machine: str
    subnets: Mapping[int, IPNetwork]
    subnet_spans: Mapping[int, Span]
    underlay: Underlay | None
    span: Span

    def ip(self, version: int) -> IPAddress | None:
        """Return the address by which the other hosts know this one."""
        return None if self.underlay is None else self.underlay.ip(version)


@dataclass(frozen=True, slots=True)
class Network:
    """A network of a lab: its prefixes by family, and its members in the order of the text.

    `plain_families` are those in which hosts send to each other's subnets without a tunnel, and so must be each other's
    next hops; `tunnel_families` those that go through tunnels; `direct_families`, of these, those that leave it out
    between neighbours.
    """

    name: str
    driver: str
    prefixes: Mapping[int, IPNetwork]
    settings: Mapping[str, Setting]
    span: Span
    members: tuple[Member, ...] = ()
    plain_families: frozenset[int] = frozenset()
    tunnel_families: frozenset[int] = frozenset()
    direct_families: frozenset[int] = frozenset()

    def spans(self) -> Iterator[Span]:
        """Yield the places of its statements, and of the subnets in them."""
        yield self.span
        for member in self.members:
            yield from (member.span, *member.subnet_spans.values())

    def others(self, member: Member) -> tuple[Member, ...]:
        """Return the other members."""
        return tuple(other for other in self.members if other is not member)
