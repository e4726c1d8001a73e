"""A GRE tunnel over IPv4 that carries Ethernet frames.

    netns a { gretap t0 10.9.0.1/24 { local 10.0.0.1; remote 10.0.0.2; key 7 } }

Source: ip-link(8) "GRE, IPIP, SIT, ERSPAN Type Support", RFC 2784, 2890.
"""

from netc.kinds.tunnel import ENDS, GRE, Tunnel4


class Gretap(Tunnel4):
    """The kind `gretap`."""

    name = "gretap"
    attributes = (*ENDS, *GRE)


KIND = Gretap()
