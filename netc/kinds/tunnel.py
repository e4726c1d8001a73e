"""What the tunnels of ip-link(8) have in common: two outer addresses, and perhaps keys."""

from netc.kinds.attributes import Attribute, AttributeKind, flag, ip_address, numeric
from netc.kinds.base import Form

ENDS: tuple[Attribute, ...] = (
    ip_address("local", "The outer source: an address of the namespace that the tunnel is made in.", "any"),
    ip_address("remote", "The outer destination.", "any"),
    numeric("ttl", 1, 255, "The outer packets' TTL.", "inherited from the inner packet"),
)
KEYS: tuple[Attribute, ...] = (
    numeric("key", 0, 2**32 - 1, "The key of both directions, which tells tunnels of the same ends apart.", "none"),
    numeric("ikey", 0, 2**32 - 1, "The key of packets that come in.", "none"),
    numeric("okey", 0, 2**32 - 1, "The key of packets that go out.", "none"),
)
PMTUDISC = flag("pmtudisc", "Finds the path's MTU: DF on the outer packets.", "on", "pmtudisc", "nopmtudisc")
GRE: tuple[Attribute, ...] = (
    *KEYS,
    flag("seq", "Numbers the packets.", "off", "seq", "noseq"),
    flag("csum", "Puts a checksum into the outer header, and wants one.", "off", "csum", "nocsum"),
    PMTUDISC,
)


class Tunnel(AttributeKind):
    """A kind of tunnel; a parent is the device that the outer packets are bound to."""

    form = Form.DEVICE
    takes_parent = True
    parent_word = "dev"


class Tunnel4(Tunnel):
    """A tunnel over IPv4. Without a remote end the probe would be the fallback device that every namespace has."""

    probe = ("remote", "192.0.2.1")


class Tunnel6(Tunnel):
    """A tunnel over IPv6."""

    probe = ("remote", "2001:db8::1")
