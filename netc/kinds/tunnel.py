"""What the tunnels of ip-link(8) have in common: two outer addresses, and perhaps keys."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import ClassVar

from netc.kinds.attributes import Attribute, flag, mirrored, number_or, numeric, of_each, of_link, one_of, shown, value
from netc.kinds.overlay import LOCAL, REMOTE, Overlay
from netc.topology.model import Device


def _key(name: str, doc: str, *seen: str) -> Attribute:
    """Make an attribute for a key, which iproute2 prints like an IPv4 address (ip/tunnel.c, tnl_print_gre_flags)."""
    return shown(
        numeric(name, 0, 2**32 - 1, doc, "none"), lambda given: tuple(f"{word} {IPv4Address(given)}" for word in seen)
    )


def _hex(attribute: Attribute, word: str, digits: int = 0) -> Attribute:
    """Return an attribute whose number iproute2 prints in hexadecimal, and a zero mostly not at all."""

    def phrases(given: object) -> tuple[str, ...]:
        text = str(given)
        if not text.isdigit():
            return (f"{word} {text}",)
        return (f"{word} {int(text):#0{digits + 2}x}",) if int(text) else ()

    return shown(attribute, phrases)


def session(doc: str) -> Attribute:
    """Make an attribute for a key of ERSPAN: ten bits of it are carried."""
    key = numeric("key", 0, 1023, doc, "none")
    return shown(key, lambda given: (f"ikey {IPv4Address(given)}", f"okey {IPv4Address(given)}"))


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
        _key("key", "The key of both directions, which tells tunnels of the same ends apart.", "ikey", "okey"),
    ),
    mirrored(_key("ikey", "The key of packets that come in: the other end's `okey`.", "ikey"), "okey"),
    _key("okey", "The key of packets that go out: the other end's `ikey`.", "okey"),
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


class Tunnel(Overlay):
    """A kind of tunnel; a parent is the device that the outer packets are bound to."""

    takes_parent = True
    parent_word = "dev"
    header: ClassVar[int] = 0  # bytes between the outer IP header and what is carried
    ethernet: ClassVar[int] = 0  # of an inner Ethernet header

    def overhead(self, device: Device, version: int) -> int:
        """Return the bytes of the outer IP header (RFC 791, 8200, 2473), the tunnel's own and an inner Ethernet's."""
        said = {name for name, setting in device.settings.items() if setting.value is not False}
        fields = sum(4 for name in ("key", "seq", "csum") if said & {name, f"o{name}"}) if self.header else 0
        limit = device.settings.get("encaplimit")
        option = 0 if version == 4 or (limit is not None and limit.value == "none") else 8
        udp = {"fou": 8, "gue": 12}.get(device.settings["encap"].value, 0) if "encap" in device.settings else 0
        return (20 if version == 4 else 40) + option + udp + self.header + fields + self.ethernet


class Tunnel4(Tunnel):
    """A tunnel over IPv4. Without a remote end the probe would be the fallback device that every namespace has."""

    probe: ClassVar[tuple[str, ...] | None] = ("remote", "192.0.2.1")


class Tunnel6(Tunnel):
    """A tunnel over IPv6."""

    probe: ClassVar[tuple[str, ...] | None] = ("remote", "2001:db8::1")
    outer_versions = (6,)
