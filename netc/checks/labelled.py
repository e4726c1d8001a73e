"""Packets with MPLS labels: who sends them, with which label on top, and which device takes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.parts.mpls import LabelRoute
from netc.reach.neighbour import Reply, ask
from netc.reach.net import Net
from netc.reach.rules import Flow
from netc.source import Span
from netc.topology.model import DeviceKey, IPAddress, NetnsKey


@dataclass(frozen=True, slots=True)
class Handed:
    """What one next hop does: packets with `label` on top go from a namespace to the device `to`."""

    label: int
    netns: NetnsKey
    gateway: IPAddress
    span: Span
    to: DeviceKey


def handed(net: Net) -> Iterator[Handed]:
    """Yield what the lab's next hops hand on with labels, where it is known to whom."""
    for label, netns, gateway, span, device in _sent(net):
        by = device or _device_of(net, netns, gateway)
        answer = None if by is None else ask(net, by, gateway)
        if answer is not None and answer.reply is Reply.ANSWERED and answer.device is not None:
            yield Handed(label, netns, gateway, span, answer.device)


def _sent(net: Net) -> Iterator[tuple[int, NetnsKey, IPAddress, Span, DeviceKey | None]]:
    for route in net.topology.routes:
        if route.encap[:1] == ("mpls",) and route.gateway is not None and route.gateway_span is not None:
            top = int(route.encap[1].partition("/")[0])
            yield top, route.netns, route.gateway, route.gateway_span, route.device
    for part in net.topology.parts_of(LabelRoute):
        for hop in part.hops:
            if hop.out and hop.gateway is not None and hop.gateway_span is not None:
                yield hop.out[0], part.netns, hop.gateway, hop.gateway_span, hop.device


def _device_of(net: Net, netns: NetnsKey, gateway: IPAddress) -> DeviceKey | None:
    """Return the device by which the kernel looks for a next hop (net/mpls/af_mpls.c, find_outdev)."""
    entry = net.fibs[netns].lookup(Flow(gateway))
    return None if entry is None or not entry.on_link else entry.device
