"""A virtual tunnel interface over IPv4: what is routed to it goes through IPsec, by policies with its key as mark.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    vti a:vti0 10.9.0.1/30 -- b:vti0 10.9.0.2/30 { key 42 }

It does nothing without states and policies of `xfrm`: see examples/vti.net. An `xfrm` device needs no addresses of its
own, and does the same for both families.

Source: ip-link(8) "VTI Type Support", kernel net/ipv4/ip_vti.c.
"""

from netc.kinds.overlay import LOCAL, REMOTE
from netc.kinds.tunnel import FWMARK, KEYS, GuardedTunnel, Tunnel4


class Vti(GuardedTunnel, Tunnel4):
    """The kind `vti`."""

    name = "vti"
    attributes = (LOCAL, REMOTE, *KEYS, FWMARK)


KIND = Vti()
