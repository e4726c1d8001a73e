"""A GRE tunnel over IPv6 that carries Ethernet frames.

    netns a { ip6gretap t0 10.9.0.1/24 { local fd00::1; remote fd00::2 } }

Source: ip-link(8) "IP6GRE/IP6GRETAP Type Support", RFC 7676.
"""

from netc.kinds.tunnel import ENDS, KEYS, Tunnel6


class Ip6gretap(Tunnel6):
    """The kind `ip6gretap`."""

    name = "ip6gretap"
    attributes = (*ENDS, *KEYS)


KIND = Ip6gretap()
