"""Finds the next hops that proxy ARP is to answer for and does not, for N407 and N408."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.reach.gateway import is_asked_for
from netc.reach.hop import Stop
from netc.reach.neighbour import Reply, ask, is_unsettled
from netc.reach.net import Net, net_of
from netc.reach.pings import tests_of
from netc.reach.wire import is_port
from netc.source import Span
from netc.topology.model import DeviceKey, IPAddress, NetnsKey, Route, Topology


@dataclass(frozen=True, slots=True)
class Failure:
    """A next hop that `asking` gets no answer for, and the device `door` that is to give it."""

    asking: NetnsKey
    next_hop: IPAddress
    door: DeviceKey
    reply: Reply
    span: Span


def proxy_failures(topology: Topology) -> Iterator[Failure]:
    """Yield the failures of gateways, in the order of the routes, then those on the way of expected pings.

    What an `expect A -/> B` relies on is left out.
    """
    net = net_of(topology)
    meant = {walk.asked for test in tests_of(topology) if not test.wanted for walk in test.ping.walks}
    for route in topology.routes:
        failure = _of_route(net, route)
        if failure is not None and failure.door not in meant:
            yield failure
    for test in tests_of(topology):
        for walk in test.ping.walks if test.wanted else ():
            entry = walk.hops[-1].entry
            if walk.stop is Stop.NO_PROXY_ROUTE and walk.asked is not None and entry is not None:
                next_hop, span = entry.next_hop(walk.target), test.expectation.origin.span
                yield Failure(walk.where, next_hop, walk.asked, Reply.NO_PROXY_ROUTE, span)


def _of_route(net: Net, route: Route) -> Failure | None:
    gateway, device, span = route.gateway, route.device, route.gateway_span
    if gateway is None or device is None or span is None or gateway.version != 4 or not is_asked_for(net, route):
        return None
    answer = ask(net, device, gateway)
    if answer.reply in {Reply.NO_PROXY_ROUTE, Reply.NO_PROXY_FORWARD} and answer.device is not None:
        return Failure(route.netns, gateway, answer.device, answer.reply, span)
    if answer.reply is Reply.NOBODY and not route.onlink and _is_made_up(net, route):
        door = _far_end(net, device)
        if door is not None and not is_unsettled(net, door.netns):
            return Failure(route.netns, gateway, door, Reply.NOBODY, span)
    return None


def _is_made_up(net: Net, route: Route) -> bool:
    """Whether a gateway is on the link only because a route of the lab says so, as for a gateway that nobody has."""
    assert route.gateway is not None
    matches = net.fibs[route.netns].matches(route.gateway)
    entry = next((entry for entry in matches if entry.on_link and entry.device == route.device), None)
    return entry is not None and entry.route is not None


def _far_end(net: Net, device: DeviceKey) -> DeviceKey | None:
    """Return the far end of a link that is not a bridge's port, or None."""
    peer = net.topology.devices[device].peer
    return None if peer is None or is_port(net.topology, net.topology.devices[peer]) else peer
