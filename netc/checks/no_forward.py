"""A namespace is to forward packets, and does not.

## What it does
Finds namespaces that others name as a gateway, or that the packets of an `expect` come through, for which the lab
does not turn forwarding on in that family: neither by `forward`, nor by the option `forwarding` of the device that
the packets come in by, nor by a sysctl. A gateway has to forward if some packet of such a route, when it does, goes on
from there by another link, to somebody. So one that has all of these addresses itself needs no forwarding, nor does
one without another link, which stands for the world beyond. The host counts like a namespace: a script sets what its
lab relies on, and does not hope for what others have set; it may have routes that the lab does not say. Nothing is
told where `expect A -/> B` relies on it being off, or where a program runs that may turn it on itself.

## What happens at run time
The packets arrive and are dropped, without a message to anybody; pings of the gateway itself work as ever. IPv4 asks
the device that a packet comes in by (kernel net/ipv4/route.c, ip_route_input_slow), IPv6 the whole namespace
(net/ipv6/ip6_output.c, ip6_forward): `net.ipv6.conf.DEVICE.forwarding` alone does not forward. A new namespace takes
IPv4 forwarding over from the host and IPv6 forwarding not (kernel Documentation/networking/ip-sysctl.rst): a lab that
does not say it works on one host and not on another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice

from netc.checks.base import Check
from netc.checks.places import into_netns
from netc.diagnostics import Finding, Label, Severity
from netc.kinds import kinds
from netc.kinds.overlay import Overlay
from netc.reach.entry import Entry, EntryType
from netc.reach.fib import place_of
from netc.reach.gateway import is_asked_for
from netc.reach.hop import Stop
from netc.reach.limits import is_followed
from netc.reach.neighbour import Reply, ask, is_unsettled
from netc.reach.net import Net, net_of
from netc.reach.pings import tests_of
from netc.reach.rules import Flow
from netc.source import Span
from netc.topology.model import DeviceKey, IPAddress, NetnsKey, Route, RouteType, Topology

BAD = """
netns ns1 { veth eth0 10.1.0.2/24 -- r1:eth0 10.1.0.1/24; route default via 10.1.0.1 }
netns ns2 { veth eth0 10.2.0.2/24 -- r1:eth1 10.2.0.1/24; route default via 10.2.0.1 }
netns r1
expect ns1 <-> ns2
"""
GOOD = """
netns ns1 { veth eth0 10.1.0.2/24 -- r1:eth0 10.1.0.1/24; route default via 10.1.0.1 }
netns ns2 { veth eth0 10.2.0.2/24 -- r1:eth1 10.2.0.1/24; route default via 10.2.0.1 }
netns r1 { forward ipv4 }
expect ns1 <-> ns2
"""
Router = tuple[NetnsKey, int]
_FEW = 4


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for router, (use, text) in idle_routers(topology).items():
        yield _finding(check, net, router, use, text)


@lru_cache(maxsize=2)
def idle_routers(topology: Topology) -> Mapping[Router, tuple[Span, str]]:
    """Return the namespaces that are to forward a family and do not, each with what relies on it, and how."""
    net = net_of(topology)
    meant = _relied_on(topology)
    found: dict[Router, tuple[Span, str]] = {}
    for route in topology.routes:
        door = _idle_door(net, route)
        if door is None or route.gateway_span is None:
            continue
        router = door.netns, route.prefix.version
        if router not in meant and router not in found and _leads_on(net, route, door):
            found[router] = route.gateway_span, f"{route.netns.label} uses it as a gateway"
    for test in tests_of(topology):
        for walk in test.ping.walks if test.wanted else ():
            router = walk.where, walk.target.version
            if walk.stop is Stop.NO_FORWARD and router not in meant:
                found.setdefault(router, (test.expectation.origin.span, "this way leads through it"))
    return found


def _relied_on(topology: Topology) -> set[Router]:
    """Return the namespaces that an unanswered ping relies on not to forward."""
    return {
        (walk.where, walk.target.version)
        for test in tests_of(topology)
        if not test.wanted
        for walk in test.ping.walks
        if walk.stop is Stop.NO_FORWARD
    }


def _idle_door(net: Net, route: Route) -> DeviceKey | None:
    """Return the device that takes a route's packets, if its namespace does not forward them."""
    if route.gateway is None or route.device is None or route.type is not RouteType.UNICAST or route.encap:
        return None
    answer = ask(net, route.device, route.gateway)
    door = answer.device
    settled = answer.reply is Reply.ANSWERED and door is not None and not is_unsettled(net, door.netns)
    if door is None or not settled or not is_asked_for(net, route):
        return None
    return None if net.switches.forwards(door, route.prefix.version) else door


def _leads_on(net: Net, route: Route, door: DeviceKey) -> bool:
    """Whether a packet of a route goes on from the namespace that takes it, once that forwards."""
    if door.netns.is_root and any(
        _sends(net, route, ip) and _onward(net, door, ip) is None for ip in _some(net, route)
    ):
        return True  # by a route of the host's own, which the lab does not say
    return any(
        _sends(net, route, ip) and _onward(net, door, ip) == entry
        for entry in _ways_on(net, door, route.prefix.version)
        if entry.prefix.overlaps(route.prefix)
        for ip in _some(net, route, entry)
    )


def _ways_on(net: Net, door: DeviceKey, version: int) -> Iterator[Entry]:
    """Yield the entries by which what comes in at a device goes on to somebody, by another link."""
    for table in net.fibs[door.netns].tables.values():
        for entry in table.entries():
            devices = [way.device for way in entry.ways if way.device is not None and way.type is EntryType.UNICAST]
            if entry.prefix.version == version and any(_leads_away(net, door, device) for device in devices):
                yield entry


def _leads_away(net: Net, door: DeviceKey, device: DeviceKey) -> bool:
    """Whether a device is on another link than `door`, and somebody else may be there."""
    if net.home[device] == net.home[door]:
        return False
    topology = net.topology
    is_tunnel = isinstance(kinds()[topology.devices[device].kind], Overlay)
    near = net.segment_of(device).devices
    return is_tunnel or any(other.netns != device.netns or not is_followed(topology, other) for other in near)


def _some(net: Net, route: Route, entry: Entry | None = None) -> Iterator[IPAddress]:
    """Yield some addresses of a route that an entry holds: the first ones of all, and of those on the entry's link."""
    shared = route.prefix
    if entry is not None and entry.prefix.prefixlen > shared.prefixlen:
        shared = entry.prefix
    yield from islice(shared, _FEW)
    if entry is not None and entry.device is not None:
        near = (address.ip for device in net.segment_of(entry.device).devices for address in device.addresses)
        yield from islice((ip for ip in near if ip in shared), _FEW)


def _sends(net: Net, route: Route, ip: IPAddress) -> bool:
    """Whether the table of a route leads to an address by it, which is not the namespace's own."""
    assert route.device is not None
    entry = net.fibs[route.netns].table(place_of(net.topology, route)).best(Flow(ip))
    return entry is not None and any(way.route is route for way in entry.ways) and not net.is_local(route.device, ip)


def _onward(net: Net, door: DeviceKey, ip: IPAddress) -> Entry | None:
    """Return the entry that decides about what comes in at a device."""
    near = door if ip.version == 6 else None
    return net.fibs[door.netns].lookup(Flow(ip, entered=door, table=net.table(door), preferred=near))


def _finding(check: Check, net: Net, router: Router, use: Span, text: str) -> Finding:
    netns, family = router
    root = netns.is_root
    place = "at the top level of the file" if root else f"to {netns.label}"
    return check.find(
        use if root else net.topology.netnses[netns].span,
        f"{netns.label} does not forward IPv{family}, and {text if root else 'packets of others come through it'}",
        labels=[] if root else [Label(use, text)],
        effect="the packets would arrive there and be dropped without a word, while pings of its own addresses work",
        help=f"add `forward ipv{family}` {place}",
        edits=into_netns(net.topology, netns, f"forward ipv{family}"),
    )


CHECK = Check("N401", "no-forward", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
