"""A tunnel of IPv6 or IPv4 packets in IPv6 packets.

    netns a; netns b
    veth a:eth0 fd00::1/64 -- b:eth0 fd00::2/64
    ip6tnl a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30 { mode ipip6 }

Source: ip-link(8) "IP6TNL/VTI6 Type Support", RFC 2473.
"""

from netc.kinds.attributes import of_link, one_of, shown
from netc.kinds.tunnel import OUTER6, Tunnel6

MODE = of_link(
    shown(
        one_of("mode", ("ip6ip6", "ipip6", "any"), "What is carried: IPv6, IPv4 or both.", "any"),
        lambda given: (given,),
    )
)


class Ip6tnl(Tunnel6):
    """The kind `ip6tnl`."""

    name = "ip6tnl"
    modelled = True
    attributes = (*OUTER6, *MODE)


KIND = Ip6tnl()
