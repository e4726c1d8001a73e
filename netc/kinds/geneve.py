"""A virtual Ethernet segment between two ends, carried in UDP packets.

    netns a {
      veth eth0 10.0.0.1/24 -- b:eth0
      geneve g0 10.9.0.1/24 { id 42; remote 10.0.0.2 }
    }

Source: ip-link(8) "GENEVE Type Support", RFC 8926.
"""

from netc.kinds.attributes import AttributeKind, flag, ip_address, numeric, one_of, value
from netc.kinds.base import Form
from netc.kinds.outer import CHECKSUMS, tos


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
        value("tos", tos, "0..255|inherit", "The outer packets' type of service.", "0"),
        numeric("flowlabel", 0, 2**20 - 1, "The flow label of outer packets over IPv6.", "0"),
        one_of("df", ("set", "unset", "inherit"), "The outer packets' DF bit.", "unset"),
        *CHECKSUMS,
        flag("innerprotoinherit", "Carries IP packets without an Ethernet header.", "off"),
    )
    required = ("id", "remote")


KIND = Geneve()
