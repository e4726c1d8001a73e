"""A virtual Ethernet segment whose frames travel in UDP packets.

    netns a {
      veth eth0 10.0.0.1/24 -- b:eth0
      vxlan vx0 10.9.0.1/24 on eth0 { id 42; local 10.0.0.1; remote 10.0.0.2; dstport 4789 }
    }

With `remote` or `group`, unknown destinations are sent there; with neither, only where `fdb` says. The port is always
said: left to itself, Linux uses 8472 and not the assigned 4789. The MTU is the parent's less 50 bytes (70 over IPv6).

Source: ip-link(8) "VXLAN Type Support", RFC 7348, kernel Documentation/networking/vxlan.rst.
"""

from netc.kinds.attributes import AttributeKind, flag, ip_address, numeric, one_of, value
from netc.kinds.base import Form
from netc.topology.values import address


class Vxlan(AttributeKind):
    """The kind `vxlan`."""

    name = "vxlan"
    form = Form.DEVICE
    takes_parent = True
    parent_word = "dev"
    probe = ("id", "1", "dstport", "4789")
    attributes = (
        numeric("id", 0, 2**24 - 1, "The VXLAN network identifier (VNI).", "required"),
        ip_address("local", "The outer source address.", "the route's"),
        ip_address("remote", "Where frames go whose destination is not in the FDB.", "nowhere"),
        value("group", address, "ADDRESS", "The multicast group that such frames go to; it needs a parent.", "none"),
        numeric("dstport", 1, 65535, "The UDP port of the far ends.", "required"),
        numeric("ttl", 1, 255, "The outer packets' TTL.", "inherited"),
        one_of("df", ("set", "unset", "inherit"), "The outer packets' DF bit.", "unset"),
        flag("learning", "Learns the far end of a MAC from the packets that come in.", "on", "learning", "nolearning"),
        numeric("ageing", 0, 2**31 - 1, "Seconds that a learned entry lives.", "300"),
        flag("proxy", "Answers ARP for the neighbours that it knows.", "off", "proxy", "noproxy"),
        flag("gbp", "Carries the group policy extension.", "off", "gbp"),
    )
    required = ("id", "dstport")


KIND = Vxlan()
