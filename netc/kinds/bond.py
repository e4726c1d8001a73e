"""Several devices that act as one: for a link that outlives a cable, or for more than one cable's rate.

    netns a {
      bond bond0 10.0.0.1/24 { mode active-backup; miimon 100; primary e0 }
      veth e0 { master bond0 } -- host:p0
      veth e1 { master bond0 } -- host:p1
    }

With neither `miimon` nor `arp-interval` a bond never sees that a member's link is gone. Delays are
multiples of `miimon`.

Source: ip-link(8), kernel Documentation/networking/bonding.rst.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netc.kinds.aggregate import Aggregate
from netc.kinds.attributes import Attribute, AttributeKind, bit, device_name, numeric, on_off, one_of, value
from netc.kinds.base import Form, Making
from netc.kinds.bonding import DELAYS, miimon_of
from netc.topology.options import Option, several
from netc.topology.values import address, mac

if TYPE_CHECKING:
    from netc.topology.model import Device, DeviceKey, Topology

MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
_HASHES = ("layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4", "vlan+srcmac")
_VALIDATE = ("none", "active", "backup", "all", "filter", "filter_active", "filter_backup")
_MOST = 2**31 - 1


def _targets(name: str, doc: str) -> Attribute:
    option = Option(name, several(address), "ADDRESS...", doc, "none")
    return Attribute(option, lambda given: (name.replace("-", "_"), ",".join(str(ip) for ip, _ in given)))


_LINKS = (
    numeric("miimon", 0, _MOST, "Milliseconds between looks at the members' links.", "0, no looks"),
    numeric("updelay", 0, _MOST, "Milliseconds before a member that came back is used.", "0"),
    numeric("downdelay", 0, _MOST, "Milliseconds before a member that went is given up.", "0"),
    bit("use-carrier", "Looks at the carrier, and not by the older MII calls.", "on", "use_carrier"),
    numeric("arp-interval", 0, _MOST, "Milliseconds between ARP requests, a look that goes further than the link's "
            "end.", "0, none", "arp_interval"),
    _targets("arp-ip-target", "Whom the ARP requests ask for."),
    _targets("ns-ip6-target", "The same for IPv6: whom neighbour solicitations ask for."),
    one_of("arp-validate", _VALIDATE, "Which members must get the answers themselves.", "none", "arp_validate"),
    one_of("arp-all-targets", ("any", "all"), "Whether one answer is enough.", "any", "arp_all_targets"),
    numeric("arp-missed-max", 1, 255, "Unanswered requests after which a member is given up.", "2", "arp_missed_max"),
    numeric("min-links", 0, _MOST, "Members that must be up for the bond to be.", "0", "min_links"),
)  # fmt: skip
_CHOICE = (
    one_of("xmit-hash-policy", _HASHES, "What of a packet chooses its member.", "layer2", "xmit_hash_policy"),
    device_name("primary", "The member that is used whenever it is up."),
    one_of("primary-reselect", ("always", "better", "failure"), "When the primary takes over again.", "always",
           "primary_reselect"),
    device_name("active-slave", "The member that is used first.", "the kernel's choice", "active_slave"),
    one_of("fail-over-mac", ("none", "active", "follow"), "Whose MAC address the bond has in active-backup.", "none",
           "fail_over_mac"),
    numeric("packets-per-slave", 0, 65535, "Packets before the next member in balance-rr; 0 is at random.", "1",
            "packets_per_slave"),
    bit("tlb-dynamic-lb", "Spreads flows anew by load in balance-tlb.", "on", "tlb_dynamic_lb"),
    bit("all-slaves-active", "Takes what inactive members receive.", "off", "all_slaves_active"),
)  # fmt: skip
_LACP = (
    one_of("lacp-rate", ("slow", "fast"), "How often LACP packets are asked for, in 802.3ad.", "slow", "lacp_rate"),
    on_off("lacp-active", "Sends LACP packets unasked.", "on", "lacp_active"),
    one_of("ad-select", ("stable", "bandwidth", "count"), "How an aggregator is chosen.", "stable", "ad_select"),
    numeric("ad-user-port-key", 0, 1023, "The upper bits of the port key.", "0", "ad_user_port_key"),
    numeric("ad-actor-sys-prio", 1, 65535, "The system's priority.", "65535", "ad_actor_sys_prio"),
    value("ad-actor-system", mac, "MAC", "The system's address.", "the bond's", "ad_actor_system"),
)
_NEWS = (
    numeric("peer-notify-delay", 0, _MOST, "Milliseconds between announcements after a change.", "0",
            "peer_notify_delay"),
    numeric("num-grat-arp", 0, 255, "How many announcements, ARP and ND, follow a change.", "1", "num_grat_arp"),
    numeric("resend-igmp", 0, 255, "How many IGMP reports follow a change.", "1", "resend_igmp"),
    numeric("lp-interval", 1, _MOST, "Seconds between learning packets to the switches.", "1", "lp_interval"),
)  # fmt: skip


#: Modes in which every member sends, and is listened to.
_OPEN = frozenset({"balance-rr", "balance-xor", "broadcast"})
#: What may make another member the active one.
_CHANGING = frozenset({"active-slave", "all-slaves-active", "arp-interval", "fail-over-mac", "min-links", "updelay"})


class Bond(Aggregate, AttributeKind):
    """The kind `bond`."""

    name = "bond"
    form = Form.DEVICE
    attributes = (
        one_of("mode", MODES, "How packets are spread over the members.", "balance-rr"),
        *_LINKS,
        *_CHOICE,
        *_LACP,
        *_NEWS,
    )
    port_attributes = (
        numeric("queue-id", 0, 65535, "The queue that tc(8)'s skbedit sends by this member.", "0", "queue_id"),
        numeric("prio", 0, _MOST, "Which member takes over: the highest first.", "0"),
    )
    port_type = "bond_slave"

    def is_settled(self, device: Device, topology: Topology) -> bool:
        """Return whether the mode agrees upon nothing with others, which only the machines know (LACP, loads)."""
        if mode_of(device) == "active-backup":
            return not any(name in device.settings for name in _CHANGING)
        return mode_of(device) in _OPEN

    def senders(self, device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
        """Return the active member, or all (kernel drivers/net/bonding/bond_main.c, __bond_start_xmit)."""
        return _used(device, topology)

    def listeners(self, device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
        """Return those that send (bond_main.c, bond_should_deliver_exact_match: what is not active drops frames)."""
        return _used(device, topology)

    def shown(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return what is printed of the options; delays as the kernel rounds them."""
        miimon, settings = miimon_of(device), dict(device.settings)
        for name in DELAYS:
            if miimon and (said := settings.get(name)) is not None:
                settings[name] = replace(said, value=said.value - said.value % miimon)
        return super().shown(replace(device, settings=settings), making)


def mode_of(device: Device) -> str:
    """Return a bond's mode."""
    said = device.settings.get("mode")
    return "balance-rr" if said is None else str(said.value)


def _used(device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
    """Return the members that are used: the primary or else the first one, or all (bond_find_best_slave)."""
    members = [member.key for member in topology.ports_of(device.key)]
    if mode_of(device) != "active-backup":
        return tuple(members)
    primary = device.settings.get("primary")
    named = [key for key in members if primary is not None and key.name == primary.value]
    return tuple((named or members)[:1])


KIND = Bond()
