"""A virtual Ethernet segment whose frames travel in UDP packets.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    vxlan a:vx0 10.9.0.1/24 -- b:vx0 10.9.0.2/24 { id 42; dstport 4789 }

With `remote` or `group`, unknown destinations are sent there; with neither, only where `fdb` says. The port is always
said: left to itself, Linux uses 8472 and not the assigned 4789. The MTU is the parent's less 50 bytes (70 over IPv6);
in a link it is worked out like that from the device that the outer address is at.
With `external on` the network identifier comes with each packet, and `id` is left out.

Source: ip-link(8) "VXLAN Type Support", RFC 7348, kernel Documentation/networking/vxlan.rst.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from netc.kinds.attributes import Attribute, flag, numeric, of_link, shown, unseen, value
from netc.kinds.base import Making, taken_with_link
from netc.kinds.outer import CHECKSUMS, DF, FLOWLABEL, TOS, is_whole, ttl
from netc.kinds.overlay import LOCAL, REMOTE, Overlay, below_of, beside_external, ends_of, is_external, said, said_ttl
from netc.plan.step import Need, Observation, Stage, Step
from netc.syntax.tree import Word
from netc.topology.frames import Wrapping
from netc.topology.model import Device, Setting
from netc.topology.options import Option, WrongCount
from netc.topology.values import address, bad_value, number, number_range

if TYPE_CHECKING:
    from netc.topology.frames import Far, Load
    from netc.topology.model import DeviceKey, Topology

_port = number(1, 65535, "a port")


def _ports(words: tuple[Word, ...]) -> tuple[int, int]:
    """Read the lowest and the highest source port, the highest not included (kernel udp_flow_src_port)."""
    if len(words) != 2:
        raise WrongCount("two words")
    low, high = (_port(word) for word in words)
    if low >= high:
        raise bad_value(words[1].span, f"there is no port from {low} to below {high}", "write the lower one first")
    return low, high


def _vnis(words: tuple[Word, ...]) -> tuple[tuple[int, int], ...]:
    """Read network identifiers, `100` or `200-210`: the first and the last of each."""
    if not words:
        raise WrongCount("a network identifier or more")
    return tuple(number_range(word, _vni) for word in words)


_vni = number(1, 2**24 - 1, "a network identifier")
VNIS: Option[tuple[tuple[int, int], ...]] = Option(
    "vni",
    _vnis,
    "VNI...",
    "With `vnifilter on`: the network identifiers whose packets it takes, such as `100 200-210` (bridge(8), `bridge "
    "vni`); may be said several times.",
    "none",
    repeatable=True,
)
EXTERNAL = flag("external", "Takes the network identifier from each packet: an end for tc(8) or eBPF.", "off",
                "external", "noexternal")  # fmt: skip
GROUP = value("group", address, "ADDRESS", "The multicast group that such frames go to; it needs a parent.", "none")
_LOCALBYPASS = flag("localbypass", "Hands frames for the host itself over without a UDP packet.", "on", "localbypass",
                    "nolocalbypass")  # fmt: skip


class Vxlan(Overlay):
    """The kind `vxlan`."""

    name = "vxlan"
    modelled = True
    is_marked = True
    has_fdb = True
    turns_back = True  # vxlan_encap_bypass, which says PACKET_HOST; seen on kernel 6.18
    over_udp = True
    unfollowed = ("external", "gbp", "gpe", "maxaddress", "proxy", "remcsumrx", "remcsumtx", "rsc",
                  "udp6zerocsumtx", "vnifilter")  # fmt: skip
    takes_parent = True
    parent_word = "dev"
    probe = ("id", "1", "dstport", "4789")
    attributes = (
        *of_link(
            numeric("id", 0, 2**24 - 1, "The VXLAN network identifier (VNI). Needed unless `external on`.", "none"),
            numeric("dstport", 1, 65535, "The UDP port of the far ends.", "required"),
        ),
        LOCAL,
        REMOTE,
        GROUP,
        Attribute(
            Option("srcport", _ports, "LOW HIGH", "The UDP source ports, from LOW to below HIGH.", "the system's"),
            lambda given: ("srcport", *map(str, given)),
        ),
        *of_link(value("ttl", ttl, "1..255|inherit|auto", "The outer packets' TTL.", "the namespace's default")),
        TOS,
        FLOWLABEL,
        DF,
        shown(flag("learning", "Learns the far end of a MAC from the packets that come in.", "on", "learning",
                   "nolearning"), lambda given: () if given else ("nolearning",)),
        numeric("ageing", 0, 2**31 - 1, "Seconds that a learned entry lives.", "300"),
        shown(numeric("maxaddress", 0, 2**31 - 1, "How many MAC addresses the FDB holds at most.", "0, no limit"),
              lambda given: (f"maxaddr {given}",) if given else ()),
        flag("proxy", "Answers ARP for the neighbours that it knows.", "off", "proxy", "noproxy"),
        flag("rsc", "Route short circuit: sends to a router's neighbour straight away.", "off", "rsc", "norsc"),
        flag("l2miss", "Tells netlink of MAC addresses that the FDB does not know.", "off", "l2miss", "nol2miss"),
        flag("l3miss", "Tells netlink of neighbours that are not known.", "off", "l3miss", "nol3miss"),
        *CHECKSUMS,
        flag("remcsumtx", "Offloads the inner checksum when sending.", "off", "remcsumtx", "noremcsumtx"),
        flag("remcsumrx", "Takes packets whose inner checksum is offloaded.", "off", "remcsumrx", "noremcsumrx"),
        _LOCALBYPASS,
        EXTERNAL,
        unseen(flag("vnifilter", "Takes only the network identifiers of `vni`, with `external on`.", "off", "vnifilter",
                    "novnifilter")),
        flag("gbp", "Carries the group policy extension.", "off", "gbp"),
        flag("gpe", "Carries IP packets as well (generic protocol extension); needs `external on`.", "off", "gpe"),
    )  # fmt: skip
    required = ("dstport",)
    outer_versions = (4, 6)
    sets_mtu = True

    @classmethod
    def extra_options(cls) -> tuple[Option[Any], ...]:
        """Return what is no word of `ip link add`."""
        return (*super().extra_options(), VNIS)

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the device's steps, and those that list its network identifiers."""
        yield from super().steps(device, making)
        for low, high in _merged(VNIS.of(device) or ()):
            text = str(low) if low == high else f"{low}-{high}"
            argv = ("bridge", "vni", "add", "dev", device.name, "vni", text)
            observation = Observation(
                f"VNI {text} of {device.key.label}", ("bridge", "vni", "show", "dev", device.name), (text,)
            )
            undo = taken_with_link(device)
            yield Step(argv, undo, device.origin, device.netns, Stage.LINK, observation=observation)

    def overhead(self, device: Device, version: int) -> int:
        """Return the outer IP header, UDP, VXLAN and the inner Ethernet header (RFC 7348)."""
        return (20 if version == 4 else 40) + 8 + 8 + 14

    def wraps(self, device: Device, load: Load, far: Far | None, topology: Topology) -> Wrapping | None:
        """Return the UDP packet for a far end (kernel drivers/net/vxlan/vxlan_core.c, vxlan_xmit_one).

        That of the device's own `remote` or `group` is bound to the parent; an entry of the FDB names no device. The
        sockets are of one family, that of the device's outer addresses.
        """
        local, remote = ends_of(topology, device)
        ip = (remote or GROUP.option.of(device)) if far is None else far.ip
        if ip is None or ip.version != self.outer_version(device, topology):
            return None
        port = (far and far.port) or said(device, "dstport")
        vni = (far and far.number) or said(device, "id")
        bound = device.parent if far is None else None
        text = f"VXLAN {vni}, UDP port {port}"
        mark = ("udp", port, "vxlan", vni)
        overhead, whole = self.overhead(device, ip.version), is_whole(device, ip.version)
        return Wrapping(ip, mark, text, overhead, local, bound, said_ttl(device), whole)

    def unwraps(self, device: Device, wrapping: Wrapping, topology: Topology) -> int | None:
        """Return whether port and VNI are the device's: nothing else counts, not `local` either (vxlan_rcv)."""
        own = ("udp", said(device, "dstport"), "vxlan", said(device, "id"))
        fits = wrapping.mark == own and wrapping.target.version == self.outer_version(device, topology)
        return 0 if fits else None

    def multicasts(self, device: Device) -> bool:
        """Return whether it sends to a `group` as well; where it is set up for one, its parent's namespace does."""
        return GROUP.option.of(device) is not None or super().multicasts(device)

    def listens_at(self, device: Device, topology: Topology) -> DeviceKey | None:
        """Return the parent (__vxlan_sock_add)."""
        return device.parent

    def learns(self, device: Device) -> bool:
        """Return whether `learning` is on."""
        return said(device, "learning") is not False

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return the parent's MTU less the overhead (vxlan_config_apply); in a link, that of the device below."""
        below = device.parent if device.peer is None else below_of(topology, device)
        version = self.outer_version(device, topology)
        return 1500 if below is None else mtu_of(below) - self.overhead(device, version)

    def mtu_cap(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int | None:
        """Return what the parent leaves room for (vxlan_config_apply); without a parent any MTU is taken."""
        if device.parent is None:
            return None
        return mtu_of(device.parent) - self.overhead(device, self.outer_version(device, topology))

    def outer_version(self, device: Device, topology: Topology) -> int:
        """Return the IP version of the outer packets: that of its addresses, and 4 without (vxlan_config_validate)."""
        ends = (*ends_of(topology, device), GROUP.option.of(device))
        return next((ip.version for ip in ends if ip is not None), 4)

    def missing(self, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """Return what is missing; `id` is where no packet brings one."""
        external = settings.get(EXTERNAL.option.name)
        lacks_id = "id" not in settings and (external is None or not external.value)
        return (*(("id",) if lacks_id else ()), *super().missing(settings))

    def clashing(self, settings: Mapping[str, Setting]) -> Iterator[tuple[str, str, str]]:
        """Yield what each packet brings."""
        if is_external(settings):
            yield from beside_external(settings, "id")
        filters = settings.get("vnifilter")
        if VNIS.name in settings and (filters is None or not filters.value):
            yield VNIS.name, "`vni` means nothing without `vnifilter on`", "write `external on; vnifilter on`"

    def creation(self, device: Device, making: Making) -> Step:
        """Return the step that makes the device, with what iproute2 must know for it."""
        return replace(super().creation(device, making), needs=tuple(_needs(device)))


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges in order, those that touch as one: bridge(8) shows them so."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _needs(device: Device) -> Iterator[Need]:
    if _LOCALBYPASS.option.of(device) is not None:
        probe = (
            "unshare",
            "--net",
            "ip",
            "link",
            "add",
            "name",
            "probe",
            "type",
            "vxlan",
            "id",
            "1",
            "dstport",
            "4789",
        )
        refusal = "this kernel or its iproute2 knows no localbypass (6.4, 6.4)"
        yield Need((*probe, "nolocalbypass"), refusal, device.origin)


KIND = Vxlan()
