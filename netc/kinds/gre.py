"""A GRE tunnel over IPv4 that carries IP packets.

    netns a { gre t0 10.9.0.1/30 { local 10.0.0.1; remote 10.0.0.2; ttl 64 } }

Source: ip-link(8) "GRE, IPIP, SIT, ERSPAN Type Support", RFC 2784, 2890.
"""

from netc.kinds.attributes import AttributeKind, flag, ip_address, numeric
from netc.kinds.base import Form


class Gre(AttributeKind):
    """The kind `gre`."""

    name = "gre"
    form = Form.DEVICE
    takes_parent = True
    parent_word = "dev"
    probe = ("remote", "192.0.2.1")  # without one it would be the fallback device, which every namespace has
    attributes = (
        ip_address("local", "The outer source: an address of the namespace that the tunnel is made in.", "any"),
        ip_address("remote", "The outer destination.", "any"),
        numeric("ttl", 1, 255, "The outer packets' TTL.", "inherited from the inner packet"),
        numeric("key", 0, 2**32 - 1, "The key of both directions, which tells tunnels of the same ends apart.", "none"),
        numeric("ikey", 0, 2**32 - 1, "The key of packets that come in.", "none"),
        numeric("okey", 0, 2**32 - 1, "The key of packets that go out.", "none"),
        flag("seq", "Numbers the packets.", "off", "seq", "noseq"),
        flag("csum", "Puts a checksum into the outer header, and wants one.", "off", "csum", "nocsum"),
        flag("pmtudisc", "Finds the path's MTU: DF on the outer packets.", "on", "pmtudisc", "nopmtudisc"),
    )


KIND = Gre()
