"""What a link lets pass, and pings that are larger.

Sources: kernel net/core/dev.c (__dev_forward_skb) and net/bridge/br_forward.c (what is too large on layer 2 is dropped
without a word), net/ipv4/ip_output.c (a sender cuts what is larger than the MTU).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netc.parts.ipsec import room
from netc.reach.match import Kind
from netc.reach.neighbour import Answer, Reply
from netc.reach.wire import mtu_of

if TYPE_CHECKING:
    from netc.parts.ipsec import State
    from netc.reach.hop import Hop
    from netc.reach.net import Net
    from netc.topology.model import DeviceKey

_USUAL6 = 104  # the same of IPv6: RFC 8200, 4443
USUAL4 = 84  # bytes of an IPv4 ping: RFC 791, 792, and the 56 bytes of ping(8)


@dataclass(frozen=True, slots=True)
class Limit:
    """The size in bytes of the largest IP packet that passes, and the device that sets it."""

    size: int
    device: DeviceKey


def wire_limit(net: Net, device: DeviceKey, door: DeviceKey) -> Limit | None:
    """Return the size of the largest IP packet that gets from a device to another; None where nothing sets it."""
    passage = net.passage(device, door)
    if passage is None or passage.limit is None or passage.narrow is None:
        return None
    return Limit(passage.limit, passage.narrow)


def cramped(net: Net, hop: Hop, way: tuple[DeviceKey, DeviceKey], layers: tuple[State, ...]) -> str | None:
    """Return why it is not known whether a ping that IPsec protects passes: its usual size comes close to an MTU."""
    if not layers or hop.entry is None:
        return None
    wire = wire_limit(net, *way)
    sizes = [mtu_of(net.topology, way[0])] if wire is None else [mtu_of(net.topology, way[0]), wire.size]
    for state in reversed(layers):
        sizes = [room(state, size) or 0 for size in sizes]
    if min(sizes) >= _USUAL6:
        return None
    return f"what IPsec makes of a ping may be too large for {way[0].label} or what is behind it"


def squeezed(net: Net, hop: Hop, kind: Kind, size: int, way: tuple[DeviceKey, DeviceKey]) -> tuple[int, Answer | None]:
    """Return the size in bytes that a ping's packet has on its way from a hop, and what becomes of it if it is lost.

    A sender cuts it to the MTU. A request has DF where it is whole, so that the first one does not pass a smaller MTU
    later on; a reply has not (kernel net/ipv4/icmp.c, icmp_sk_init).
    """
    device, entry = way[0], hop.entry
    if kind is Kind.OTHER or entry is None or entry.prefix.version == 6:
        return size, None
    said = None if entry.route is None else entry.route.mtu
    if net.home[device] in net.plain_segments and said is None:
        return size, None
    most = said or mtu_of(net.topology, device)
    if most < size == USUAL4 and hop.entered is not None and kind is Kind.REQUEST:
        why = f"{device.label} lets no whole ping pass, and says so to who sends it"
        return size, Answer(Reply.UNKNOWN, why=why)
    wire, size = wire_limit(net, *way), min(size, most)
    lost = wire is not None and wire.size < size
    return size, Answer(Reply.TOO_LARGE, way[1], narrow=wire.device) if wire is not None and lost else None
