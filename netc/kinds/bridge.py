"""A bridge: an Ethernet switch in the kernel, on the host or in a namespace.

    bridge br0 10.0.0.1/24 { stp off }

Devices join it by naming it as their end (`-- br0:port`) or by `master br0`. It comes up after its ports, so that
what interfaces send when they start is not flooded to every port. Without `mac`, its MAC is worked out from the lab's
and the bridge's names: a bridge left to itself takes the lowest MAC of its ports, and changes it as ports come and go.
A `mtu` is given once the ports are there, and then kept; without it, the bridge has that of its smallest port.

With `vlan-filtering on` it is a switch with VLANs. An access port says `vlan 10 pvid untagged`, a trunk `vlan 10 20`,
a trunk with a native VLAN both `vlan 1 pvid untagged` and `vlan 10 20`: bridge(8)'s own words. The bridge's `vlan` is
what reaches the bridge itself, and the devices on it:

    netns sw {
      bridge br0 { vlan-filtering on; vlan 10 }
      vlan br0.10 10.0.10.1/24 on br0 { id 10 }
    }
    netns a { veth eth0 10.0.10.2/24 -- sw:br0 { vlan 10 pvid untagged } }

Source: bridge(8), ip-link(8) "BRIDGE Type Support", kernel Documentation/networking/bridge.rst.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from netc.kinds.attributes import Attribute, AttributeKind, bit, numeric, one_of, seconds, shown, value, values_of
from netc.kinds.base import Form, Making, Membership
from netc.kinds.bridge_port import (
    HAIRPIN,
    ISOLATED,
    PORT_ATTRIBUTES,
    PORT_VLANS,
    STATE,
    TUNNELS,
    Vlans,
    are_followed,
    doubt_of_ports,
    group_mask,
    hands_out,
    lets_pass,
    said_vlans,
    state_step,
    takes_in,
    tunnel_steps,
    vlan_option,
    vlan_steps,
)
from netc.kinds.bridge_vlans import Inside, PortVlans, enter, leave, port_vlans
from netc.kinds.common import COMMON, MTU
from netc.kinds.link import PROMISC
from netc.plan.mark import mac_of
from netc.plan.step import Absorbed, Need, Note, Restore, Stage, Step
from netc.topology.frames import Passing, Way
from netc.topology.options import Option, one, several
from netc.topology.values import group_mac, number, prefix, switch

if TYPE_CHECKING:
    from netc.syntax.tree import Word
    from netc.topology.frames import Frame
    from netc.topology.model import Device, DeviceKey, IPNetwork, Setting, Topology

SUBNET: Option[tuple[tuple[IPNetwork, Word], ...]] = Option(
    "subnet",
    several(prefix),
    "PREFIX...",
    "The subnets of the bridge's segment: addresses are checked against them, and `auto` takes from them.",
    "none",
)
NF_CALL: Option[bool] = Option(
    "nf-call",
    one(switch),
    "on|off",
    "Whether bridged packets pass the hooks of iptables and nftables. `off` writes 0 to the namespace's "
    "net.bridge.bridge-nf-call-*, where br_netfilter is loaded (without it nothing is filtered); these hold for every "
    "bridge of the namespace. `on` switches this bridge alone.",
)
OWN_VLANS: Option[tuple[Vlans, ...]] = vlan_option(
    "VLANs that the bridge itself is in, for its addresses and the devices on it; may be said several times.",
    "the default one, `pvid untagged`",
)
FILTERING = bit("vlan-filtering", "Keeps VLANs apart, as the ports' `vlan` says.", "off", "vlan_filtering")
DEFAULT_PVID: Attribute = Attribute(
    Option(
        "vlan-default-pvid",
        one(number(0, 4094, "a VLAN")),
        "VID",
        "The VLAN of ports that say none, as PVID and untagged; 0 gives them none.",
        "1",
    ),
    lambda vid: ("vlan_default_pvid", str(vid)),
)
PROTOCOL = shown(
    one_of(
        "vlan-protocol",
        ("802.1q", "802.1ad"),
        "The tags that tell VLANs apart; with 802.1ad those of 802.1Q pass inside.",
        "802.1q",
        "vlan_protocol",
    ),
    lambda given: ("vlan_protocol " + given.replace("q", "Q"),),
)
_FDB_MAX = numeric("fdb-max-learned", 0, 2**32 - 1, "How many MAC addresses it learns at most.", "0, no limit",
                   "fdb_max_learned")  # fmt: skip
_VLAN = (
    FILTERING,
    PROTOCOL,
    DEFAULT_PVID,
    bit("vlan-stats", "Counts packets per VLAN.", "off", "vlan_stats_enabled"),
    bit("vlan-stats-per-port", "Counts them per port as well.", "off", "vlan_stats_per_port"),
)
STP = bit("stp", "Spanning tree protocol: finds loops and blocks ports.", "off", "stp_state")
FORWARD_DELAY = seconds("forward-delay", 2, 30, "Seconds that a port listens, and then learns, before it forwards.",
                        "15", "forward_delay")  # fmt: skip
_STP = (
    STP,
    FORWARD_DELAY,
    seconds("hello-time", 1, 10, "Seconds between STP hello packets.", "2", "hello_time"),
    seconds("max-age", 6, 40, "Seconds after which a silent root bridge counts as gone.", "20", "max_age"),
    numeric("priority", 0, 65535, "STP bridge priority: the lowest becomes the root.", "32768"),
)
_FDB = (
    seconds("ageing-time", 0, 1_000_000, "Seconds that the FDB keeps a MAC address unseen.", "300", "ageing_time"),
    _FDB_MAX,
    group_mask("group-fwd-mask", "Link-local groups, 01:80:C2:00:00:0X, that are forwarded: bit X."),
    value("group-address", group_mac, "MAC", "The group that STP sends to.", "01:80:c2:00:00:00", "group_address"),
    bit("no-linklocal-learn", "Learns nothing from link-local frames.", "off", "no_linklocal_learn"),
)  # fmt: skip
_MULTICAST = (
    bit("mcast-snooping", "Sends multicast only to ports that asked for it.", "on", "mcast_snooping"),
    bit("mcast-vlan-snooping", "Does so for each VLAN by itself.", "off", "mcast_vlan_snooping"),
    bit("mcast-querier", "Asks for listeners itself, where no router does.", "off", "mcast_querier"),
    bit("mcast-query-use-ifaddr", "Asks from the bridge's own address.", "off", "mcast_query_use_ifaddr"),
    numeric("mcast-router", 0, 2, "0: the bridge is no multicast router; 1: found out; 2: it is.", "1", "mcast_router"),
    numeric("mcast-igmp-version", 2, 3, "The IGMP version of its queries.", "2", "mcast_igmp_version"),
    numeric("mcast-mld-version", 1, 2, "The MLD version of its queries.", "1", "mcast_mld_version"),
    bit("mcast-stats", "Counts IGMP and MLD packets.", "off", "mcast_stats_enabled"),
    numeric("mcast-hash-max", 1, 2**31, "How many groups it knows at most.", "4096", "mcast_hash_max"),
    numeric("mcast-last-member-count", 0, 2**31, "Queries before a group that was left is given up.", "2",
            "mcast_last_member_count"),
    numeric("mcast-startup-query-count", 0, 2**31, "Queries at the start.", "2", "mcast_startup_query_count"),
    *(
        seconds(name, 1, 100_000, doc, default, name.replace("-", "_"))
        for name, doc, default in (
            ("mcast-last-member-interval", "Seconds between the queries to a group that was left.", "1"),
            ("mcast-membership-interval", "Seconds after which a silent listener is forgotten.", "260"),
            ("mcast-querier-interval", "Seconds after which a silent querier is forgotten.", "255"),
            ("mcast-query-interval", "Seconds between queries.", "125"),
            ("mcast-query-response-interval", "Seconds in which listeners answer.", "10"),
            ("mcast-startup-query-interval", "Seconds between the queries at the start.", "31"),
        )
    ),
)  # fmt: skip
_NF_KEYS = ("iptables", "ip6tables", "arptables")


class Bridge(AttributeKind):
    """The kind `bridge`."""

    name = "bridge"
    form = Form.DEVICE
    modelled = True
    attributes = (*_STP, *_VLAN, *_FDB, *_MULTICAST)
    port_attributes = PORT_ATTRIBUTES
    port_type = "bridge_slave"
    common = tuple(option for option in COMMON if option is not PROMISC)  # it and `hairpin` would deliver frames twice
    can_have_ports = True
    up_last = True

    @classmethod
    def extra_options(cls) -> tuple[Option[Any], ...]:
        """Return the options that are no words of `ip link add`."""
        return SUBNET, NF_CALL, OWN_VLANS

    @classmethod
    def extra_port_options(cls) -> tuple[Option[Any], ...]:
        """Return the options that are set otherwise."""
        return PORT_VLANS, STATE, TUNNELS

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield every port: what the namespace itself sends by a bridge is flooded, or goes where it learned to."""
        inside = enter(self.vlans_of(device, device), frame)
        if inside is None:
            return
        for port in topology.ports_of(device.key):
            yield from self._out(device, port, inside, own=True)

    def takes(self, device: Device, port: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield every other port, and the bridge itself (kernel net/bridge/br_input.c, br_handle_frame_finish).

        A frame goes back by its own port only in hairpin mode, and from one isolated port to no other
        (net/bridge/br_forward.c, should_deliver).
        """
        inside = enter(self.vlans_of(device, port), frame)
        if inside is None or not takes_in(port):
            return
        for other in topology.ports_of(device.key):
            apart = ISOLATED.option.of(port) and ISOLATED.option.of(other)
            if (other.key != port.key or HAIRPIN.option.of(port)) and not apart:
                yield from self._out(device, other, inside)
        left = leave(self.vlans_of(device, device), inside)
        if left is not None:
            yield Passing(device.key, Way.IN, left)

    def _out(self, device: Device, port: Device, inside: Inside, own: bool = False) -> Iterator[Passing]:
        left = leave(self.vlans_of(device, port), inside)
        if left is not None and hands_out(port, left, own):
            yield Passing(port.key, Way.OUT, left, checked=True)

    def vlans_of(self, master: Device, port: Device) -> PortVlans | None:
        """Return every VLAN of a port, or of the bridge itself; None where the bridge looks at no tags."""
        if not FILTERING.option.of(master):
            return None
        said = said_vlans(port, OWN_VLANS if port is master else PORT_VLANS)
        return port_vlans(said, default_pvid(master), PROTOCOL.option.of(master) or "802.1q")

    def port_traits(self, device: Device, port: Device) -> Hashable:
        """Return the port's VLANs, however many lines say them, and its other options."""
        others = (option for option in self.port_options if option is not PORT_VLANS)
        return self.vlans_of(device, port), values_of(others, port)

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether it is known what passes each of its ports."""
        return are_followed(device, topology.ports_of(device.key), topology)

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return which of its ports is not like a plain one."""
        return doubt_of_ports(topology.ports_of(device.key))

    def passes_all(self, device: Device, topology: Topology) -> bool:
        """Return whether it is a plain switch. With hairpin mode it is: a sender gets back what it has sent itself."""
        return not FILTERING.option.of(device) and all(lets_pass(port) for port in topology.ports_of(device.key))

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return the smallest MTU of its ports (kernel net/bridge/br_if.c, br_mtu_auto_adjust)."""
        return min((mtu_of(port.key) for port in topology.ports_of(device.key)), default=1500)

    def default_mac(self, device: Device, making: Making) -> str:
        """Return a MAC that stays: see the page."""
        return mac_of(making.mark.lab, device.key.label)

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the bridge's own attributes."""
        words = super().type_words(device, making)
        if NF_CALL.of(device):
            words += tuple(word for key in _NF_KEYS for word in (f"nf_call_{key}", "1"))
        return words

    def membership(self, master: Device, port: Device) -> Membership | None:
        """Return the VLANs of a port, or of the bridge itself.

        Frames without a tag count only where they belong to one VLAN both ways: in by the PVID, out untagged.
        """
        vlans = self.vlans_of(master, port)
        if vlans is None:
            return None
        untagged = vlans.pvid if vlans.pvid in vlans.untagged else None
        return Membership(vlans.protocol, untagged, vlans.members - vlans.untagged)

    def up_words(self, device: Device) -> tuple[str, ...]:
        """Return the command that sets the bridge up, with its MTU.

        kernel net/bridge/br_if.c, br_mtu_auto_adjust: every port that joins changes the MTU, the one given at creation
        included, until `ip link set mtu` has set another (br_device.c, br_change_mtu).
        """
        mtu = MTU.of(device)
        said = () if mtu is None else ("mtu", str(mtu))
        return ("ip", "link", "set", "dev", device.name, *said, "up")

    def creation(self, device: Device, making: Making) -> Step:
        """Return the step that makes the bridge, with what the kernel and iproute2 must know for it."""
        return replace(super().creation(device, making), needs=tuple(_needs(device)))

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the bridge's steps, its own VLANs, and the sysctls of `nf-call off`."""
        yield from super().steps(device, making)
        if (own := OWN_VLANS.of(device)) is not None:
            yield from vlan_steps(device, own, default_pvid(device), own=True)
        if NF_CALL.of(device) is not False:
            return
        names = [f"net.bridge.bridge-nf-call-{key}" for key in _NF_KEYS]
        # -e: no such key means that br_netfilter is not loaded, and then nothing is filtered.
        argv = ("sysctl", "-e", "-qw", *(f"{name}=0" for name in names))
        undo = Absorbed(f"netns {device.netns.label}")
        step = Step(argv, undo, device.origin, device.netns, Stage.LINK)
        if device.netns.is_root:
            note = Note("0", tuple("/proc/sys/" + name.replace(".", "/") for name in names))
            step = replace(step, undo=Restore(), notes=(note,))
        yield step

    def port_steps(self, port: Device, making: Making) -> Iterator[Step]:
        """Yield the steps of the port's VLANs and options."""
        assert port.master is not None
        if (said := said_vlans(port, PORT_VLANS)) is not None:
            yield from vlan_steps(port, said, default_pvid(making.topology.devices[port.master]), own=False)
        yield from super().port_steps(port, making)
        yield from tunnel_steps(port, TUNNELS.of(port) or ())
        if (state := STATE.of(port)) is not None:
            yield state_step(port, state)

    def clashing_port(
        self, master: Mapping[str, Setting], port: Mapping[str, Setting]
    ) -> Iterator[tuple[str, str, str]]:
        """Yield what STP does itself (kernel net/bridge/br_stp_if.c: "Device or resource busy")."""
        stp = master.get(STP.option.name)
        if STATE.name in port and stp is not None and stp.value:
            yield STATE.name, "the bridge does STP, which sets the states of its ports", "leave it out, or `stp`"
        tunnel = port.get("vlan-tunnel")
        if TUNNELS.name in port and (tunnel is None or not tunnel.value):
            yield TUNNELS.name, "`tunnel-info` means nothing without `vlan-tunnel on`", "write `vlan-tunnel on`"


def default_pvid(bridge: Device) -> int:
    """Return the VLAN that a bridge gives to ports that say none, or 0."""
    said: int | None = DEFAULT_PVID.option.of(bridge)
    return 1 if said is None else said


def _needs(device: Device) -> Iterator[Need]:
    """Yield what preflight tries: a kernel without CONFIG_BRIDGE_VLAN_FILTERING passes over `vlan_filtering 1`."""
    if FILTERING.option.of(device):
        script = "ip link add name probe type bridge vlan_filtering 1 && bridge vlan add dev probe vid 2 self"
        yield Need(("unshare", "--net", "sh", "-c", script), "this kernel's bridges know no VLANs", device.origin)
    if _FDB_MAX.option.of(device) is not None:
        probe = ("unshare", "--net", "ip", "link", "add", "name", "probe", "type", "bridge", "fdb_max_learned", "1")
        yield Need(probe, "this kernel or its iproute2 knows no fdb_max_learned (6.7, 6.8)", device.origin)


KIND = Bridge()
