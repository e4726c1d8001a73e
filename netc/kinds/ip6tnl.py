"""A tunnel of IPv6 or IPv4 packets in IPv6 packets.

    netns a { ip6tnl t0 10.9.0.1/30 { mode any; local fd00::1; remote fd00::2 } }

Source: ip-link(8) "IP6TNL/VTI6 Type Support", RFC 2473.
"""

from netc.kinds.attributes import one_of
from netc.kinds.tunnel import ENDS, Tunnel6

MODE = one_of("mode", ("ip6ip6", "ipip6", "any"), "What is carried: IPv6, IPv4 or both.", "ip6ip6")


class Ip6tnl(Tunnel6):
    """The kind `ip6tnl`."""

    name = "ip6tnl"
    attributes = (*ENDS, MODE)


KIND = Ip6tnl()
