"""A tunnel of IPv6 packets in IPv4 packets; of others, too, where `mode` says so.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    sit a:t0 fd09::1/64 -- b:t0 fd09::2/64 { ttl 64 }

Source: ip-link(8) "GRE, IPIP, SIT Type Support", RFC 4213; ISATAP: RFC 5214.
"""

from netc.kinds.attributes import flag, of_link, one_of, shown
from netc.kinds.tunnel import EXTERNAL, OUTER4, Tunnel4

MODE = of_link(
    shown(
        one_of(
            "mode", ("ip6ip", "ipip", "mplsip", "any"), "What is carried: IPv6, IPv4, MPLS or all of them.", "ip6ip"
        ),
        lambda given: (given,),
    )
)


class Sit(Tunnel4):
    """The kind `sit`."""

    name = "sit"
    attributes = (
        *(attribute for attribute in OUTER4 if attribute is not EXTERNAL),  # the kernel's sit knows no such mode
        *MODE,
        flag("isatap", "Finds the far ends by ISATAP, without `remote`.", "off"),
    )


KIND = Sit()
