"""A device whose other end is a program, which reads and writes IP packets: for VPNs and user-space stacks.

    netns a { tun tun0 10.9.0.1/24 { user nobody } }

It stays when no program has it open, and carries nothing then.

Source: ip-tuntap(8), kernel Documentation/networking/tuntap.rst.
"""

from netc.kinds.tuntap import TunTap


class Tun(TunTap):
    """The kind `tun`."""

    name = "tun"


KIND = Tun()
