"""A macvlan whose frames a program reads and writes through /dev/tapN, as virtual machines do.

    uplink enp1s0 192.168.7.1/24
    netns a { macvtap eth0 192.168.7.11/24 on enp1s0 { mode bridge } }

The modes are those of `macvlan`.

Source: ip-link(8) "MACVLAN and MACVTAP Type Support", kernel drivers/net/macvlan.c.
"""

from netc.kinds.child import MacChild
from netc.topology.model import Device, Topology


class Macvtap(MacChild):
    """The kind `macvtap`."""

    name = "macvtap"

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return False: a program takes its frames."""
        return False


KIND = Macvtap()
