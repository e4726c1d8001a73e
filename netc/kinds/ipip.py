"""A tunnel of IPv4 packets in IPv4 packets.

    netns a { ipip t0 10.9.0.1/30 { local 10.0.0.1; remote 10.0.0.2 } }

Source: ip-link(8) "GRE, IPIP, SIT, ERSPAN Type Support", RFC 2003.
"""

from netc.kinds.tunnel import ENDS, PMTUDISC, Tunnel4


class Ipip(Tunnel4):
    """The kind `ipip`."""

    name = "ipip"
    attributes = (*ENDS, PMTUDISC)


KIND = Ipip()
