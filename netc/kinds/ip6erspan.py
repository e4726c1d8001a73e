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
from netc.topology.model import Device


class Ip6erspan(Mirrored, Tunnel6):
    """The kind `ip6erspan`."""

    name = "ip6erspan"
    probe = ("remote", "2001:db8::1", "key", "1", "seq")
    attributes = (*OUTER6, *of_link(VERSION6), *ERSPAN)

    def mark(self, device: Device, version: int) -> tuple[tuple[object, ...], str]:
        """Return what the far end knows the packets by.

        The session takes the place of a key, so that a numbered ip6gretap with this key takes them for its own (kernel
        net/ipv6/ip6_gre.c, ip6erspan_rcv, ip6gre_tunnel_lookup).
        """
        session = self.key_of(device, "o")
        return ("gre", True, session, False, True), f"ERSPAN, session {session}"

    def knows(self, device: Device, mark: tuple[object, ...]) -> bool:
        """Whether the session, or the key, is the device's, and the packets are numbered (ip6_tnl_rcv)."""
        return mark == ("gre", True, self.key_of(device, "i"), False, True)


KIND = Ip6erspan()
