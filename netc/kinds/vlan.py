"""A VLAN of its parent: frames leave the parent with the tag, and those that come in with it are the child's.

    netns a {
      veth eth0 -- host:trunk
      vlan eth0.100 10.0.100.1/24 on eth0 { id 100 }
    }

Source: ip-link(8) "VLAN Type Support", IEEE 802.1Q, 802.1ad.
"""

from netc.kinds.attributes import AttributeKind, numeric, on_off, one_of
from netc.kinds.base import Form


class Vlan(AttributeKind):
    """The kind `vlan`."""

    name = "vlan"
    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    probe = None  # it needs a parent
    attributes = (
        one_of(
            "protocol", ("802.1q", "802.1ad"), "The tag's protocol; 802.1ad is the outer one of stacked tags.", "802.1q"
        ),
        numeric("id", 1, 4094, "The VLAN identifier.", "required"),
        on_off("reorder-hdr", "Takes the tag off frames that come in, before anything sees them.", "on", "reorder_hdr"),
        on_off("gvrp", "Registers the VLAN with switches by GVRP.", "off"),
        on_off("mvrp", "Registers the VLAN with switches by MVRP.", "off"),
        on_off("loose-binding", "Is up whatever the parent's state.", "off", "loose_binding"),
        on_off("bridge-binding", "Takes its state from the bridge ports that carry the VLAN.", "off", "bridge_binding"),
    )
    required = ("id",)


KIND = Vlan()
