"""The ports of a bridge: their options, and the VLANs that a VLAN-filtering bridge lets through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netc.kinds import kinds
from netc.kinds.attributes import Attribute, device_name, numeric, on_off
from netc.kinds.base import taken_with_link
from netc.plan.step import Observation, Stage, Step
from netc.topology.options import Option, WrongCount, one
from netc.topology.values import bad_value, bounds, choice, mask, number, number_range

if TYPE_CHECKING:
    from netc.source import Span
    from netc.syntax.tree import Word
    from netc.topology.frames import Frame
    from netc.topology.model import Device, Topology


def group_mask(name: str, doc: str) -> Attribute:
    """Return the attribute of which link-local groups pass."""
    option = Option(name, one(mask(0xFFFF)), "MASK", doc, "0")
    return Attribute(option, lambda given: ("group_fwd_mask", f"{given:#x}"))


HAIRPIN = on_off("hairpin", "Sends frames back out of the port that they came in by.", "off")
ISOLATED = on_off("isolated", "Hands no frames to other isolated ports.", "off")
LOCKED = on_off("locked", "Takes frames only from MAC addresses that the FDB has at the port.", "off")
LEARNING = on_off("port-learning", "Learns which MAC addresses are behind the port.", "on", "learning")
FLOOD = on_off("flood", "Hands the port frames for MAC addresses that nobody knows.", "on")
MCAST_FLOOD = on_off("mcast-flood", "Hands the port multicast that nobody asked for.", "on", "mcast_flood")
BCAST_FLOOD = on_off("bcast-flood", "Hands the port broadcasts.", "on", "bcast_flood")
#: Options with which netc does not say where frames go.
_UNFOLLOWED = frozenset({"neigh-suppress", "port-proxy-arp", "proxy-arp-wifi", "vlan-tunnel", "backup-port"})

#: A name that a device has for itself already (`learning` of vxlan, `proxy-arp` of every device) has `port-` before it.
PORT_ATTRIBUTES: tuple[Attribute, ...] = (
    numeric("cost", 1, 65535, "What the port adds to an STP path.", "2, for a veth"),
    numeric("port-priority", 0, 63, "STP priority of the port: of equal paths, the lowest wins.", "32", "priority"),
    on_off("guard", "Blocks the port if an STP message comes in by it (BPDU guard).", "off"),
    on_off("root-block", "Never takes the port for the way to the root bridge (root guard).", "off", "root_block"),
    HAIRPIN,
    ISOLATED,
    LOCKED,
    LEARNING,
    FLOOD,
    MCAST_FLOOD,
    BCAST_FLOOD,
    on_off("mcast-to-unicast", "Sends multicast to each listener as unicast.", "off", "mcast_to_unicast"),
    on_off("fast-leave", "Forgets a listener as soon as it leaves its group.", "off", "fastleave"),
    numeric("port-mcast-router", 0, 2, "0: no multicast router is behind the port; 1: found out; 2: one is.", "1",
            "mcast_router"),
    group_mask("port-group-fwd-mask", "Link-local groups, 01:80:C2:00:00:0X, that pass: bit X."),
    on_off("neigh-suppress", "Answers ARP and ND for neighbours that it knows, and does not flood them.", "off",
           "neigh_suppress"),
    on_off("port-proxy-arp", "Answers ARP at the bridge for neighbours behind the port.", "off", "proxy_arp"),
    on_off("proxy-arp-wifi", "Answers ARP as `port-proxy-arp` does, also for neighbours behind the asking port (IEEE "
           "802.11, Hotspot 2.0).", "off", "proxy_arp_wifi"),
    on_off("vlan-tunnel", "Maps VLANs to tunnel identifiers.", "off", "vlan_tunnel"),
    device_name("backup-port", "The port that frames for this one go to while it has no carrier.", "none",
                "backup_port"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vlans:
    """The VLANs of one `vlan` line: from `first` to `last`, both included."""

    first: int
    last: int
    pvid: bool
    untagged: bool
    span: Span


def _read(words: tuple[Word, ...]) -> tuple[Vlans, ...]:
    """Read `VID... [pvid] [untagged]`, bridge(8)'s own words."""
    flags = {word.text for word in words if word.text in {"pvid", "untagged"}}
    ranges = [word for word in words if word.text not in flags]
    if not ranges or len(words) != len(ranges) + len(flags):
        raise WrongCount("a VLAN or more, and each flag once")
    found = tuple(_range(word, "pvid" in flags, "untagged" in flags) for word in ranges)
    if "pvid" in flags and (len(found) > 1 or found[0].first != found[0].last):
        raise bad_value(
            ranges[-1].span,
            "only one VLAN can be the PVID",
            "write the others on a `vlan` line of their own, without `pvid`",
            "the kernel refuses a range with it: Invalid argument",
        )
    return found


def _range(word: Word, pvid: bool, untagged: bool) -> Vlans:
    if not re.fullmatch(r"[0-9]+(-[0-9]+)?", word.text):
        raise bad_value(word.span, f"`{word.text}` is no VLAN", "write 10, or 10-20 for several")
    low, high = number_range(word, number(1, 4094, "a VLAN"))
    return Vlans(low, high, pvid, untagged, word.span)


def vlan_option(doc: str, default: str) -> Option[Any]:
    """Return the option `vlan`, of a port or of the bridge itself."""
    return Option("vlan", _read, "VID... [pvid] [untagged]", doc, default, repeatable=True)


_STATES = {"listening": 1, "learning": 2, "forwarding": 3}
_FOR_STP = ("disabled", "blocking", "0", "4")


def _state(word: Word) -> str:
    """Read a state that a port keeps where nobody does STP (kernel net/bridge/br_stp.c, br_port_state_selection)."""
    if word.text in _FOR_STP:
        raise bad_value(
            word.span,
            f"a port does not stay `{word.text}` without STP",
            "write `listening`, in which it passes nothing on, or `learning`, or leave the device down or out",
            "the kernel would let it forward at once, or when a carrier changes",
        )
    numbers = {str(number): name for name, number in _STATES.items()}
    return choice(*_STATES)(type(word)(numbers.get(word.text, word.text), word.span))


STATE: Option[str] = Option(
    "state",
    one(_state),
    "listening|learning|forwarding",
    "What the port does where nobody does STP: nothing; learns MAC addresses; passes frames on. One that loses its "
    "carrier forwards when it has it again (bridge(8)).",
    "forwarding",
)
# A device has its carrier a moment after it is up, and until then the port takes no state ("Network is down").
_SET_STATE = (
    "for try in 1 2 3 4 5 6 7 8 9; do "
    'ip link set dev "$0" type bridge_slave state "$1" 2>/dev/null && exit; sleep 0.$try; done; '
    'exec ip link set dev "$0" type bridge_slave state "$1"'
)


def state_step(port: Device, state: str) -> Step:
    """Return the step that gives a port its state, once it and the bridge are up."""
    argv = ("sh", "-c", _SET_STATE, port.name, str(_STATES[state]))
    show = ("ip", "-d", "-o", "link", "show", "dev", port.name)
    observation = Observation(f"state of {port.key.label}", show, (f"bridge_slave state {state}",))
    return Step(argv, taken_with_link(port), port.origin, port.netns, Stage.UP, observation=observation)


def forwards(port: Device) -> bool:
    """Return whether a port passes frames on (kernel net/bridge/br_private.h, BR_STATE_FORWARDING)."""
    return STATE.of(port) in {None, "forwarding"}


def takes_in(port: Device) -> bool:
    """Return whether a port takes frames in: a locked one does from whom the FDB has (kernel net/bridge/br_input.c)."""
    return forwards(port) and not LOCKED.option.of(port)


def hands_out(port: Device, frame: Frame, own: bool) -> bool:
    """Return whether a port hands a frame out; `own` is one that the bridge's namespace itself sends.

    What a port must not be flooded with comes to it if it is the bridge's own, unless it is unicast (kernel
    net/bridge/br_forward.c, br_flood). Unicast is for who has answered before, so that the FDB knows where that is.
    """
    return forwards(port) and (own or frame.target is not None or BCAST_FLOOD.option.of(port) is not False)


def lets_pass(port: Device) -> bool:
    """Return whether a port keeps no frame back, whatever the frame."""
    return takes_in(port) and BCAST_FLOOD.option.of(port) is not False and not ISOLATED.option.of(port)


def are_followed(bridge: Device, ports: Sequence[Device], topology: Topology) -> bool:
    """Return whether it is known which frames pass the ports of a bridge.

    Broadcast and multicast are not told apart, so that it is known where a port takes one of the two only if nobody
    sends multicast.
    With `flood off` all hangs on what the FDB has learned, or the lab has written into it.
    """
    if any(name in port.settings for port in ports for name in _UNFOLLOWED):
        return False
    partly = any(MCAST_FLOOD.option.of(port) is False or BCAST_FLOOD.option.of(port) is False for port in ports)
    if partly and any(kinds()[device.kind].multicasts(device) for device in topology.devices.values()):
        return False
    unknown = [port for port in ports if FLOOD.option.of(port) is False]
    if not unknown and not any(LOCKED.option.of(port) for port in ports):
        return True
    if topology.neighbours or any(part.netns == bridge.netns for part in topology.parts):
        return False
    learns = all(LEARNING.option.of(port) is not False for port in unknown)
    return not unknown or (learns and "ageing-time" not in bridge.settings)


def doubt_of_ports(ports: Sequence[Device]) -> str:
    """Return why it is not known which frames pass the ports of a bridge, which are not followed: a clause."""
    switched = [one.option.name for one in (FLOOD, BCAST_FLOOD, MCAST_FLOOD, LOCKED)]
    said = (
        (port.key.name, name) for name in (*sorted(_UNFOLLOWED), *switched) for port in ports if name in port.settings
    )
    name, option = next(said)
    return f"what passes its port {name}, with `{option}`, hangs on what the bridge has learned"


PORT_VLANS: Option[tuple[Vlans, ...]] = vlan_option(
    "VLANs of the port, in bridge(8)'s words; may be said several times. `vlan 10 pvid untagged` makes an access port, "
    "`vlan 20 30-39` a trunk. The bridge has to have `vlan-filtering on`. A port that says its own has no other.",
    "the bridge's default, `pvid untagged`",
)


@dataclass(frozen=True, slots=True)
class Tunnels:
    """VLANs, and the tunnel identifiers that they have on the wire, one for each."""

    vlans: str
    identifiers: str


def _tunnels(words: tuple[Word, ...]) -> tuple[Tunnels, ...]:
    """Read `VID ID`, or as many of both, `20-30 200-210`."""
    if len(words) != 2:
        raise WrongCount("VLANs and as many tunnel identifiers")
    vlans = _range(words[0], pvid=False, untagged=False)
    low, high = bounds(words[1], number(1, 2**24 - 1, "a tunnel identifier"))
    if high - low != vlans.last - vlans.first:
        count = vlans.last - vlans.first + 1
        raise bad_value(
            words[1].span, f"{words[1].text} is not {count} identifiers", "write as many as there are VLANs"
        )
    texts = (str(one) if one == two else f"{one}-{two}" for one, two in ((vlans.first, vlans.last), (low, high)))
    return (Tunnels(*texts),)


TUNNELS: Option[tuple[Tunnels, ...]] = Option(
    "tunnel-info",
    _tunnels,
    "VID ID",
    "With `vlan-tunnel on`, at a VXLAN with `external on`: the identifier that frames of a VLAN of the port have on "
    "the wire, or `20-30 200-210`; may be said several times (bridge(8)).",
    "none",
    repeatable=True,
)


def tunnel_steps(port: Device, said: tuple[Tunnels, ...]) -> Iterator[Step]:
    """Yield the steps that map VLANs of a port to tunnel identifiers."""
    for tunnels in said:
        argv = (
            "bridge",
            "vlan",
            "add",
            "dev",
            port.name,
            "vid",
            tunnels.vlans,
            "tunnel_info",
            "id",
            tunnels.identifiers,
        )
        show = ("bridge", "vlan", "tunnelshow", "dev", port.name)
        what = f"tunnel identifier of VLAN {tunnels.vlans} of {port.key.label}"
        observation = Observation(what, show, (f"{tunnels.vlans} {tunnels.identifiers}",))
        yield Step(argv, taken_with_link(port), port.origin, port.netns, Stage.LINK, observation=observation)


def said_vlans(device: Device, option: Option[tuple[Vlans, ...]]) -> tuple[Vlans, ...] | None:
    """Return the `vlan` lines of a device; a virtual function's `vlan` is its NIC's affair, and none of them."""
    said = option.of(device)
    return said if isinstance(said, tuple) else None


def vlan_steps(device: Device, said: tuple[Vlans, ...], default: int, own: bool) -> Iterator[Step]:
    """Yield the steps that give a port its VLANs, or the bridge its own, in place of the default one (0: none).

    kernel net/bridge/br_vlan.c, nbp_vlan_init and br_vlan_init: both get the default PVID when they are made.
    """
    itself = ("self",) if own else ()
    undo, origin, netns = taken_with_link(device), device.origin, device.netns
    if default and not any(vlans.first <= default <= vlans.last for vlans in said):
        argv = ("bridge", "vlan", "del", "dev", device.name, "vid", str(default), *itself)
        yield Step(argv, undo, origin, netns, Stage.LINK)
    for vlans in said:
        flags = (*(["pvid"] if vlans.pvid else []), *(["untagged"] if vlans.untagged else []))
        vid = str(vlans.first) if vlans.first == vlans.last else f"{vlans.first}-{vlans.last}"
        argv = ("bridge", "vlan", "add", "dev", device.name, "vid", vid, *flags, *itself)
        seen = [str(vlans.first), *(["PVID"] if vlans.pvid else []), *(["Egress Untagged"] if vlans.untagged else [])]
        show = ("bridge", "vlan", "show", "dev", device.name)
        words = (" ".join(seen), *([str(vlans.last)] if vlans.last != vlans.first else []))
        observation = Observation(f"VLAN {vid} of {device.key.label}", show, words)
        yield Step(argv, undo, origin, netns, Stage.LINK, observation=observation)
