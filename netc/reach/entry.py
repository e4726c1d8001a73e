"""An entry of a routing table: which packets it is for, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, IPAddress, IPNetwork, Route


class EntryType(StrEnum):
    """What becomes of a packet that an entry matches."""

    UNICAST = "unicast"
    LOCAL = "local"
    BROADCAST = "broadcast"
    ANYCAST = "anycast"
    BLACKHOLE = "blackhole"
    UNREACHABLE = "unreachable"
    PROHIBIT = "prohibit"
    THROW = "throw"
    NO_ROUTE = "no route"  # IPv6 takes a route by lo for one that says so: net/ipv6/route.c, fib6_nh_init
    UNKNOWN = "unknown"  # a policy rule decides that this model cannot follow


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a table: `route` is what the lab says, or None for what an address brings with it.

    Of a route with several next hops it leads by the first; `others` lead by the rest. With `own` the gateway is an
    address of the namespace itself.
    """

    prefix: IPNetwork
    type: EntryType
    device: DeviceKey | None
    gateway: IPAddress | None = None
    metric: int = 0
    source: IPAddress | None = None
    route: Route | None = None
    others: tuple[Entry, ...] = ()
    own: bool = False

    def next_hop(self, target: IPAddress) -> IPAddress:
        """Return who is asked for on the device's link.

        A gateway that is the namespace's own gives its next hop the scope of the host, and only one with the scope of
        a link is gone to (net/ipv4/route.c, rt_set_nexthop): the target itself is asked for.
        """
        return target if self.gateway is None or self.own else self.gateway

    @property
    def is_kept(self) -> bool:
        """Whether an IPv6 sender keeps to it once its source is chosen: it leads on, or says no without an error."""
        by_lo = self.type is EntryType.NO_ROUTE and self.device is not None
        return by_lo or self.ends or self.type is EntryType.UNICAST

    @property
    def ends(self) -> bool:
        """Whether packets by it are for the namespace itself."""
        return self.type in {EntryType.LOCAL, EntryType.ANYCAST}

    @property
    def is_taken(self) -> bool:
        """Whether a namespace takes what it sends itself by it, though it has no such address: IPv4's routes by lo.

        What it forwards by one comes back, and is forwarded again, without being looked up (net/ipv4/route.c,
        __mkroute_output and __mkroute_input; drivers/net/loopback.c keeps the packet's route).
        """
        by_lo = self.device is not None and self.device.name == "lo"
        return by_lo and self.type is EntryType.UNICAST and self.prefix.version == 4

    @property
    def is_plain(self) -> bool:
        """Whether it leads one way, and the packets go on as they are: no further next hops, no encapsulation."""
        return not self.others and (self.route is None or not self.route.encap)

    @property
    def oddity(self) -> str:
        """What of an entry that is not plain nobody can tell the end of."""
        if self.others:
            return f"several next hops for {self.prefix}"
        return f"a route to {self.prefix} with `encap`, which netc does not follow"

    @property
    def ways(self) -> tuple[Entry, ...]:
        """An entry for each next hop."""
        return (replace(self, others=()), *self.others) if self.others else (self,)

    @property
    def on_link(self) -> bool:
        """Whether it leads straight to its destination, without a gateway."""
        return self.type is EntryType.UNICAST and self.gateway is None and self.device is not None
