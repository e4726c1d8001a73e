"""Packets from and to link-local addresses: those of IPv6 that devices make themselves among them.

Sources: kernel net/ipv6/icmp.c (icmpv6_echo_reply: the reply leaves by the device that the request came in by),
net/ipv6/route.c (rt6_need_strict: such an address belongs to one device), net/ipv6/ip6_output.c (ip6_forward: what
comes from one is not forwarded). Seen on kernel 6.18.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.overlay import Overlay
from netc.reach.entry import Entry, EntryType
from netc.reach.source import Refusal, Refused

if TYPE_CHECKING:
    from netc.reach.net import Net
    from netc.topology.model import DeviceKey, IPAddress

_SUBNET = ip_network("fe80::/64")  # of every device


def entry_of(net: Net, target: IPAddress, entered: DeviceKey | None, reply_to: DeviceKey | None) -> Entry | None:
    """Return the entry for a packet to a link-local address, which has come in, or replies to what has come in.

    None where it is for no such address, or where only routes can say.
    """
    if target.version == 4 or not target.is_link_local:
        return None
    if entered is None:
        if reply_to is None:
            return None
        # The lab's policy rules come before the subnet of the device, which no table of the lab's has.
        ruled = any(rule.family == 6 for rule in net.rules_of(reply_to.netns))
        return Entry(_SUBNET, EntryType.UNKNOWN if ruled else EntryType.UNICAST, None if ruled else reply_to)
    own = target == net.link_local(entered) or any(address.ip == target for address in net.addresses(entered, 6))
    return Entry(_SUBNET, EntryType.LOCAL, entered) if own else None


def refused(source: IPAddress | None) -> Refused | None:
    """Return why a packet is not forwarded for its source."""
    link_local = source is not None and source.version == 6 and source.is_link_local
    return Refused(Refusal.LINK_LOCAL, 0) if link_local else None


def unknown(net: Net, device: DeviceKey | None, source: IPAddress | None) -> str | None:
    """Return why it is not known what a packet is sent from: a tunnel of packets has such an address, or has none."""
    kind = None if device is None else kinds()[net.topology.devices[device].kind]
    if refused(source) is None or device is None or not isinstance(kind, Overlay) or kind.carries_frames:
        return None
    return f"netc does not know from which link-local address {device.label} sends"
