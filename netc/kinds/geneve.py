"""A virtual Ethernet segment between two ends, carried in UDP packets.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    geneve a:g0 10.9.0.1/24 -- b:g0 10.9.0.2/24 { id 42 }

The kernel takes the outer source address from the route to the far end.

Source: ip-link(8) "GENEVE Type Support", RFC 8926.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from netc.kinds.attributes import flag, numeric, of_link
from netc.kinds.outer import CHECKSUMS, DF, FLOWLABEL, TOS, is_whole
from netc.kinds.overlay import REMOTE, Overlay, below_of, beside_external, ends_of, is_external, said, said_ttl
from netc.topology.frames import Wrapping
from netc.topology.model import Device, Setting

if TYPE_CHECKING:
    from netc.topology.frames import Far, Load
    from netc.topology.model import DeviceKey, Topology

EXTERNAL = flag(
    "external",
    "Takes identifier and far end from each packet's own metadata: tc-tunnel_key(8), `encap` of ip-route(8).",
    "off",
)


class Geneve(Overlay):
    """The kind `geneve`."""

    name = "geneve"
    probe = ("id", "1", "remote", "192.0.2.1")
    attributes = (
        *of_link(
            numeric("id", 0, 2**24 - 1, "The virtual network identifier (VNI). Needed unless `external on`.", "none"),
            numeric("dstport", 1, 65535, "The UDP port of both ends.", "6081"),
            numeric("ttl", 1, 255, "The outer packets' TTL.", "inherited"),
        ),
        REMOTE,
        TOS,
        FLOWLABEL,
        DF,
        *CHECKSUMS,
        EXTERNAL,
        flag("innerprotoinherit", "Carries IP packets without an Ethernet header.", "off"),
    )
    required = ("id", "remote")
    outer_versions = (4, 6)
    sets_mtu = True
    asks_route = True
    over_udp = True
    modelled = True
    is_marked = True
    unfollowed = ("external", "innerprotoinherit", "udp6zerocsumtx")

    def wraps(self, device: Device, load: Load, far: Far | None, topology: Topology) -> Wrapping | None:
        """Return the UDP packet for the far end (kernel drivers/net/geneve.c, geneve_xmit_skb)."""
        remote = ends_of(topology, device)[1]
        if remote is None:
            return None
        mark = _mark(device)
        text, overhead = f"GENEVE {mark[3]}, UDP port {mark[1]}", self.overhead(device, remote.version)
        whole = is_whole(device, remote.version)
        return Wrapping(remote, mark, text, overhead, ttl=said_ttl(device), whole=whole)

    def unwraps(self, device: Device, wrapping: Wrapping, topology: Topology) -> int | None:
        """Return whether port and VNI are the device's, and the packet comes from its `remote` (geneve_lookup)."""
        return 0 if wrapping.mark == _mark(device) and wrapping.source == ends_of(topology, device)[1] else None

    def overhead(self, device: Device, version: int) -> int:
        """Return the outer IP header, UDP, GENEVE without options and the inner Ethernet header (RFC 8926)."""
        return (20 if version == 4 else 40) + 8 + 8 + 14

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return what is left of the MTU of the device on whose link `remote` is, else Ethernet's (geneve_link_config).

        In a link it is worked out from the device that has the outer address.
        """
        remote = ends_of(topology, device)[1]
        below = self.link_below(device, topology) if device.peer is None else below_of(topology, device)
        return 1500 if remote is None or below is None else mtu_of(below) - self.overhead(device, remote.version)

    def missing(self, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """Return what is missing: nothing where each packet brings it."""
        return () if is_external(settings) else super().missing(settings)

    def clashing(self, settings: Mapping[str, Setting]) -> Iterator[tuple[str, str, str]]:
        """Yield what each packet brings (kernel drivers/net/geneve.c, geneve_configure)."""
        if is_external(settings):
            yield from beside_external(settings, "id", "remote", "ttl", "tos", "flowlabel", "udpcsum", "udp6zerocsumtx")


def _mark(device: Device) -> tuple[object, ...]:
    """Return what the far end knows its packets by."""
    return "udp", said(device, "dstport", 6081), "geneve", said(device, "id")


KIND = Geneve()
