"""A device whose other end is a program, which reads and writes IP packets: for VPNs and user-space stacks.

    netns a { tun tun0 10.9.0.1/24 { user nobody } }

It stays when no program has it open, and carries nothing then.

Source: ip-tuntap(8), kernel Documentation/networking/tuntap.rst.
"""

from netc.kinds.base import Making
from netc.kinds.tuntap import TunTap
from netc.topology.model import Device


class Tun(TunTap):
    """The kind `tun`."""

    name = "tun"

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return what ip-link(8) calls it."""
        return ("tun",)


KIND = Tun()
