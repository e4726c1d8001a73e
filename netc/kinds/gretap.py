"""A GRE tunnel over IPv4 that carries Ethernet frames, so that it can join a bridge.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    gretap a:t0 10.9.0.1/24 -- b:t0 10.9.0.2/24 { key 7 }

Source: ip-link(8) "GRE, IPIP, SIT Type Support", RFC 2784, 2890.
"""

from netc.kinds.tunnel import GRE, IGNORE_DF, OUTER4, Tunnel4


class Gretap(Tunnel4):
    """The kind `gretap`."""

    name = "gretap"
    modelled = True
    carries_frames = True
    header = 4
    ethernet = 14
    attributes = (*OUTER4, *GRE, *IGNORE_DF)


KIND = Gretap()
