"""The hops of a packet, and where its walk ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.parts.ipsec import State
    from netc.parts.table import Filter
    from netc.reach.conntrack import Packet
    from netc.reach.entry import Entry
    from netc.reach.hooks import Change
    from netc.reach.ipsec import Held
    from netc.reach.neighbour import Answer
    from netc.reach.source import Refused
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey

TTL = 64  # include/uapi/linux/ip.h IPDEFTTL, and net.ipv6 hop_limit


#: Stands for a link-local address that nobody can know.
SOME_LINK_LOCAL = IPv6Address("fe80::")


class Stop(Enum):
    """Where a walk ends, and why."""

    DELIVERED = "the namespace has the address"
    UNKNOWN = "the model cannot tell what comes next"
    NO_ROUTE = "the namespace has no route to it"
    NO_SOURCE = "the namespace has no address to send from"
    BLACKHOLED = "a route of the namespace says to drop it"
    NO_FORWARD = "the namespace does not forward"
    REFUSED = "the namespace does not take packets with this source from there"
    NO_NEIGHBOUR = "nobody on the segment answers for the next hop"
    NO_PROXY_ROUTE = "proxy ARP for the next hop has no route to it"
    NO_PROXY_FORWARD = "proxy ARP for the next hop is at a device that does not forward"
    LOST = "it is sent, and does not get to the next hop"
    LOOP = "the packet has been here before"
    FILTERED = "a rule of the namespace's table drops it"
    HELD = "IPsec holds it back in the namespace"


@dataclass(frozen=True, slots=True)
class Hop:
    """A namespace on the way: the device that the packet came in by, and the entry that decides about it there.

    `ttl` is what the packet has left when it is there; `next_hop` is who is asked for on the link of the entry's
    device, and `answer` what comes of it. `changes` are the addresses that the namespace rewrites, and
    `layers` the states of IPsec that protect the packet where it leaves.
    """

    netns: NetnsKey
    entered: DeviceKey | None
    entry: Entry | None
    ttl: int
    next_hop: IPAddress | None = None
    answer: Answer | None = None
    changes: tuple[Change, ...] = ()
    layers: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk. `source` is None where the sender has no address, or no route to choose one by.

    `refusal` goes with REFUSED, `rule` with FILTERED, `held` with HELD, and `why` with UNKNOWN. `packet` is the
    packet at its end.
    """

    source: IPAddress | None
    target: IPAddress
    stop: Stop
    hops: tuple[Hop, ...]
    refusal: Refused | None = None
    why: str = ""
    rule: Filter | None = None
    packet: Packet | None = None
    held: Held | None = None

    @property
    def came_from(self) -> IPAddress | None:
        """The source that the packet has at its end."""
        return self.source if self.packet is None else self.packet.source

    @property
    def came_to(self) -> IPAddress:
        """The destination that the packet has at its end."""
        return self.target if self.packet is None else self.packet.target

    @property
    def where(self) -> NetnsKey:
        """The namespace in which it ends."""
        return self.hops[-1].netns

    @property
    def ttl(self) -> int:
        """The TTL that is left at its end."""
        return self.hops[-1].ttl

    @property
    def asked(self) -> DeviceKey | None:
        """The device that answers for the last next hop, or would if it were set up right."""
        answer = self.hops[-1].answer
        return None if answer is None else answer.device


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a walk ends at a hop."""

    stop: Stop
    refusal: Refused | None = None
    why: str = ""
    rule: Filter | None = None
    held: Held | None = None


def named(ip: IPAddress | None) -> str:
    """Return an address, or what is known of it."""
    return "a link-local address" if ip == SOME_LINK_LOCAL else str(ip)
