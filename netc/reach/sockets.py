"""Which sockets hear a UDP packet that came in by a VRF, or by none: those of tunnels over UDP.

Sources: kernel include/net/inet_sock.h (inet_bound_dev_eq), net/ipv4/udp.c (compute_score; udp_lib_lport_inuse: no port
has a socket that is bound to a VRF and one that is not), Documentation/networking/vrf.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.overlay import Overlay

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.topology.model import Device, DeviceKey

_ACCEPTS = ("net", "ipv4", "udp_l3mdev_accept")  # of IPv6 as well


def deaf(net: Net, device: Device, entered: DeviceKey | None) -> str:
    """Return why a tunnel does not hear a packet that came in by a device; "" where it does.

    `entered` is None for what its own namespace has sent.
    """
    vrf, bound = net.vrf_at(entered), bound_to(net, device)
    if vrf == bound or entered is None or not _kind(device).is_over_udp(device, net.topology):
        return ""
    said = "by no VRF" if vrf is None else f"by the VRF {vrf.label}"
    if bound is not None:
        return f"{device.key.label} hears only what comes in by the VRF {bound.label}, and this comes {said}"
    clause = unheard(net, entered)
    return f"{device.key.label} {clause}" if clause else ""


def unheard(net: Net, entered: DeviceKey | None) -> str:
    """Return why a socket that is bound to nothing does not hear what came in by a device; "" where it does."""
    vrf = net.vrf_at(entered)
    if vrf is None or net.switches.of(vrf.netns, _ACCEPTS):
        return ""
    return f"does not hear what comes in by the VRF {vrf.label} while net.ipv4.udp_l3mdev_accept is 0"


def bound_to(net: Net, device: Device) -> DeviceKey | None:
    """Return the VRF that a tunnel's socket is bound to.

    What it sends is as well, if it is bound to nothing closer (drivers/net/vxlan/vxlan_core.c, vxlan_xmit_one), and
    over IPv6 strictly (net/ipv6/route.c, ip6_route_output_flags_noref).
    """
    return net.vrf_at(_kind(device).listens_at(device, net.topology))


def _kind(device: Device) -> Overlay:
    kind = kinds()[device.kind]
    assert isinstance(kind, Overlay)
    return kind
