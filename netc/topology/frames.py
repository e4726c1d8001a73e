"""How frames pass: what kinds of devices say of it, and the forwarding model asks.

A frame is somewhere: at a device, on its way out of the namespace's hands (`Way.OUT`, kernel dev_queue_xmit) or into
them (`Way.IN`, kernel __netif_receive_skb_core). A kind says where it goes from there. Learning is left aside: what
counts is where a frame may go at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, IPAddress


class Way(Enum):
    """Which way a frame goes at a device."""

    OUT = "sent by it"
    IN = "received by it"


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: who sent it, the device whose MAC address it is for, and its VLAN tags, the outermost first.

    `target` is None for a broadcast.
    """

    source: DeviceKey
    target: DeviceKey | None = None
    tags: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Passing:
    """A frame goes on to a device, that way; `checked` is whether the kernel drops it there if it exceeds the MTU."""

    device: DeviceKey
    way: Way
    frame: Frame
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Catch:
    """What a child takes of a frame at its parent: where it goes, and whether the parent sees it no more."""

    onward: tuple[Passing, ...]
    all: bool


@dataclass(frozen=True, slots=True)
class Load:
    """What a tunnel is to carry: an Ethernet frame, with `version` 0, or an IP packet.

    Of a packet there is the next hop of its route, its source, where that is known, and its destination.
    """

    version: int = 0
    next_hop: IPAddress | None = None
    source: IPAddress | None = None
    target: IPAddress | None = None


@dataclass(frozen=True, slots=True)
class Far:
    """A far end that an entry of a tunnel's FDB names; what it leaves out is the tunnel's own."""

    ip: IPAddress
    port: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class InUdp:
    """UDP to `port`, around an outer packet of the IP protocol `protocol`, with GUE's header or without one (FOU)."""

    port: int
    protocol: int
    gue: bool


@dataclass(frozen=True, slots=True)
class Wrapping:
    """The outer packet that a tunnel puts its load into.

    `mark` is what the far end knows its packets by beside the addresses, and `text` says it. `source` and `device` are
    None where the route decides, and `ttl` where it is the usual one. `overhead` is its size without the load's IP
    packet, in bytes; `whole` is whether nobody may cut it on its way. `owned` is whether its source has to be one of
    the namespace's own addresses, which is so for IPv4 in any case. `cut` is whether its own namespace cuts it where it
    is too large, without a word to who sent the load, and `block` what the load's size is rounded up to a multiple of.
    `udp` is what is around it.
    """

    target: IPAddress
    mark: tuple[object, ...]
    text: str
    overhead: int
    source: IPAddress | None = None
    device: DeviceKey | None = None
    ttl: int | None = None
    whole: bool = True
    owned: bool = False
    cut: bool = False
    block: int = 1
    udp: InUdp | None = None

    @property
    def carrier(self) -> tuple[object, ...]:
        """The protocol of the outer packet, by its name in nft(8), and its destination port."""
        return self.mark[:2] if self.udp is None else ("udp", self.udp.port)
