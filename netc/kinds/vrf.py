"""A virtual routing and forwarding domain: its members route by a table of their own.

    netns r {
      vrf red { table 10 }
      veth eth0 10.0.0.1/24 { master red } -- host:v0
      route 10.1.0.0/16 via 10.0.0.2 vrf red
    }

Addresses and routes of different VRFs do not meet: the same prefix can stand in each. A device that joins loses its
IPv6 addresses (kernel net/ipv6/addrconf.c, NETDEV_CHANGEUPPER): up.sh gives them afterwards.

Source: ip-vrf(8), kernel Documentation/networking/vrf.rst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from netc.kinds.attributes import AttributeKind, numeric
from netc.kinds.base import Form
from netc.topology.model import Device

if TYPE_CHECKING:
    from netc.topology.frames import Frame, Passing
    from netc.topology.model import DeviceKey, Topology

TABLE = numeric("table", 1, 2**32 - 1, "The routing table of its members.", "required")


class Vrf(AttributeKind):
    """The kind `vrf`."""

    name = "vrf"
    form = Form.DEVICE
    can_have_ports = True
    bridges_ports = False
    drops_addresses = True
    probe = ("table", "10")
    attributes = (TABLE,)
    required = ("table",)
    modelled = True

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield nothing: what it sends is routed once more (kernel drivers/net/vrf.c, vrf_xmit)."""
        return iter(())

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return the largest of IPv6 (vrf_setup, IP6_MAX_MTU)."""
        return 65575

    def routing_table(self, device: Device) -> int | None:
        """Return the option `table`."""
        table: int | None = TABLE.option.of(device)
        return table


KIND = Vrf()
