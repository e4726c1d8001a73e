"""A child of a device with a MAC address of its own, on the same wire.

    uplink enp1s0 192.168.7.1/24
    netns a { macvlan eth0 192.168.7.11/24 on enp1s0 { mode bridge } }

Parent and child cannot talk to each other, whatever the mode: give the host a macvlan of its own for that. The device
is made in its own namespace straight away, so its name never meets another on the host.

| mode | child to child | child to parent | child to the outside |
|---|---|---|---|
| `bridge` | yes | no | yes |
| `private` | no | no | yes |
| `vepa` | by a switch that reflects | no | yes |
| `passthru` | there is one child only | no | yes |

Source: ip-link(8) "MACVLAN and MACVTAP Type Support", kernel drivers/net/macvlan.c.
"""

from netc.kinds.attributes import AttributeKind, one_of
from netc.kinds.base import Form
from netc.topology.model import Device, DeviceKey

MODE = one_of(
    "mode", ("bridge", "private", "vepa", "passthru"), "Which frames pass between children: see above.", "vepa"
)


class Macvlan(AttributeKind):
    """The kind `macvlan`."""

    name = "macvlan"
    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    probe = None  # it needs a parent
    attributes = (MODE,)

    def joined(self, device: Device) -> tuple[DeviceKey, ...]:
        """Return the parent, too: its wire is the child's."""
        return (*super().joined(device), *(() if device.parent is None else (device.parent,)))


KIND = Macvlan()
