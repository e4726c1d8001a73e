"""A pair of virtual Ethernet devices: what goes into one end comes out of the other.

    veth ns1:eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24

Both ends are made by one command, each in its final namespace, so that their names never meet on the host. An end
that names a bridge becomes a port of it. The link's own options (`mtu`, `subnet`) may stand at either end.

Source: veth(4), ip-link(8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.kinds.base import Form, Kind, Making
from netc.topology.options import Option, several
from netc.topology.values import prefix

if TYPE_CHECKING:
    from collections.abc import Hashable

    from netc.syntax.tree import Word
    from netc.topology.model import Device, IPNetwork, Topology

SUBNET: Option[tuple[tuple[IPNetwork, Word], ...]] = Option(
    "subnet",
    several(prefix),
    "PREFIX...",
    "The subnets of the link's segment: addresses are checked against them, and `auto` takes from them.",
    "none",
    of_link=True,
)


class Veth(Kind):
    """The kind `veth`."""

    name = "veth"
    form = Form.LINK
    modelled = True
    options = (SUBNET,)

    def passes_all(self, device: Device, topology: Topology) -> bool:
        """Return True: a pair is a cable."""
        return True

    def traits(self, device: Device) -> Hashable:
        """Return nothing: one cable is like another."""
        return ()

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the peer's words."""
        assert device.peer is not None
        peer = making.topology.devices[device.peer]
        words = ["veth", "peer", *self.link_words(peer, making)]
        if peer.netns != device.netns:
            words += ["netns", peer.netns.netns]
        return tuple(words)


KIND = Veth()
