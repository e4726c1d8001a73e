"""Document to Document: `routing auto` becomes the `route` statements that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netc.networks.base import Line, statement, word
from netc.reach.net import net_of
from netc.routing.ways import Way, ways_of
from netc.syntax.tree import Block, Document, Statement

if TYPE_CHECKING:
    from netc.topology.model import NetnsKey, Topology

_KEYWORD = "routing"


def asks_for_routes(document: Document) -> bool:
    """Whether a document has a `routing auto`."""
    return any(each.keyword == _KEYWORD for each in document.statements)


def write_routes(document: Document, topology: Topology) -> Document:
    """Return `document` with the routes in the place of `routing auto`; `topology` is what it binds to without them."""
    written: list[Statement] = []
    for each in document.statements:
        written += _blocks(each, topology) if each.keyword == _KEYWORD else [each]
    return replace(document, statements=tuple(written))


def _blocks(routing: Statement, topology: Topology) -> Iterator[Statement]:
    net = net_of(topology)
    for netns, ways in ways_of(net).items():
        lines = tuple(statement(_line(way), routing, routing.title) for way in ways)
        if lines:
            name = word(_name(netns, topology), routing.span)
            yield replace(routing, head=replace(routing.head, text="in"), parts=(name, Block(lines, routing.span)))


def _line(way: Way) -> Line:
    prefix = str(way.prefix) if way.prefix.prefixlen else "default"
    return "route", prefix, "via", way.gateway, *(("dev", way.device.name) if way.names_device else ())


def _name(netns: NetnsKey, topology: Topology) -> str:
    """Return what the lab calls a namespace, with its machine where the name alone could be another's."""
    name = netns.netns.removeprefix(topology.lab.prefix)
    if not name:
        return netns.machine
    alone = len(topology.machines) == 1 and name not in topology.machines
    return name if alone else f"{netns.machine}/{name}"
