"""A tunnel of IPv6 or IPv4 packets in IPv6 packets.

    netns a { ip6tnl t0 10.9.0.1/30 { mode any; local fd00::1; remote fd00::2 } }

Source: ip-link(8) "IP6TNL/VTI6 Type Support", RFC 2473.
"""

from netc.kinds.attributes import AttributeKind, ip_address, numeric, one_of
from netc.kinds.base import Form


class Ip6tnl(AttributeKind):
    """The kind `ip6tnl`."""

    name = "ip6tnl"
    form = Form.DEVICE
    takes_parent = True
    parent_word = "dev"
    probe = ("remote", "2001:db8::1")  # without one it would be the fallback device, which every namespace has
    attributes = (
        ip_address("local", "The outer source: an address of the namespace that the tunnel is made in.", "any"),
        ip_address("remote", "The outer destination.", "any"),
        numeric("ttl", 1, 255, "The outer packets' TTL.", "inherited from the inner packet"),
        one_of("mode", ("ip6ip6", "ipip6", "any"), "What is carried: IPv6, IPv4 or both.", "ip6ip6"),
    )


KIND = Ip6tnl()
