"""The ends of a link: which namespace, which device, which bridge a word such as `sw:br0:port` means."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from netc.bind.cursor import shape
from netc.bind.draft import Draft, Place, unknown
from netc.diagnostics import Label, did_you_mean, error
from netc.syntax.tree import Word
from netc.topology.values import BindError

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, NetnsKey

IFNAMSIZ = 16  # linux/if.h; a name has one byte less


@dataclass(frozen=True, slots=True)
class EndName:
    """What an end's word means: `device` is None where the name is to be derived."""

    word: Word
    netns: NetnsKey
    device: str | None
    master: DeviceKey | None = None


def resolve_end(draft: Draft, place: Place, word: Word, *, right: bool) -> EndName:
    """Return what the word of an end means; raises BindError where it means nothing, or two things."""
    parts = word.text.split(":")
    if not all(parts) or len(parts) > 3:
        raise shape(
            word.span,
            f"`{word.text}` is no end of a link",
            "write NETNS:DEVICE, BRIDGE, BRIDGE:PORT or NETNS:BRIDGE:PORT",
        )
    if len(parts) == 1:
        return _bare(draft, place, word, right=right)
    netns = draft.find_netns_named(parts[0], word.span, place.netns.machine)
    if len(parts) == 3:
        return _port_of(draft, place, word, parts, netns)
    master = draft.find_master(place.netns, parts[0])
    if netns is not None and master is not None:
        raise _ambiguous(draft, word, parts[0], netns, master.key)
    if netns is not None:
        bridge = draft.find_device(netns, parts[1])
        if bridge is not None and bridge.kind.can_have_ports:
            return EndName(word, netns, None, bridge.key)
        return EndName(word, netns, parts[1])
    if master is not None:
        return EndName(word, master.key.netns, parts[1], master.key)
    known = [*draft.netns_names(place.netns.machine), *draft.master_names(place.netns)]
    raise unknown(word.span, f"there is neither a namespace nor a bridge `{parts[0]}`", did_you_mean(parts[0], known))


def _port_of(draft: Draft, place: Place, word: Word, parts: list[str], netns: NetnsKey | None) -> EndName:
    if netns is None:
        raise unknown(
            word.span,
            f"there is no namespace `{parts[0]}`",
            did_you_mean(parts[0], draft.netns_names(place.netns.machine)),
        )
    bridge = draft.find_device(netns, parts[1])
    if bridge is None or not bridge.kind.can_have_ports:
        raise unknown(
            word.span,
            f"{netns.label} has no bridge `{parts[1]}`",
            did_you_mean(parts[1], draft.master_names(netns)),
        )
    return EndName(word, netns, parts[2], bridge.key)


def _bare(draft: Draft, place: Place, word: Word, *, right: bool) -> EndName:
    netns = draft.find_netns_named(word.text, word.span, place.netns.machine)
    master = draft.find_master(place.netns, word.text)
    if netns is not None and master is not None:
        raise _ambiguous(draft, word, word.text, netns, master.key)
    if master is not None:
        return EndName(word, master.key.netns, None, master.key)
    if netns is not None and (right or place.netns.is_root):
        return EndName(word, netns, None)
    if netns is not None:
        message = f"`{word.text}` could be the namespace, or a new device of {place.netns.label}"
        help = f"write `{word.text}:DEVICE` for the namespace, or `{place.netns.label}:{word.text}` for the device"
        raise BindError(
            error(
                "N008",
                word.span,
                message,
                help=help,
                labels=[Label(draft.netnses[netns].span, "the namespace")],
            )
        )
    if right:
        known = [*draft.master_names(place.netns), *draft.netns_names(place.netns.machine)]
        help = did_you_mean(word.text, known) or f"declare `bridge {word.text}`, or write NETNS:{word.text}"
        raise unknown(word.span, f"there is no bridge `{word.text}`", help)
    return EndName(word, place.netns, word.text)


def _ambiguous(draft: Draft, word: Word, name: str, netns: NetnsKey, master: DeviceKey) -> BindError:
    labels = [
        Label(draft.netnses[netns].span, "the namespace"),
        Label(draft.devices[master].span, "the bridge"),
    ]
    help = "give one of the two another name"
    return BindError(error("N008", word.span, f"`{name}` is both a namespace and a bridge", labels=labels, help=help))


def derived_name(draft: Draft, end: EndName, far: EndName) -> str:
    """Return a name for an end that says none: after what it leads to, short enough, and free.

    A port of a bridge is named after the device behind it (`ns1-eth0`), any other end after where it leads (`to-r2`).
    """
    there = draft.said_name(far.netns)
    if end.master is not None:
        base = there if far.device is None else f"{there}-{far.device}"
    else:
        base = f"to-{far.master.name.removeprefix(draft.lab.prefix) if far.master is not None else there}"
    most = IFNAMSIZ - 1 - (len(draft.lab.prefix.encode()) if end.netns.is_root else 0)
    return draft.free_name(end.netns, base, lambda name: shortened(name, most))


def shortened(name: str, most: int) -> str:
    """Return a name of at most `most` bytes: a longer one is cut, with four digits of its hash at the end."""
    if len(name.encode()) <= most:
        return name
    tail = "-" + sha256(name.encode()).hexdigest()[:4]
    return name.encode()[: max(most - len(tail), 1)].decode(errors="ignore") + tail
