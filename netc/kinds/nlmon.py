"""A device on which every netlink message of its namespace can be captured.

    netns ns1 { nlmon mon0 }

Source: ip-link(8), kernel drivers/net/nlmon.c.
"""

from netc.kinds.attributes import AttributeKind
from netc.kinds.base import Form
from netc.topology.model import Device, Topology


class Nlmon(AttributeKind):
    """The kind `nlmon`."""

    name = "nlmon"
    form = Form.DEVICE
    modelled = True

    def passes_all(self, device: Device, topology: Topology) -> bool:
        """Return True: what it is given to send goes nowhere (kernel drivers/net/nlmon.c, nlmon_xmit)."""
        return True


KIND = Nlmon()
