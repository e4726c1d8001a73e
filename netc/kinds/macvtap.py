"""A macvlan whose frames a program reads and writes through /dev/tapN, as virtual machines do.

    uplink enp1s0 192.168.7.1/24
    netns a { macvtap eth0 192.168.7.11/24 on enp1s0 { mode bridge } }

The modes are those of `macvlan`. While no program has the file open, the device is a macvlan: its namespace gets the
frames.

Source: ip-link(8) "MACVLAN and MACVTAP Type Support", kernel drivers/net/macvlan.c, drivers/net/tap.c.
"""

from netc.kinds.child import MODE, MacChild
from netc.topology.model import Device, Topology


class Macvtap(MacChild):
    """The kind `macvtap`."""

    name = "macvtap"

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return False: a program may open its file, and take its frames."""
        return False

    def is_partly_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether no program of the lab may have its file open: then it is a macvlan (tap.c, tap_handle_frame).

        The file is in no namespace: any program on the machine may open it.
        """
        programs = (process for process in topology.processes if process.netns.machine == device.netns.machine)
        return super().is_followed(device, topology) and not any(programs)

    def hides_parent(self, device: Device, topology: Topology) -> bool:
        """Return whether it may take frames that are not its own."""
        return not super().is_followed(device, topology) or MODE.option.of(device) == "passthru"

    def unknown(self, device: Device) -> str:
        """Return what is not known of its frames."""
        return f"which program has the file of {device.key.label} open"


KIND = Macvtap()
