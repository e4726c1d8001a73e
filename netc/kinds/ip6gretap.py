"""A GRE tunnel over IPv6 that carries Ethernet frames, so that it can join a bridge.

    netns a; netns b
    veth a:eth0 fd00::1/64 -- b:eth0 fd00::2/64
    ip6gretap a:t0 10.9.0.1/24 -- b:t0 10.9.0.2/24 { key 9 }

Source: ip-link(8) "IP6GRE/IP6GRETAP Type Support", RFC 7676.
"""

from netc.kinds.tunnel import GRE, OUTER6, Tunnel6


class Ip6gretap(Tunnel6):
    """The kind `ip6gretap`."""

    name = "ip6gretap"
    modelled = True
    carries_frames = True
    header = 4
    ethernet = 14
    attributes = (*OUTER6, *GRE)


KIND = Ip6gretap()
