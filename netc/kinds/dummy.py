"""A device that swallows what it is given: an address to reach, a route to point at.

    netns ns1 { dummy d0 10.255.0.1/32 }

Source: ip-link(8), kernel drivers/net/dummy.c.
"""

from netc.kinds.attributes import AttributeKind
from netc.kinds.base import Form
from netc.topology.model import Device, Topology


class Dummy(AttributeKind):
    """The kind `dummy`."""

    name = "dummy"
    form = Form.DEVICE
    modelled = True

    def passes_all(self, device: Device, topology: Topology) -> bool:
        """Return True: nothing gets anywhere (kernel drivers/net/dummy.c, dummy_xmit)."""
        return True


KIND = Dummy()
