"""A virtual tunnel interface over IPv6: what is routed to it goes through IPsec, by policies with its key as mark.

    netns a; netns b
    veth a:eth0 fd00::1/64 -- b:eth0 fd00::2/64
    vti6 a:vti0 fd09::1/64 -- b:vti0 fd09::2/64 { key 42 }

It does nothing without states and policies of `xfrm`: see examples/vti.net.

Source: ip-link(8) "IP6TNL/VTI6 Type Support", kernel net/ipv6/ip6_vti.c.
"""

from netc.kinds.overlay import LOCAL, REMOTE
from netc.kinds.tunnel import FWMARK, KEYS, GuardedTunnel, Tunnel6


class Vti6(GuardedTunnel, Tunnel6):
    """The kind `vti6`."""

    name = "vti6"
    attributes = (LOCAL, REMOTE, *KEYS, FWMARK)


KIND = Vti6()
