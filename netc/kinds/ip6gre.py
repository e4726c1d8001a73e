"""A GRE tunnel over IPv6 that carries IP packets.

    netns a { ip6gre t0 10.9.0.1/30 { local fd00::1; remote fd00::2 } }

Source: ip-link(8) "IP6GRE/IP6GRETAP Type Support", RFC 7676.
"""

from netc.kinds.tunnel import ENDS, KEYS, Tunnel6


class Ip6gre(Tunnel6):
    """The kind `ip6gre`."""

    name = "ip6gre"
    attributes = (*ENDS, *KEYS)


KIND = Ip6gre()
