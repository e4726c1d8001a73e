"""A GRE tunnel over IPv4 that carries IP packets.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    gre a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30 { ttl 64; key 5 }

As a device of one namespace, it says both outer addresses: `gre t0 10.9.0.1/30 { local 10.0.0.1; remote 10.0.0.2 }`.

Source: ip-link(8) "GRE, IPIP, SIT Type Support", RFC 2784, 2890.
"""

from netc.kinds.tunnel import GRE, IGNORE_DF, OUTER4, Tunnel4


class Gre(Tunnel4):
    """The kind `gre`."""

    name = "gre"
    modelled = True
    header = 4
    attributes = (*OUTER4, *GRE, *IGNORE_DF)


KIND = Gre()
