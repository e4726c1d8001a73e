"""A GRE tunnel over IPv6 that carries IP packets.

    netns a; netns b
    veth a:eth0 fd00::1/64 -- b:eth0 fd00::2/64
    ip6gre a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30

Source: ip-link(8) "IP6GRE/IP6GRETAP Type Support", RFC 7676.
"""

from netc.kinds.tunnel import GRE, OUTER6, Tunnel6


class Ip6gre(Tunnel6):
    """The kind `ip6gre`."""

    name = "ip6gre"
    modelled = True
    header = 4
    attributes = (*OUTER6, *GRE)


KIND = Ip6gre()
