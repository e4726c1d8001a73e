"""What the tunnels of ip-link(8) have in common: two outer addresses, and perhaps keys."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, ClassVar

from netc.kinds.attributes import Attribute, flag, mirrored, number_or, numeric, of_each, of_link, one_of, shown, value
from netc.kinds.guarded import Guarded, Seal
from netc.kinds.overlay import LOCAL, REMOTE, Overlay, ends_of, said, said_ttl
from netc.topology.frames import InUdp, Wrapping
from netc.topology.model import Device, DeviceKey

if TYPE_CHECKING:
    from netc.topology.frames import Far, Load
    from netc.topology.model import IPAddress, Topology


def key(name: str, doc: str, *seen: str, most: int = 2**32 - 1) -> Attribute:
    """Make an attribute for a key, which iproute2 prints like an IPv4 address (ip/tunnel.c, tnl_print_gre_flags)."""
    return shown(
        numeric(name, 0, most, doc, "none"), lambda given: tuple(f"{word} {IPv4Address(given)}" for word in seen)
    )


def _hex(attribute: Attribute, word: str, digits: int = 0) -> Attribute:
    """Return an attribute whose number iproute2 prints in hexadecimal, and a zero mostly not at all."""

    def phrases(given: object) -> tuple[str, ...]:
        text = str(given)
        if not text.isdigit():
            return (f"{word} {text}",)
        return (f"{word} {int(text):#0{digits + 2}x}",) if int(text) else ()

    return shown(attribute, phrases)


FWMARK = _hex(numeric("fwmark", 1, 2**32 - 1, "The mark that policy rules see on the outer packets.", "none"), "fwmark")
_PMTUDISC = shown(
    flag("pmtudisc", "Finds the path's MTU: DF on the outer packets.", "on", "pmtudisc", "nopmtudisc"),
    lambda given: () if given else ("nopmtudisc",),
)

_ENCAP: tuple[Attribute, ...] = (
    *of_link(
        one_of(
            "encap",
            ("fou", "gue"),
            "Puts UDP around the outer packets; the statement `fou` takes it off at the other end. Without one in the "
            "lab, it needs `module fou`, over IPv6 `module fou6`: the kernel loads neither by itself.",
            "none",
        )
    ),
    *of_each(
        value("encap-sport", number_or(1, 65535, "auto"), "PORT|auto", "Its UDP source port; `auto`: by flow.", "auto"),
        numeric("encap-dport", 1, 65535, "Its UDP destination port: a `fou` of the other end.", "0"),
    ),
    *of_link(
        flag("encap-csum", "Its UDP checksum over IPv4.", "off", "encap-csum", "noencap-csum"),
        shown(
            flag("encap-csum6", "Its UDP checksum over IPv6.", "on over IPv6", "encap-udp6-csum", "noencap-udp6-csum"),
            lambda given: ("encap-csum6" if given else "noencap-csum6",),
        ),
        flag("encap-remcsum", "Remote checksum offload, of GUE.", "off", "encap-remcsum", "noencap-remcsum"),
    ),
)
EXTERNAL = flag(
    "external", "Takes the ends from each packet's own metadata: tc-tunnel_key(8), `encap` of ip-route(8).", "off"
)

#: Of tunnels in IPv4 packets.
OUTER4: tuple[Attribute, ...] = (
    LOCAL,
    REMOTE,
    *of_link(
        value("ttl", number_or(1, 255, "inherit"), "N|inherit", "The outer packets' TTL.", "the inner packet's"),
        _hex(
            value("tos", number_or(0, 255, "inherit"), "N|inherit", "The outer packets' type of service.", "0"), "tos"
        ),
        _PMTUDISC,
    ),
    FWMARK,
    *_ENCAP,
    EXTERNAL,
)

#: Of tunnels in IPv6 packets.
OUTER6: tuple[Attribute, ...] = (
    LOCAL,
    REMOTE,
    *of_link(
        numeric("hoplimit", 0, 255, "The outer packets' hop limit; 0 takes the inner packet's.", "64"),
        value(
            "encaplimit",
            number_or(0, 255, "none"),
            "N|none",
            "How many more tunnels may follow (RFC 2473); `none` leaves the option out, and its 8 bytes.",
            "4",
        ),
        _hex(
            value("tclass", number_or(0, 255, "inherit"), "N|inherit", "The outer packets' traffic class.", "0"),
            "tclass",
            2,
        ),
        _hex(
            value("flowlabel", number_or(0, 0xFFFFF, "inherit"), "N|inherit", "The outer packets' flow label.", "0"),
            "flowlabel",
            5,
        ),
        one_of("dscp", ("inherit",), "Takes the DSCP of an outer packet over to the inner one.", "off"),
        flag(
            "allow-localremote",
            "Lets the remote end be an address of this namespace.",
            "off",
            "allow-localremote",
            "noallow-localremote",
        ),
    ),
    FWMARK,
    *_ENCAP,
    EXTERNAL,
)
KEYS: tuple[Attribute, ...] = (
    *of_link(
        key("key", "The key of both directions, which tells tunnels of the same ends apart.", "ikey", "okey"),
    ),
    mirrored(key("ikey", "The key of packets that come in: the other end's `okey`.", "ikey"), "okey"),
    key("okey", "The key of packets that go out: the other end's `ikey`.", "okey"),
)


def _sided(name: str, doc: str) -> tuple[Attribute, ...]:
    """Return a switch for both directions, and one for each."""
    halves = ((f"i{name}", f"o{name}", "only of packets that come in"), (f"o{name}", "", "only of those that go out"))
    return (
        *of_link(
            shown(flag(name, doc, "off", name, f"no{name}"), lambda given: (f"i{name}", f"o{name}") if given else ())
        ),
        *(
            mirrored(flag(half, f"The same, {which}.", "off", half, f"no{half}"), mirror)
            for half, mirror, which in halves
        ),
    )


GRE: tuple[Attribute, ...] = (
    *KEYS,
    *_sided("seq", "Numbers the packets, and drops those that come in out of order."),
    *_sided("csum", "Puts a checksum into the GRE header, and wants one."),
)
IGNORE_DF = of_link(
    flag(
        "ignore-df",
        "Fragments outer packets whatever the inner packet's DF; with `pmtudisc off`.",
        "off",
        "ignore-df",
        "noignore-df",
    )
)


_GRE, _OF_IP = 47, {4: 4, 6: 41}  # IP protocols: RFC 2784, and of IPv4 and IPv6 RFC 2003, 2473
#: Which IP versions a `mode` carries: all, of those that are not here.
_CARRIED = {"ipip": {4}, "ip6ip6": {6}, "ipip6": {4}, "ip6ip": {6}, "mplsip": set()}


class Tunnel(Overlay):
    """A kind of tunnel; a parent is the device that the outer packets are bound to."""

    takes_parent = True
    parent_word = "dev"
    header: ClassVar[int] = 0  # bytes between the outer IP header and what is carried
    ethernet: ClassVar[int] = 0  # of an inner Ethernet header
    carries_frames = False
    asks_route = True
    unfollowed = ("6rd-prefix", "external", "fwmark", "isatap")
    by_next_hop: ClassVar[bool] = False  # without a remote end, it sends to the next hop of the route
    carried: ClassVar[frozenset[int]] = frozenset({4, 6})  # IP versions, where no mode says them

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether nothing but the addresses, the keys and the mode decides.

        GRE without `remote` asks neighbour entries, with IPv4 addresses for MAC addresses (net/ipv4/ip_gre.c), and SIT
        the IPv6 address (net/ipv6/sit.c, ipip6_tunnel_xmit).
        """
        remote = ends_of(topology, device)[1]
        if remote is None and not self.by_next_hop:
            return False
        return super().is_followed(device, topology) and not (remote is not None and remote.is_multicast)

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return that its far end is not one, where no option decides."""
        remote = ends_of(topology, device)[1]
        if (remote is None and not self.by_next_hop) or (remote is not None and remote.is_multicast):
            return "it has no `remote`, or that of a group"
        return super().doubt(device, topology)

    def wraps(self, device: Device, load: Load, far: Far | None, topology: Topology) -> Wrapping | None:
        """Return the outer packet (kernel net/ipv4/ip_tunnel.c, ip_tunnel_xmit; net/ipv6/ip6_tunnel.c, ip6_tnl_xmit).

        Over IPv6, a tunnel without `local` sends nothing (ip6_tnl_xmit_ctl; tried on kernel 6.1).
        """
        local, remote = ends_of(topology, device)
        if remote is None and self.by_next_hop and load.version == 4:
            remote = load.next_hop
        if (
            remote is None
            or (remote.version == 6 and local is None)
            or (load.version and load.version not in self._sends(device))
        ):
            return None
        if remote.version == 6 and not device.settings.get("allow-localremote") and _is_own(self, device, topology):
            return None
        mark, text = self.mark(device, load.version)
        udp = self._udp(device, load.version)
        text += "" if udp is None else f" in {'GUE' if udp.gue else 'FOU'}, UDP port {udp.port}"
        size, whole = self.overhead(device, remote.version), not _says(device, "ignore-df")
        return Wrapping(remote, mark, text, size, local, device.parent, said_ttl(device), whole, owned=True, udp=udp)

    def unwraps(self, device: Device, wrapping: Wrapping, topology: Topology) -> int | None:
        """Return how closely the addresses fit, where key and mode do (ip_tunnel_lookup, ip_tunnel_rcv).

        Both addresses before the remote one alone, that before the local one alone, and none of them last, if a key
        tells the tunnel.
        """
        local, remote = ends_of(topology, device)
        if wrapping.target.version not in self.outer_versions or not self.knows(device, wrapping.mark):
            return None
        if local not in {None, wrapping.target} or remote not in {None, wrapping.source}:
            return None
        rank = 2 * (remote is None) + (local is None)
        return None if rank == 3 and not (self.header and self.key_of(device, "i") is not None) else rank

    def may_take(self, wrapping: Wrapping) -> bool:
        """Return whether the packet is GRE, for a device of GRE, or none, for another."""
        return (wrapping.mark[0] == "gre") == (self.header > 0)

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return what is left of the MTU of the parent, else of the device on the far end's link, else of Ethernet's.

        kernel net/ipv4/ip_tunnel.c, ip_tunnel_bind_dev; net/ipv6/ip6_tunnel.c, ip6_tnl_link_config.
        """
        below = device.parent or self.link_below(device, topology)
        return (1500 if below is None else mtu_of(below)) - self.overhead(device, self.outer_versions[0])

    def _udp(self, device: Device, version: int) -> InUdp | None:
        """Return the UDP around its packets (net/ipv4/fou_core.c, fou_build_header, gue_build_header)."""
        encap = said(device, "encap")
        if encap is None:
            return None
        protocol = _GRE if self.header else _OF_IP[version]
        return InUdp(said(device, "encap-dport", 0), protocol, encap == "gue")

    def _sends(self, device: Device) -> set[int]:
        """Return the versions that a tunnel sends, whatever becomes of them."""
        return self._carries(device)

    def _carries(self, device: Device) -> set[int]:
        said = device.settings.get("mode")
        if said is None:
            return set(self.carried)
        return _CARRIED.get(str(said.value), {4, 6})

    def key_of(self, device: Device, way: str) -> int | None:
        """Return the key of packets that come in (`i`) or go out (`o`)."""
        said = device.settings.get(f"{way}key", device.settings.get("key"))
        return None if said is None else int(said.value)

    def mark(self, device: Device, version: int) -> tuple[tuple[object, ...], str]:
        """Return what the far end knows the packets by, and how it is told."""
        if not self.header:
            return ("ip", version), f"an IPv{self.outer_versions[0]} packet"
        key = self.key_of(device, "o")
        mark = ("gre", bool(self.ethernet), key, _says(device, "csum", "ocsum"), _says(device, "seq", "oseq"))
        return mark, "GRE" if key is None else f"GRE, key {key}"

    def knows(self, device: Device, mark: tuple[object, ...]) -> bool:
        """Whether a packet's header is what the device takes: its version, or its key, its checksum and its number."""
        if not self.header:
            return mark[0] == "ip" and mark[1] in self._carries(device)
        own = ("gre", bool(self.ethernet), self.key_of(device, "i"), _says(device, "csum", "icsum"))
        return mark[:4] == own and (mark[4] is True or not _says(device, "seq", "iseq"))

    def overhead(self, device: Device, version: int) -> int:
        """Return the bytes of the outer IP header (RFC 791, 8200, 2473), the tunnel's own and an inner Ethernet's."""
        limit = device.settings.get("encaplimit")
        option = 0 if version == 4 or (limit is not None and limit.value == "none") else 8
        udp = {"fou": 8, "gue": 12}.get(said(device, "encap"), 0)
        udp += 8 if udp == 12 and said(device, "encap-remcsum") else 0  # fou_core.c, gue_encap_hlen
        return (20 if version == 4 else 40) + option + udp + self.own_header(device) + self.ethernet

    def own_header(self, device: Device) -> int:
        """Return the bytes between the outer IP header, or what is put between them, and what is carried."""
        said = {name for name, setting in device.settings.items() if setting.value is not False}
        fields = sum(4 for name in ("key", "seq", "csum") if said & {name, f"o{name}"}) if self.header else 0
        return self.header + fields


class Tunnel4(Tunnel):
    """A tunnel over IPv4. Without a remote end the probe would be the fallback device that every namespace has."""

    probe: ClassVar[tuple[str, ...] | None] = ("remote", "192.0.2.1")


class Tunnel6(Tunnel):
    """A tunnel over IPv6."""

    probe: ClassVar[tuple[str, ...] | None] = ("remote", "2001:db8::1")
    outer_versions = (6,)


class GuardedTunnel(Guarded, Tunnel):
    """A tunnel whose outer packets IPsec makes, by states with the tunnel's own addresses and its key as their mark.

    Source: kernel net/ipv4/ip_vti.c (vti_xmit, vti_state_check, vti_input, vti_rcv_cb), net/ipv6/ip6_vti.c.
    """

    modelled = True

    def seal(self, device: Device, way: str) -> Seal:
        """Return the key of that direction as the mark."""
        return Seal(mark=self.key_of(device, way[0]) or 0)

    def sends_by(self, device: Device, source: IPAddress, target: IPAddress, topology: Topology) -> bool:
        """Whether a state has the tunnel's addresses, as far as it has any."""
        local, remote = ends_of(topology, device)
        return local in {None, source} and remote in {None, target}

    def takes_from(self, device: Device, source: IPAddress, target: IPAddress, topology: Topology) -> int | None:
        """Return how closely the addresses fit; keys tell nothing of an outer packet."""
        local, remote = ends_of(topology, device)
        if local not in {None, target} or remote not in {None, source}:
            return None
        return 2 * (remote is None) + (local is None)

    def wraps(self, device: Device, load: Load, far: Far | None, topology: Topology) -> Wrapping | None:
        """Return None: the states say what goes where."""
        return None

    def unwraps(self, device: Device, wrapping: Wrapping, topology: Topology) -> int | None:
        """Return None: it takes what IPsec has opened."""
        return None


def _says(device: Device, *names: str) -> bool:
    """Whether one of these switches is on."""
    return any(said(device, name) is True for name in names)


def _is_own(kind: Tunnel, device: Device, topology: Topology) -> bool:
    """Whether the far end is an address of the namespace itself (ip6_tnl_xmit_ctl)."""
    remote = ends_of(topology, device)[1]
    owners = () if remote is None else topology.owners_of(remote)
    return any(owner.netns == kind.outer_netns(device) for owner in owners)
