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
from collections.abc import Iterator
from typing import Any

from netc.kinds.attributes import Attribute, mirrored, numeric, of_link, on_off, one_of, value, words_of
from netc.kinds.base import Making, configuration, object_name
from netc.kinds.common import COMMON, MAC, MTU
from netc.kinds.link import QUEUES
from netc.kinds.overlay import LOCAL, REMOTE, Overlay, ends_of, number_of
from netc.plan.step import Absorbed, Observation, Stage, Step
from netc.syntax.tree import Word
from netc.topology.model import Device
from netc.topology.values import bad_value


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
_OF_SESSION = (
    COOKIE,
    PEER_COOKIE,
    SEQ,
    *of_link(one_of("l2spec-type", ("none", "default"), "The layer-2 specific header.", "default", "l2spec_type")),
)
_MIRRORS = {"tunnel-id": "peer-tunnel-id", "session-id": "peer-session-id"}


class L2tp(Overlay):
    """The kind `l2tp`."""

    name = "l2tp"
    outer_versions = (4, 6)
    in_lab_only = True
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

    def overhead(self, device: Device, version: int) -> int:
        """Return the outer IP header, perhaps UDP and its flags, session, cookie, layer 2 (RFC 3931), Ethernet."""
        said = {name: setting.value for name, setting in device.settings.items()}
        udp = 0 if said.get("encap") == "ip" else 12
        specific = 0 if said.get("l2spec-type") == "none" else 4
        return (20 if version == 4 else 40) + udp + 4 + len(said.get("cookie", "")) // 2 + specific + 14

    def shown(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return nothing: `ip -d link` prints nothing of tunnel and session, which status.sh looks at themselves."""
        return ()

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the tunnel, unless another session has made it, the session, which makes the device, and the rest."""
        undo, made = Absorbed(object_name(device.netns)), object_name(device.key)
        tunnel = ("tunnel_id", str(number_of(device, "tunnel-id")))
        if _first_of(device, making) is device:
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


def _first_of(device: Device, making: Making) -> Device:
    """Return the first device of the tunnel, in the order of the text."""
    found = (one for one in making.topology.devices_in(device.netns) if one.kind == device.kind)
    return next(one for one in found if number_of(one, "tunnel-id") == number_of(device, "tunnel-id"))


def _observe_tunnel(device: Device, making: Making) -> Observation:
    """Return how status.sh sees a tunnel (iproute2 ip/ipl2tp.c, print_tunnel)."""
    number, (local, remote) = str(number_of(device, "tunnel-id")), ends_of(making.topology, device)
    encap = ENCAP.option.of(device) or "udp"
    words = [f"Tunnel {number} encap {encap.upper()}", f"From {local} to {remote}"]
    words.append(f"Peer tunnel {number_of(device, 'peer-tunnel-id')}")
    if encap == "udp":
        words.append(f"UDP source / dest ports: {SPORT.option.of(device) or 1701}/{DPORT.option.of(device) or 1701}")
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
    if ENCAP.option.of(device) == "ip":
        return [*words, "encap", "ip"]
    words += ["encap", "udp", "udp_sport", str(SPORT.option.of(device) or 1701)]
    return [*words, "udp_dport", str(DPORT.option.of(device) or 1701), *words_of(_CHECKSUMS, device)]


KIND = L2tp()
