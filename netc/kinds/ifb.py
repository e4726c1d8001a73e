"""An intermediate functional block: traffic that is redirected to it can be shaped as if it went out.

    netns ns1 { ifb ifb0 }

Source: ip-link(8), kernel drivers/net/ifb.c.
"""

from netc.kinds.attributes import AttributeKind
from netc.kinds.base import Form
from netc.topology.model import Device, Topology


class Ifb(AttributeKind):
    """The kind `ifb`."""

    name = "ifb"
    form = Form.DEVICE
    modelled = True

    def passes_all(self, device: Device, topology: Topology) -> bool:
        """Return True: it drops what has not been redirected to it (kernel drivers/net/ifb.c, ifb_xmit)."""
        return True


KIND = Ifb()
