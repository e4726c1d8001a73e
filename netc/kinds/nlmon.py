"""A device on which every netlink message of its namespace can be captured.

    netns ns1 { nlmon mon0 }

Source: ip-link(8), kernel drivers/net/nlmon.c.
"""

from netc.kinds.attributes import AttributeKind
from netc.kinds.base import Form


class Nlmon(AttributeKind):
    """The kind `nlmon`."""

    name = "nlmon"
    form = Form.DEVICE


KIND = Nlmon()
