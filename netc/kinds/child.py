"""What macvlan and macvtap have in common: a parent, whose wire is theirs, and a mode."""

from netc.kinds.attributes import AttributeKind, one_of
from netc.kinds.base import Form
from netc.topology.model import Device, DeviceKey

MODE = one_of(
    "mode", ("bridge", "private", "vepa", "passthru"), "Which frames pass between children: see above.", "vepa"
)


class MacChild(AttributeKind):
    """A child with a MAC address of its own."""

    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    probe = None  # it needs a parent
    attributes = (MODE,)

    def joined(self, device: Device) -> tuple[DeviceKey, ...]:
        """Return the parent, too: its wire is the child's."""
        return (*super().joined(device), *(() if device.parent is None else (device.parent,)))
