"""A GRE tunnel over IPv6 that carries mirrored Ethernet frames, with the header of ERSPAN: to a far analyser.

    netns a; netns b
    veth a:eth0 fd00::1/64 -- b:eth0 fd00::2/64
    veth a:eth1 10.1.0.1/24 -- b:eth1 10.1.0.2/24
    ip6erspan a:span0 -- b:span0 { key 100; erspan-ver 2; erspan-dir egress }
    in a { mirror eth1 to span0 egress }

Source: ip-link(8) "ERSPAN/IP6ERSPAN Type Support", draft-foschiano-erspan-03, kernel net/ipv6/ip6_gre.c.
"""

from netc.kinds.attributes import of_link
from netc.kinds.erspan import ERSPAN, VERSION6, Mirrored
from netc.kinds.tunnel import OUTER6, Tunnel6


class Ip6erspan(Mirrored, Tunnel6):
    """The kind `ip6erspan`."""

    name = "ip6erspan"
    probe = ("remote", "2001:db8::1", "key", "1", "seq")
    attributes = (*OUTER6, *of_link(VERSION6), *ERSPAN)


KIND = Ip6erspan()
