"""What the look-up of a packet's route asks for, where VRFs are in play."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netc.reach.rules import Flow

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.topology.model import DeviceKey, IPAddress


def flow_of(
    net: Net, target: IPAddress, source: IPAddress | None, entered: DeviceKey | None, reply_to: DeviceKey | None
) -> Flow:
    """Return the look-up of a packet that has come in by a device, or that a namespace sends, perhaps as a reply.

    What comes in by a VRF itself was sent into it, and is looked up as such.
    """
    if entered is not None and net.is_vrf(entered):
        return Flow(target, source, table=net.table(entered))
    near = reply_to if entered is None else _came_by(net, entered, target.version)
    table = None if near is None else net.table(near)
    return Flow(target, source, None if entered is None else near, table, near if target.version == 6 else None)


def bind_to(net: Net, flow: Flow, device: DeviceKey | None, *, strict: bool) -> Flow:
    """Return the look-up of a packet that its sender has bound to a device; a VRF stands for its table alone.

    Without a source, IPv6 is strict in any case. Sources: kernel net/l3mdev/l3mdev.c (l3mdev_update_flow),
    net/ipv6/route.c (ip6_route_output_flags_noref), net/ipv6/ip6_output.c (ip6_dst_lookup_tail).
    """
    if device is None:
        return flow
    alone = None if net.is_vrf(device) else device
    return replace(flow, table=net.table(device), bound=alone, strict=strict or flow.source is None)


def _came_by(net: Net, device: DeviceKey, version: int) -> DeviceKey:
    """Return the device that the look-up of a packet's route takes for that which it came in by.

    For a member of a VRF that is the VRF in IPv6, which has changed the packet's device by then, and the member in
    IPv4, which looks up with the one that it found before (kernel net/ipv6/route.c, ip6_route_input;
    net/ipv4/ip_input.c, ip_rcv_finish).
    """
    return (net.vrf_of(device) or device) if version == 6 else device
