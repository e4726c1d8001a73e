"""Several devices that act as one: for a link that outlives a cable, or for more than one cable's rate.

    netns a {
      bond bond0 10.0.0.1/24 { mode active-backup; miimon 100 }
      veth e0 { master bond0 } -- host:p0
      veth e1 { master bond0 } -- host:p1
    }

Source: ip-link(8), kernel Documentation/networking/bonding.rst.
"""

from netc.kinds.attributes import AttributeKind, numeric, one_of
from netc.kinds.base import Form

MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")


class Bond(AttributeKind):
    """The kind `bond`."""

    name = "bond"
    form = Form.DEVICE
    can_have_ports = True
    takes_ports_down = True
    attributes = (
        one_of("mode", MODES, "How packets are spread over the members.", "balance-rr"),
        numeric("miimon", 0, 2**31 - 1, "Milliseconds between looks at the members' links.", "0, no looks"),
        numeric("updelay", 0, 2**31 - 1, "Milliseconds before a member that came back is used.", "0"),
        numeric("downdelay", 0, 2**31 - 1, "Milliseconds before a member that went is given up.", "0"),
        one_of("lacp-rate", ("slow", "fast"), "How often LACP packets are asked for, in 802.3ad.", "slow", "lacp_rate"),
        one_of(
            "xmit-hash-policy",
            ("layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4", "vlan+srcmac"),
            "What of a packet chooses its member.",
            "layer2",
            "xmit_hash_policy",
        ),
    )


KIND = Bond()
