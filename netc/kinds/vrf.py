"""A virtual routing and forwarding domain: its members route by a table of their own.

    netns r {
      vrf red { table 10 }
      veth eth0 10.0.0.1/24 { master red } -- host:v0
      route 10.1.0.0/16 via 10.0.0.2 vrf red
    }

Addresses and routes of different VRFs do not meet: the same prefix can stand in each.

Source: ip-vrf(8), kernel Documentation/networking/vrf.rst.
"""

from netc.kinds.attributes import AttributeKind, numeric
from netc.kinds.base import Form


class Vrf(AttributeKind):
    """The kind `vrf`."""

    name = "vrf"
    form = Form.DEVICE
    can_have_ports = True
    bridges_ports = False
    probe = ("table", "10")
    attributes = (numeric("table", 1, 2**32 - 1, "The routing table of its members.", "required"),)
    required = ("table",)


KIND = Vrf()
