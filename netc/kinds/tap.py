"""A device whose other end is a program, which reads and writes Ethernet frames: for virtual machines.

    netns a {
      bridge br0 10.9.0.1/24
      tap tap0 { master br0; user nobody; vnet-hdr on }
    }

It stays when no program has it open, and carries nothing then.

Source: ip-tuntap(8), kernel Documentation/networking/tuntap.rst.
"""

from netc.kinds.tuntap import TunTap


class Tap(TunTap):
    """The kind `tap`."""

    name = "tap"


KIND = Tap()
