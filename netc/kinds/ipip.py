"""A tunnel of IPv4 packets in IPv4 packets.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    ipip a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30 { ttl 64 }

Source: ip-link(8) "GRE, IPIP, SIT Type Support", RFC 2003.
"""

from netc.kinds.attributes import of_link, one_of, shown
from netc.kinds.tunnel import OUTER4, Tunnel4

MODE = of_link(
    shown(
        one_of("mode", ("ipip", "mplsip", "any"), "What is carried: IPv4, MPLS or both.", "any"),
        lambda given: (given,),
    )
)


class Ipip(Tunnel4):
    """The kind `ipip`."""

    name = "ipip"
    modelled = True
    carried = frozenset({4})
    by_next_hop = True
    attributes = (*OUTER4, *MODE)


KIND = Ipip()
