"""A tunnel of IPv6 packets in IPv4 packets.

    netns a { sit t0 fd09::1/64 { local 10.0.0.1; remote 10.0.0.2; ttl 64 } }

Source: ip-link(8) "GRE, IPIP, SIT, ERSPAN Type Support", RFC 4213.
"""

from netc.kinds.attributes import AttributeKind, flag, ip_address, numeric
from netc.kinds.base import Form


class Sit(AttributeKind):
    """The kind `sit`."""

    name = "sit"
    form = Form.DEVICE
    takes_parent = True
    parent_word = "dev"
    probe = ("remote", "192.0.2.1")  # without one it would be the fallback device, which every namespace has
    attributes = (
        ip_address("local", "The outer source: an address of the namespace that the tunnel is made in.", "any"),
        ip_address("remote", "The outer destination.", "any"),
        numeric("ttl", 1, 255, "The outer packets' TTL.", "inherited from the inner packet"),
        flag("pmtudisc", "Finds the path's MTU: DF on the outer packets.", "on", "pmtudisc", "nopmtudisc"),
    )


KIND = Sit()
