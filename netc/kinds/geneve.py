"""A virtual Ethernet segment between two ends, carried in UDP packets.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    geneve a:g0 10.9.0.1/24 -- b:g0 10.9.0.2/24 { id 42 }

The kernel takes the outer source address from the route to the far end.

Source: ip-link(8) "GENEVE Type Support", RFC 8926.
"""

from collections.abc import Iterator, Mapping

from netc.kinds.attributes import flag, numeric, of_link
from netc.kinds.outer import CHECKSUMS, DF, FLOWLABEL, TOS
from netc.kinds.overlay import REMOTE, Overlay, beside_external, is_external
from netc.topology.model import Device, Setting

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

    def overhead(self, device: Device, version: int) -> int:
        """Return the outer IP header, UDP, GENEVE without options and the inner Ethernet header (RFC 8926)."""
        return (20 if version == 4 else 40) + 8 + 8 + 14

    def missing(self, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """Return what is missing: nothing where each packet brings it."""
        return () if is_external(settings) else super().missing(settings)

    def clashing(self, settings: Mapping[str, Setting]) -> Iterator[tuple[str, str, str]]:
        """Yield what each packet brings (kernel drivers/net/geneve.c, geneve_configure)."""
        if is_external(settings):
            yield from beside_external(settings, "id", "remote", "ttl", "tos", "flowlabel", "udpcsum", "udp6zerocsumtx")


KIND = Geneve()
