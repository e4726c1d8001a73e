"""A GRE tunnel over IPv4 that carries mirrored Ethernet frames, with the header of ERSPAN: to a far analyser.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    erspan a:span0 -- b:span0 { key 100; erspan 7 }
    in a { mirror eth1 to span0 }
    veth a:eth1 10.1.0.1/24 -- b:eth1 10.1.0.2/24

`key` is the session's identifier, which both ends have. What is sent by one end comes in by the other as it was.

Source: ip-link(8) "ERSPAN/IP6ERSPAN Type Support", draft-foschiano-erspan-03, kernel net/ipv4/ip_gre.c.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from netc.kinds.attributes import Attribute, numeric, of_link, one_of, shown
from netc.kinds.overlay import beside_external, is_external
from netc.kinds.tunnel import IGNORE_DF, OUTER4, Tunnel, Tunnel4, key
from netc.topology.model import Device, Setting

if TYPE_CHECKING:
    from netc.kinds.base import Making

VERSION = numeric(
    "erspan-ver",
    0,
    2,
    "The header: 0 none (type I), 1 with an index (type II), 2 with a direction (type III).",
    "1",
    "erspan_ver",
)
#: Of tunnels over IPv6, which know no type I (kernel net/ipv6/ip6_gre.c, ip6erspan_tap_validate).
VERSION6 = numeric(
    "erspan-ver", 1, 2, "The header: 1 with an index (type II), 2 with a direction (type III).", "1", "erspan_ver"
)
ERSPAN: tuple[Attribute, ...] = of_link(
    key(
        "key",
        "The session: what tells tunnels of the same ends apart. Needed but with `erspan-ver 0`.",
        "ikey",
        "okey",
        most=1023,  # ten bits of it are carried
    ),
    shown(
        numeric("erspan", 1, 2**20 - 1, "With `erspan-ver 1`: the index of the port that is mirrored.", "0"),
        lambda given: (f"erspan_index {given}",),
    ),
    one_of(
        "erspan-dir",
        ("ingress", "egress"),
        "With `erspan-ver 2`: which way the mirrored frames went.",
        "ingress",
        "erspan_dir",
    ),
    shown(
        numeric("erspan-hwid", 0, 63, "With `erspan-ver 2`: the engine that mirrors.", "0", "erspan_hwid"),
        lambda given: (f"erspan_hwid {given:#x}",) if given else ("erspan_hwid 0",),
    ),
)
_OF_VERSION = {"erspan": 1, "erspan-dir": 2, "erspan-hwid": 2}


class Mirrored(Tunnel):
    """A tunnel with ERSPAN's header."""

    modelled = True
    carries_frames = True
    header = 4
    ethernet = 14
    required = ("key",)

    def missing(self, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """Return what is missing; type I has no session."""
        return () if is_external(settings) or _version(settings) == 0 else super().missing(settings)

    def clashing(self, settings: Mapping[str, Setting]) -> Iterator[tuple[str, str, str]]:
        """Yield what each packet brings, and what another type of header has no room for: it would not be kept."""
        if is_external(settings):
            yield from beside_external(settings, "local", "remote", "key", *_OF_VERSION)
            return
        version = _version(settings)
        for name, needed in _OF_VERSION.items():
            if name in settings and version != needed:
                yield name, f"`{name}` is not in a header of `erspan-ver {version}`", f"write `erspan-ver {needed}`"

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the type and its words. Types II and III are numbered (kernel net/ipv4/ip_gre.c, erspan_validate)."""
        unnumbered = is_external(device.settings) or _version(device.settings) == 0
        return (*super().type_words(device, making), *(() if unnumbered else ("seq",)))

    def own_header(self, device: Device) -> int:
        """Return the bytes of GRE's header and ERSPAN's, 4; 8 and 8; 8 and 12 (net/ipv4/ip_gre.c)."""
        return (4, 16, 20)[_version(device.settings)]


def _version(settings: Mapping[str, Setting]) -> int:
    setting = settings.get(VERSION.option.name)
    return 1 if setting is None else int(setting.value)


class Erspan(Mirrored, Tunnel4):
    """The kind `erspan`."""

    name = "erspan"
    probe = ("remote", "192.0.2.1", "key", "1", "seq")
    attributes = (*OUTER4, *of_link(VERSION), *ERSPAN, *IGNORE_DF)

    def mark(self, device: Device, version: int) -> tuple[tuple[object, ...], str]:
        """Return what the far end knows the packets by: the session, and whether they are numbered (erspan_xmit)."""
        numbered = _version(device.settings) != 0
        session = self.key_of(device, "o") if numbered else None
        return ("gre", "erspan", session, numbered), "ERSPAN" if session is None else f"ERSPAN, session {session}"

    def knows(self, device: Device, mark: tuple[object, ...]) -> bool:
        """Whether the session is the device's (erspan_rcv); types II and III are one another's."""
        wants = _version(device.settings) != 0
        return mark[:3] == ("gre", "erspan", self.key_of(device, "i")) and (mark[3] is True or not wants)


KIND = Erspan()
