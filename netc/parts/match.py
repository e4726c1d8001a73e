"""Which packets a rule of a namespace's table takes: the data of `filter`, `nat` and `masquerade`.

A match holds if all of its parts do; a part that is empty holds for every packet. Source: nft(8), EXPRESSIONS.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from netc.topology.model import DeviceKey, IPNetwork

T = TypeVar("T")

#: What `icmp` and `icmpv6` take after them, nft(8), ICMP TYPE TYPE and ICMPV6 TYPE TYPE, as far as labs need them.
ICMP_TYPES = {
    "icmp": ("echo-reply", "destination-unreachable", "redirect", "echo-request", "time-exceeded"),
    "icmpv6": (
        "destination-unreachable",
        "packet-too-big",
        "time-exceeded",
        "echo-request",
        "echo-reply",
        "nd-router-solicit",
        "nd-router-advert",
        "nd-neighbor-solicit",
        "nd-neighbor-advert",
        "nd-redirect",
    ),
}
#: Protocols that have ports, and so take some after them.
WITH_PORTS = ("tcp", "udp", "sctp")
#: Connection states of nft(8), CT EXPRESSION; an answer's own errors are `related`.
STATES = {"established": ("established", "related"), "new": ("new",), "invalid": ("invalid",)}


@dataclass(frozen=True, slots=True)
class OneOf(Generic[T]):
    """A value must be one of these, or, negated, none of them."""

    values: tuple[T, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports from `first` to `last`, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        """Return them as nft(8) writes them."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Match:
    """Which packets a rule takes.

    `family` is 4 or 6, said by the lab or by its addresses; None takes both. `protocol` is a name of nft(8). `states`
    are connection states. `mark` is a value and a mask of the packet's mark (SO_MARK, `meta mark`).
    """

    family: int | None = None
    source: OneOf[IPNetwork] | None = None
    destination: OneOf[IPNetwork] | None = None
    protocol: str | None = None
    icmp_type: str | None = None
    source_ports: tuple[Ports, ...] = ()
    ports: tuple[Ports, ...] = ()
    in_device: OneOf[DeviceKey] | None = None
    out_device: OneOf[DeviceKey] | None = None
    states: tuple[str, ...] = ()
    mark: tuple[int, int] | None = None

    def covers(self, other: Match) -> bool:
        """Whether every packet that `other` takes is one of these, as far as that can be told."""
        return (
            self.family in {None, other.family}
            and _holds(self.source, other.source, _subnets, _disjoint)
            and _holds(self.destination, other.destination, _subnets, _disjoint)
            and self.protocol in {None, other.protocol}
            and self.icmp_type in {None, other.icmp_type}
            and _spans(self.source_ports, other.source_ports)
            and _spans(self.ports, other.ports)
            and _holds(self.in_device, other.in_device, operator.eq, operator.ne)
            and _holds(self.out_device, other.out_device, operator.eq, operator.ne)
            and (not self.states or (bool(other.states) and set(other.states) <= set(self.states)))
            and self.mark in {None, other.mark}
        )

    def words(self) -> Iterator[str]:
        """Yield the match in nft's words. Devices are matched by name: an index is lost when a device is made anew."""
        for name, device in (("iifname", self.in_device), ("oifname", self.out_device)):
            if device is not None:
                yield _one_of(name, OneOf(tuple(f'"{key.name}"' for key in device.values), device.negated))
        addresses = [(way, one) for way, one in (("saddr", self.source), ("daddr", self.destination)) if one]
        if self.family is not None and not addresses:
            yield f"meta nfproto ipv{self.family}"
        for way, one in addresses:
            yield _one_of(
                f"{'ip6' if self.family == 6 else 'ip'} {way}", OneOf(tuple(map(_net, one.values)), one.negated)
            )
        yield from self._protocol()
        if self.states:
            yield f"ct state {','.join(self.states)}"
        if self.mark is not None:
            value, mask = self.mark
            yield f"meta mark {value:#x}" if mask == 2**32 - 1 else f"meta mark & {mask:#x} == {value:#x}"

    def _protocol(self) -> Iterator[str]:
        if self.icmp_type is not None:
            yield f"{self.protocol} type {self.icmp_type}"
        elif self.protocol is not None and not (self.ports or self.source_ports):
            yield f"meta l4proto {'ipv6-icmp' if self.protocol == 'icmpv6' else self.protocol}"
        for way, ports in (("sport", self.source_ports), ("dport", self.ports)):
            if ports:
                yield _one_of(f"{self.protocol} {way}", OneOf(tuple(map(str, ports))))


def _holds(
    wide: OneOf[T] | None, narrow: OneOf[T] | None, inside: Callable[[T, T], bool], apart: Callable[[T, T], bool]
) -> bool:
    """Whether `wide` lets through whatever `narrow` does; `inside` and `apart` compare a value with one of `wide`."""
    if wide is None:
        return True
    if narrow is None:
        return False
    if narrow.negated:  # not A holds not B where B holds A
        return wide.negated and all(any(inside(one, other) for other in narrow.values) for one in wide.values)
    if wide.negated:
        return all(apart(one, other) for one in narrow.values for other in wide.values)
    return all(any(inside(one, other) for other in wide.values) for one in narrow.values)


def _subnets(one: IPNetwork, other: IPNetwork) -> bool:
    return one.version == other.version and one.prefixlen >= other.prefixlen and one.overlaps(other)


def _disjoint(one: IPNetwork, other: IPNetwork) -> bool:
    return one.version != other.version or not one.overlaps(other)


def _spans(wide: tuple[Ports, ...], narrow: tuple[Ports, ...]) -> bool:
    inside = (any(two.first <= one.first and one.last <= two.last for two in wide) for one in narrow)
    return not wide or (bool(narrow) and all(inside))


def _one_of(what: str, one: OneOf[str]) -> str:
    values = one.values[0] if len(one.values) == 1 else f"{{ {', '.join(one.values)} }}"
    return f"{what} {'!= ' if one.negated else ''}{values}"


def _net(network: IPNetwork) -> str:
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)
