"""A tunnel of IPv6 packets in IPv4 packets.

    netns a { sit t0 fd09::1/64 { local 10.0.0.1; remote 10.0.0.2; ttl 64 } }

Source: ip-link(8) "GRE, IPIP, SIT, ERSPAN Type Support", RFC 4213.
"""

from netc.kinds.tunnel import ENDS, PMTUDISC, Tunnel4


class Sit(Tunnel4):
    """The kind `sit`."""

    name = "sit"
    attributes = (*ENDS, PMTUDISC)


KIND = Sit()
