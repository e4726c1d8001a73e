"""A GRE tunnel over IPv6 that carries IP packets.

    netns a { ip6gre t0 10.9.0.1/30 { local fd00::1; remote fd00::2 } }

Source: ip-link(8) "IP6GRE/IP6GRETAP Type Support", RFC 7676.
"""

from netc.kinds.attributes import AttributeKind, ip_address, numeric
from netc.kinds.base import Form


class Ip6gre(AttributeKind):
    """The kind `ip6gre`."""

    name = "ip6gre"
    form = Form.DEVICE
    takes_parent = True
    parent_word = "dev"
    probe = ("remote", "2001:db8::1")  # without one it would be the fallback device, which every namespace has
    attributes = (
        ip_address("local", "The outer source: an address of the namespace that the tunnel is made in.", "any"),
        ip_address("remote", "The outer destination.", "any"),
        numeric("ttl", 1, 255, "The outer packets' TTL.", "inherited from the inner packet"),
        numeric("key", 0, 2**32 - 1, "The key of both directions, which tells tunnels of the same ends apart.", "none"),
        numeric("ikey", 0, 2**32 - 1, "The key of packets that come in.", "none"),
        numeric("okey", 0, 2**32 - 1, "The key of packets that go out.", "none"),
    )


KIND = Ip6gre()
