"""A GRE tunnel over IPv4 that carries IP packets.

    netns a { gre t0 10.9.0.1/30 { local 10.0.0.1; remote 10.0.0.2; ttl 64 } }

Source: ip-link(8) "GRE, IPIP, SIT, ERSPAN Type Support", RFC 2784, 2890.
"""

from netc.kinds.tunnel import ENDS, GRE, Tunnel4


class Gre(Tunnel4):
    """The kind `gre`."""

    name = "gre"
    attributes = (*ENDS, *GRE)


KIND = Gre()
