"""A namespace is to forward packets, and does not.

## What it does
Finds namespaces that others name as a gateway, or that the packets of an `expect` come through, for which the lab
does not turn forwarding on in that family: neither by `forward`, nor by the option `forwarding` of the device that
the packets come in by, nor by a sysctl. A gateway's route to a single address of its own needs no forwarding, nor
does a namespace without a second link, which stands for the world beyond. The host counts like a namespace: a script
sets what its lab relies on, and does not hope for what others have set. Nothing is told where `expect A -/> B` relies
on it being off, or where a program runs that may turn it on itself.

## What happens at run time
The packets arrive and are dropped, without a message to anybody; pings of the gateway itself work as ever. IPv4 asks
the device that a packet comes in by (kernel net/ipv4/route.c, ip_route_input_slow), IPv6 the whole namespace
(net/ipv6/ip6_output.c, ip6_forward): `net.ipv6.conf.DEVICE.forwarding` alone does not forward. A new namespace takes
IPv4 forwarding over from the host and IPv6 forwarding not (kernel Documentation/networking/ip-sysctl.rst): a lab that
does not say it works on one host and not on another.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.places import into_netns
from netc.diagnostics import Finding, Label, Severity
from netc.reach.neighbour import Reply, ask, is_unsettled
from netc.reach.net import Net, net_of
from netc.reach.pings import tests_of
from netc.reach.walk import Stop
from netc.source import Span
from netc.topology.model import NetnsKey, Route, RouteType, Topology

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


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    told = _relied_on(topology)
    for route in topology.routes:
        router = _router(net, route)
        if router is not None and router not in told and route.gateway_span is not None:
            told.add(router)
            yield _finding(check, net, router, route.gateway_span, f"{route.netns.label} uses it as a gateway")
    for test in tests_of(topology):
        for walk in test.ping.walks if test.wanted else ():
            router = (walk.where, walk.target.version)
            if walk.stop is Stop.NO_FORWARD and router not in told:
                told.add(router)
                yield _finding(check, net, router, test.expectation.origin.span, "this way leads through it")


def _relied_on(topology: Topology) -> set[Router]:
    """Return the namespaces that an unanswered ping relies on not to forward."""
    return {
        (walk.where, walk.target.version)
        for test in tests_of(topology)
        if not test.wanted
        for walk in test.ping.walks
        if walk.stop is Stop.NO_FORWARD
    }


def _router(net: Net, route: Route) -> Router | None:
    """Return the namespace that a route's packets are handed to, if it does not forward them."""
    if route.gateway is None or route.device is None or route.type is not RouteType.UNICAST or route.encap:
        return None
    answer = ask(net, route.device, route.gateway)
    if answer.reply is not Reply.ANSWERED or answer.device is None:
        return None
    there, family = answer.device.netns, route.prefix.version
    if net.switches.forwards(answer.device, family) or is_unsettled(net, there):
        return None
    links = [device for device in net.topology.devices_in(there) if device.name != "lo"]
    if not there.is_root and all(net.home[device.key] == net.home[route.device] for device in links):
        return None  # it has no other link: it stands for the world beyond, and nothing is to come through it
    single = route.prefix.prefixlen == route.prefix.max_prefixlen
    if single and any(d.netns == there for d in net.holders.get(route.prefix.network_address, ())):
        return None
    return there, family


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
