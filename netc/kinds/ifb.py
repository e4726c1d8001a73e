"""An intermediate functional block: traffic that is redirected to it can be shaped as if it went out.

    netns ns1 { ifb ifb0 }

Source: ip-link(8), kernel drivers/net/ifb.c.
"""

from netc.kinds.attributes import AttributeKind
from netc.kinds.base import Form


class Ifb(AttributeKind):
    """The kind `ifb`."""

    name = "ifb"
    form = Form.DEVICE


KIND = Ifb()
