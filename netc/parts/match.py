"""Which packets a rule of a namespace's table takes: the data of `filter`, `nat` and `masquerade`.

A match holds if all of its parts do; a part that is empty holds for every packet. Source: nft(8), EXPRESSIONS.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def _one_of(what: str, one: OneOf[str]) -> str:
    values = one.values[0] if len(one.values) == 1 else f"{{ {', '.join(one.values)} }}"
    return f"{what} {'!= ' if one.negated else ''}{values}"


def _net(network: IPNetwork) -> str:
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)
