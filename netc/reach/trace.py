"""The way of a ping between two ends that are named as in `expect`, as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from netc.reach.ends import NoEnd, find_end
from netc.reach.net import net_of
from netc.reach.pings import Ping, addresses_of, ping
from netc.reach.sizes import limit_of
from netc.reach.story import lines

if TYPE_CHECKING:
    from netc.reach.ends import Place
    from netc.reach.net import Net
    from netc.topology.model import Topology

__all__ = ["NoEnd", "trace_of"]


def trace_of(topology: Topology, source: str, target: str) -> tuple[str, bool]:
    """Return the pings from one end to another, one for each family that both have, and whether all are answered.

    Raises NoEnd where a word names no end, or the two have no family in common.
    """
    net = net_of(topology)
    one, two = find_end(topology, source), find_end(topology, target)
    pings = list(_pings(net, one, two))
    if not pings:
        raise NoEnd(f"{source} and {target} have no addresses of one family")
    text = "\n\n".join("\n".join(_told(net, found)) for found in pings) + "\n"
    return text, all(found.answered for found in pings)


def _pings(net: Net, one: Place, two: Place) -> Iterator[Ping]:
    sources = addresses_of(net.topology, one)
    said = one.device is not None or one.ip is not None
    for family, address in sorted(addresses_of(net.topology, two).items()):
        if family in sources or not sources:
            yield ping(net, one.netns, address, sources[family] if said else None)


def _told(net: Net, found: Ping) -> Iterator[str]:
    yield from lines(net, found)
    limit = limit_of(net, found) if found.answered else None
    if limit is not None:
        yield f"packets of up to {limit.size} bytes pass: {limit.device.label}"
