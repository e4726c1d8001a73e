"""Whether the kernel takes a route's gateway, and why not.

Sources: kernel net/ipv4/fib_semantics.c (fib_check_nh_v4_gw: the look-up passes over routes that have a gateway
themselves), net/ipv6/route.c (ip6_route_check_nh: the best route must have none), both tried on kernel 6.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from netc.reach.entry import Entry, EntryType
from netc.reach.fib import own_at, place_of
from netc.reach.net import Net
from netc.reach.rules import Flow
from netc.topology.model import MAIN_TABLE, Device, Made, Route


class Verdict(Enum):
    """What the kernel says to a gateway."""

    ON_LINK = "it is on the link of a device"
    OWN = "it is an address of the namespace itself"
    RECURSIVE = "it lies behind another gateway"
    OTHER_DEVICE = "it is on the link of another device than the route says"
    NOWHERE = "it is on no link"
    NO_DEVICE = "it is link-local, and the route does not say on which link"
    UNKNOWN = "it may be on a link that the lab does not declare"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and the entry that it rests on where there is one."""

    verdict: Verdict
    entry: Entry | None = None


def judge(net: Net, route: Route) -> Judgement:
    """Return what the kernel says to the gateway of `route`, which has one."""
    gateway = route.gateway
    assert gateway is not None
    link_local = gateway.version == 6 and gateway.is_link_local
    own = [device for device in net.holders.get(gateway, ()) if device.netns == route.netns]
    if any(not link_local or device.key == route.device for device in own):
        return Judgement(Verdict.OWN)
    if link_local:
        return Judgement(Verdict.ON_LINK if route.device_said else Verdict.NO_DEVICE)
    if route.onlink:
        # Of lo the whole subnet is (fib_check_nh_v4_gw, inet_addr_type_dev_table).
        if gateway.version == 4 and route.device is not None and net.is_local(route.device, gateway, early=True):
            return Judgement(Verdict.OWN)
        elsewhere = _elsewhere(net, route)
        return Judgement(Verdict.ON_LINK) if elsewhere is None else Judgement(Verdict.OTHER_DEVICE, elsewhere)
    if route.vrf is not None:
        return Judgement(Verdict.UNKNOWN)
    matches = [entry for entry in _matches(net, route) if entry.route is not route]
    # For IPv6 the look-up is bound to the device that up.sh names (ip6_nh_lookup_table).
    wanted = route.device if route.device_said or gateway.version == 6 else None
    usable = [entry for entry in matches if wanted in {None, entry.device}]
    # IPv4 looks on past routes that have a gateway themselves; for IPv6 the best route must have none.
    if any(entry.on_link for entry in (usable if gateway.version == 4 else usable[:1])):
        return Judgement(Verdict.ON_LINK)
    if _may_be_undeclared(net, route):
        return Judgement(Verdict.UNKNOWN)
    for verdict, fits in (
        (Verdict.OTHER_DEVICE, lambda entry: entry.on_link and entry not in usable),
        (Verdict.RECURSIVE, lambda entry: entry.gateway is not None),
    ):
        entry = next(filter(fits, matches), None)
        if entry is not None:
            return Judgement(verdict, entry)
    return Judgement(Verdict.NOWHERE)


def is_asked_for(net: Net, route: Route) -> bool:
    """Whether a route's packets are for whoever has its gateway, which IPv4 does not ask for where it is its own."""
    return own_at(net.fibs[route.netns], place_of(net.topology, route), route) is None


def _elsewhere(net: Net, route: Route) -> Entry | None:
    """Return what leads to an IPv6 gateway by another device, in the main table or in that of the device's VRF.

    `onlink` does not help against it, whether or not it has a gateway itself; a default route does not count, nor
    what drops packets (net/ipv6/route.c, ip6_route_check_nh_onlink; tried on kernel 6.18). What comes after the route
    is not there yet.
    """
    assert route.gateway is not None
    if route.gateway.version == 4 or route.device is None:
        return None
    table = net.fibs[route.netns].table(net.table(route.device) or MAIN_TABLE)
    later = [entry for entry in table.every(route.gateway) if _comes_after(entry, route)]
    entry = table.best(Flow(route.gateway, preferred=route.device), but=later)
    if entry is None or entry.type is not EntryType.UNICAST or not entry.prefix.prefixlen:
        return None
    return None if entry.device == route.device else entry


def _comes_after(entry: Entry, route: Route) -> bool:
    """Whether an entry is not there yet when a route comes that says its gateway: those without one come first."""
    other = entry.route
    return other is not None and other.gateway is not None and other.origin.order >= route.origin.order


def _matches(net: Net, route: Route) -> list[Entry]:
    """Return the entries for a route's gateway: of the route's own table first, then of the usual ones."""
    assert route.gateway is not None
    fib = net.fibs[route.netns]
    own = [] if route.table == MAIN_TABLE else list(fib.table(route.table).every(route.gateway))
    return [*own, *fib.matches(route.gateway, early=True)]


def _may_be_undeclared(net: Net, route: Route) -> bool:
    """Whether a link or an address of the host that the lab does not mention could hold the gateway."""
    if not route.netns.is_root:
        return False
    device: Device | None = None if route.device is None else net.topology.devices[route.device]
    return not (route.device_said and device is not None and device.made in {Made.LAB, Made.PEER})
