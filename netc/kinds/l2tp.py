"""A pseudowire: Ethernet frames in L2TPv3 sessions over IP or UDP, set up by hand at both ends.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    l2tp a:l2tp0 10.9.0.1/24 -- b:l2tp0 10.9.0.2/24 { tunnel-id 1; session-id 1 }

Devices of one namespace with the same `tunnel-id` are sessions of one tunnel, and the first of them says what the
tunnel is. A number of the other end that is not said is the same as one's own. Each tunnel over UDP has a `udp-sport`
of its own at its `local` address. That address belongs to its device when the tunnel is made: it stands in the
device's own statement, not in one of `address`.

It lives in the lab's namespaces only: `ip l2tp` can give neither tunnel nor session the lab's mark as it makes them, so
that down.sh could not tell them from others on the host.

Source: ip-l2tp(8), RFC 3931.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from netc.kinds.attributes import Attribute, mirrored, numeric, of_link, on_off, one_of, value, words_of
from netc.kinds.base import Making, configuration, object_name
from netc.kinds.common import COMMON, MAC, MTU
from netc.kinds.link import QUEUES
from netc.kinds.overlay import LOCAL, REMOTE, Overlay, ends_of, number_of
from netc.plan.step import Absorbed, Observation, Stage, Step
from netc.syntax.tree import Word
from netc.topology.frames import Wrapping
from netc.topology.model import Device
from netc.topology.values import bad_value

if TYPE_CHECKING:
    from netc.topology.frames import Far, Load
    from netc.topology.model import DeviceKey, Topology


def _cookie(word: Word) -> str:
    if not re.fullmatch(r"[0-9A-Fa-f]{8}|[0-9A-Fa-f]{16}", word.text):
        raise bad_value(word.span, f"`{word.text}` is no cookie", "write 8 or 16 hex digits")
    return word.text.lower()


def _both(name: str, what: str) -> tuple[Attribute, ...]:
    word, peer = name.replace("-", "_"), f"peer-{name}"
    return (
        mirrored(numeric(name, 1, 2**32 - 1, f"The number of the {what} at this end.", "the other end's", word), peer),
        numeric(peer, 1, 2**32 - 1, f"Its number at the other end: there `{name}`.", "the same", f"peer_{word}"),
    )


(ENCAP,) = of_link(one_of("encap", ("ip", "udp"), "What carries it: IP protocol 115, or UDP.", "udp"))
_PORT = 1701  # RFC 3931, section 4.1.2
SPORT = mirrored(numeric("udp-sport", 1, 65535, "The UDP port of this end.", "1701", "udp_sport"), "udp-dport")
DPORT = numeric("udp-dport", 1, 65535, "The UDP port of the other end.", "1701", "udp_dport")
COOKIE = mirrored(
    value("cookie", _cookie, "HEX", "8 or 16 hex digits that packets from this end carry.", "none"), "peer-cookie"
)
PEER_COOKIE = value(
    "peer-cookie", _cookie, "HEX", "What packets to this end must carry: there `cookie`.", "none", "peer_cookie"
)
(SEQ,) = of_link(
    one_of("seq", ("none", "send", "recv", "both"), "Which packets are numbered, and put in order.", "none")
)
_CHECKSUMS = of_link(
    on_off("udp-csum", "A UDP checksum over IPv4.", "off", "udp_csum"),
    on_off("udp6-csum-tx", "Sends a UDP checksum over IPv6.", "on", "udp6_csum_tx"),
    on_off("udp6-csum-rx", "Wants a UDP checksum over IPv6.", "on", "udp6_csum_rx"),
)
_, _CHECKSUM_TX, _CHECKSUM_RX = _CHECKSUMS
(_LAYER2,) = of_link(
    one_of("l2spec-type", ("none", "default"), "The layer-2 specific header.", "default", "l2spec_type")
)
_OF_SESSION = (COOKIE, PEER_COOKIE, SEQ, _LAYER2)
_MIRRORS = {"tunnel-id": "peer-tunnel-id", "session-id": "peer-session-id"}


class L2tp(Overlay):
    """The kind `l2tp`."""

    name = "l2tp"
    outer_versions = (4, 6)
    modelled = True
    is_marked = True
    in_lab_only = True
    binds = True
    asks_route = True
    probe = None  # `ip link add` does not make it
    common = tuple(option for option in COMMON if option not in QUEUES)
    attributes = (
        LOCAL,
        REMOTE,
        *_both("tunnel-id", "tunnel"),
        ENCAP,
        SPORT,
        DPORT,
        *_CHECKSUMS,
        *_both("session-id", "session"),
        *_OF_SESSION,
    )
    required = ("local", "remote", "tunnel-id", "session-id")

    def missing(self, settings: Any) -> tuple[str, ...]:
        """Return the options that are missing: a number that the other end gives is there."""
        return tuple(name for name in self.required if not {name, _MIRRORS.get(name, name)} & settings.keys())

    def is_over_udp(self, device: Device, topology: Topology) -> bool:
        """Return whether its tunnel is: that over IP has a socket as well, which hears everything (l2tp_ip.c)."""
        return _is_udp(_tunnel_of(device, topology))

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether it does not depend on what has come before whether it takes packets.

        One that wants numbers has to have the same `seq` at its other end, which numbers packets once it has got such
        ones, and stops where it gets others (kernel net/l2tp/l2tp_core.c, l2tp_recv_common).
        """
        return super().is_followed(device, topology) and (device.peer is not None or not _counts(device))

    def wraps(self, device: Device, load: Load, far: Far | None, topology: Topology) -> Wrapping | None:
        """Return the packet of its tunnel's socket, which its namespace may cut (l2tp_core.c, l2tp_xmit_queue)."""
        tunnel = _tunnel_of(device, topology)
        local, remote = ends_of(topology, tunnel)
        if remote is None:
            return None
        session, six = number_of(device, "peer-session-id"), remote.version == 6
        own = (session, COOKIE.option.of(device), _has_layer2(device), _numbers(device))
        mark: tuple[object, ...] = ("l2tp", None, self.name, own)
        text = f"L2TP session {session}"
        if _is_udp(tunnel):
            near, port = _ports(tunnel)
            summed = not six or _CHECKSUM_TX.option.of(tunnel) is not False
            mark, text = ("udp", port, self.name, own, near, summed), f"{text}, UDP port {port}"
        size = _size(device, tunnel, remote.version)
        return Wrapping(remote, mark, text, size, local, whole=six, owned=True, cut=True)

    def unwraps(self, device: Device, wrapping: Wrapping, topology: Topology) -> int | None:
        """Return whether the session is the device's, and the packet comes to it (l2tp_core.c, l2tp_udp_recv_core).

        Where cookie or layer-2 specific header differ, what is left is no frame for anybody.
        """
        if wrapping.mark[2:3] != (self.name,):
            return None
        socket, own = wrapping.mark[1], wrapping.mark[3]
        assert isinstance(own, tuple)
        if not (_takes_ip(device, wrapping, topology) if socket is None else _hears(device, wrapping, topology)):
            return None
        session, cookie = number_of(device, "session-id"), PEER_COOKIE.option.of(device)
        fits = own[:3] == (session, cookie, _has_layer2(device))
        return 0 if fits and (own[3] or not _counts(device)) else None

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return what is left of the MTU of the device on the far end's link (l2tp_eth.c, l2tp_eth_adjust_mtu)."""
        tunnel = _tunnel_of(device, topology)
        below, remote = self.link_below(tunnel, topology), ends_of(topology, tunnel)[1]
        room = 1500 if below is None else mtu_of(below)
        return room - _size(device, tunnel, 4 if remote is None else remote.version)

    def overhead(self, device: Device, version: int) -> int:
        """Return the size of its headers, as far as the device says them itself."""
        return _size(device, device, version)

    def shown(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return nothing: `ip -d link` prints nothing of tunnel and session, which status.sh looks at themselves."""
        return ()

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the tunnel, unless another session has made it, the session, which makes the device, and the rest."""
        undo, made = Absorbed(object_name(device.netns)), object_name(device.key)
        tunnel = ("tunnel_id", str(number_of(device, "tunnel-id")))
        if _tunnel_of(device, making.topology) is device:
            argv = ("ip", "l2tp", "add", "tunnel", *_tunnel_words(device, making))
            observation = _observe_tunnel(device, making)
            yield Step(argv, undo, device.origin, device.netns, Stage.LINK, observation=observation)
        words = ["session_id", str(number_of(device, "session-id"))]
        words += ["peer_session_id", str(number_of(device, "peer-session-id"))]
        words += words_of(_OF_SESSION, device)
        argv = ("ip", "l2tp", "add", "session", "name", device.name, *tunnel, *words)
        show = ("ip", "l2tp", "show", "session", *tunnel, "session_id", str(number_of(device, "session-id")))
        peer = f"Peer session {number_of(device, 'peer-session-id')} tunnel {number_of(device, 'peer-tunnel-id')}"
        observation = Observation(
            f"session of {device.key.label}", show, (peer, f"interface name: {device.name}", *_shown(device))
        )
        yield Step(argv, undo, device.origin, device.netns, Stage.LINK, makes=made, observation=observation)
        words = ["group", str(making.mark.group)]
        for option, word in ((MAC, "address"), (MTU, "mtu")):
            if (given := option.of(device)) is not None:
                words += [word, str(given)]
        argv = ("ip", "link", "set", "dev", device.name, *words)
        yield Step(argv, Absorbed(made), device.origin, device.netns, Stage.LINK)
        yield from configuration(device, making, self)


def _tunnel_of(device: Device, topology: Topology) -> Device:
    """Return the first device of the tunnel, in the order of the text, which says what the tunnel is."""
    found = (one for one in topology.devices_in(device.netns) if one.kind == device.kind)
    return next(one for one in found if number_of(one, "tunnel-id") == number_of(device, "tunnel-id"))


def _size(device: Device, tunnel: Device, version: int) -> int:
    """Return the outer IP header, perhaps UDP and its flags, session, cookie, layer 2 (RFC 3931), Ethernet."""
    udp, specific = 12 if _is_udp(tunnel) else 0, 4 if _has_layer2(device) else 0
    return (20 if version == 4 else 40) + udp + 4 + len(COOKIE.option.of(device) or "") // 2 + specific + 14


def _is_udp(device: Device) -> bool:
    return ENCAP.option.of(device) != "ip"


def _hears(device: Device, wrapping: Wrapping, topology: Topology) -> bool:
    """Whether a UDP packet is for the socket of the device's tunnel, which has both addresses and both ports."""
    tunnel, (port, sender, summed) = _tunnel_of(device, topology), (wrapping.mark[1], *wrapping.mark[4:])
    if not _is_udp(tunnel) or ends_of(topology, tunnel) != (wrapping.target, wrapping.source):
        return False
    # kernel net/ipv6/udp.c, udp6_csum_init
    return (port, sender) == _ports(tunnel) and (summed is True or _CHECKSUM_RX.option.of(tunnel) is False)


def _takes_ip(device: Device, wrapping: Wrapping, topology: Topology) -> bool:
    """Whether the device's machine takes L2TP over IP: any session, whatever the addresses (net/l2tp/l2tp_ip.c)."""
    for other in topology.devices.values():
        if other.kind == device.kind and other.netns.machine == device.netns.machine:
            tunnel = _tunnel_of(other, topology)
            remote = ends_of(topology, tunnel)[1]
            if not _is_udp(tunnel) and remote is not None and remote.version == wrapping.target.version:
                return True
    return False


def _ports(tunnel: Device) -> tuple[int, int]:
    """Return the UDP ports of a tunnel, its own first."""
    return SPORT.option.of(tunnel) or _PORT, DPORT.option.of(tunnel) or _PORT


def _has_layer2(device: Device) -> bool:
    """Whether packets have the layer-2 specific header."""
    return _LAYER2.option.of(device) != "none"


def _numbers(device: Device) -> bool:
    """Whether it numbers packets, which only that header has room for."""
    return SEQ.option.of(device) in {"send", "both"} and _has_layer2(device)


def _counts(device: Device) -> bool:
    """Whether it drops what is not numbered."""
    return SEQ.option.of(device) in {"recv", "both"}


def _observe_tunnel(device: Device, making: Making) -> Observation:
    """Return how status.sh sees a tunnel (iproute2 ip/ipl2tp.c, print_tunnel)."""
    number, (local, remote) = str(number_of(device, "tunnel-id")), ends_of(making.topology, device)
    words = [f"Tunnel {number} encap {'UDP' if _is_udp(device) else 'IP'}", f"From {local} to {remote}"]
    words.append(f"Peer tunnel {number_of(device, 'peer-tunnel-id')}")
    if _is_udp(device):
        words.append("UDP source / dest ports: {}/{}".format(*_ports(device)))
    show = ("ip", "l2tp", "show", "tunnel", "tunnel_id", number)
    return Observation(f"tunnel {number} of {device.netns.label}", show, tuple(words))


def _shown(device: Device) -> Iterator[str]:
    """Yield what `ip l2tp show session` prints of a session's options (iproute2 ip/ipl2tp.c, print_session)."""
    for option, word in ((COOKIE, "cookie"), (PEER_COOKIE, "peer cookie")):
        if (given := option.option.of(device)) is not None:
            yield f"{word} {given}"
    if (seq := SEQ.option.of(device)) not in {None, "none"}:
        yield "sequence numbering:" + "".join(f" {way}" for way in ("send", "recv") if seq in {way, "both"})


def _tunnel_words(device: Device, making: Making) -> list[str]:
    ends = ends_of(making.topology, device)
    words = ["remote", str(ends[1]), "local", str(ends[0])]
    words += ["tunnel_id", str(number_of(device, "tunnel-id"))]
    words += ["peer_tunnel_id", str(number_of(device, "peer-tunnel-id"))]
    if not _is_udp(device):
        return [*words, "encap", "ip"]
    own, far = _ports(device)
    return [*words, "encap", "udp", "udp_sport", str(own), "udp_dport", str(far), *words_of(_CHECKSUMS, device)]


KIND = L2tp()
