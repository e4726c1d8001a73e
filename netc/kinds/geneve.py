"""A virtual Ethernet segment between two ends, carried in UDP packets.

    netns a {
      veth eth0 10.0.0.1/24 -- b:eth0
      geneve g0 10.9.0.1/24 { id 42; remote 10.0.0.2 }
    }

Source: ip-link(8) "GENEVE Type Support", RFC 8926.
"""

from netc.kinds.attributes import AttributeKind, ip_address, numeric, one_of
from netc.kinds.base import Form


class Geneve(AttributeKind):
    """The kind `geneve`."""

    name = "geneve"
    form = Form.DEVICE
    probe = ("id", "1", "remote", "192.0.2.1")
    attributes = (
        numeric("id", 0, 2**24 - 1, "The virtual network identifier (VNI).", "required"),
        ip_address("remote", "The far end.", "required"),
        numeric("dstport", 1, 65535, "The UDP port of the far end.", "6081"),
        numeric("ttl", 1, 255, "The outer packets' TTL.", "inherited"),
        one_of("df", ("set", "unset", "inherit"), "The outer packets' DF bit.", "unset"),
    )
    required = ("id", "remote")


KIND = Geneve()
