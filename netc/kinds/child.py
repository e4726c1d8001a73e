"""What macvlan and macvtap have in common: a parent, whose wire is theirs, and a mode."""

from netc.kinds.attributes import Attribute, AttributeKind, numeric, one_of
from netc.kinds.base import Form
from netc.topology.model import Device, DeviceKey
from netc.topology.options import Option, several
from netc.topology.values import mac

MODES = ("bridge", "private", "vepa", "passthru", "source")
MODE = one_of("mode", MODES, "Which frames pass between children: see above.", "vepa")
SOURCES = Attribute(
    Option("macaddr", several(mac), "MAC...", "In `source` mode: whose frames the child gets.", "nobody's"),
    lambda given: ("macaddr", "set", *(address for address, _ in given)),
)
#: kernel include/uapi/linux/if_link.h, MACVLAN_FLAG_*
FLAG = one_of("flag", ("nopromisc", "nodst"),
              "`nopromisc`: a `passthru` child does not make its parent listen to everything. `nodst`: in `source` "
              "mode, frames for the child's own MAC need no listed source.", "none")  # fmt: skip


class MacChild(AttributeKind):
    """A child with a MAC address of its own."""

    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    probe = None  # it needs a parent
    attributes = (
        MODE,
        FLAG,
        SOURCES,
        numeric("bcqueuelen", 0, 2**32 - 1, "How many broadcasts may wait for the parent's children.", "1000"),
    )

    def joined(self, device: Device) -> tuple[DeviceKey, ...]:
        """Return the parent, too: its wire is the child's."""
        return (*super().joined(device), *(() if device.parent is None else (device.parent,)))
