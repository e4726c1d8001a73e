"""The words of one next hop of a route: where packets go, and what they are put into on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from netc.bind.cursor import shape
from netc.topology.values import address, bad_value, choice, duration, looks_like_address, number, spelled, switch

if TYPE_CHECKING:
    from netc.bind.cursor import Cursor
    from netc.bind.draft import Draft, Place
    from netc.syntax.tree import Word

HOP_WORDS = ("via", "dev", "onlink", "weight", "encap")
#: What the kernel keeps with a route for TCP and others, but for the MTU.
METRICS = (
    *("advmss", "initcwnd", "initrwnd", "window", "ssthresh", "reordering", "rtt", "rttvar", "rto_min"),
    *("hoplimit", "quickack", "congctl", "features", "fastopen_no_cookie", "pref"),
)
_LABEL = number(0, 2**20 - 1, "a label")
#: Actions of ip-route(8) and the words that each takes.
_ACTIONS: dict[str, tuple[str, ...]] = {
    "End": (),
    "End.X": ("nh6",),
    "End.T": ("table",),
    "End.DX2": ("oif",),
    "End.DX4": ("nh4",),
    "End.DX6": ("nh6",),
    "End.DT4": ("vrftable",),
    "End.DT6": ("table", "vrftable"),
    "End.DT46": ("vrftable",),
}
_OUTER = ("id", "dst", "src", "tos", "ttl", "hoplimit", "tc")


def read_hop_word(word: Word, cursor: Cursor, place: Place, draft: Draft) -> dict[str, Any]:
    """Return what one of the `HOP_WORDS` says, with its value taken from the cursor; raises BindError."""
    if word.text == "onlink":
        return {"onlink": True}
    value = cursor.word(f"the value of `{word.text}`")
    match word.text:
        case "via":
            return _gateway(value, cursor)
        case "dev":
            return {"device": draft.device(place.netns, value).key, "device_said": True}
        case "weight":
            return {"weight": number(1, 256, "a weight")(value)}
        case _:
            return {"encap": _encap(value, cursor, place, draft)}


def _gateway(value: Word, cursor: Cursor) -> dict[str, Any]:
    """Read `via [inet|inet6] ADDRESS`."""
    if value.text not in {"inet", "inet6"}:
        return {"gateway": address(value), "gateway_span": value.span}
    word = cursor.word("the gateway")
    gateway = address(word)
    if gateway.version != (4 if value.text == "inet" else 6):
        raise bad_value(word.span, f"{gateway} is no {value.text} address", f"leave out `{value.text}`")
    return {"gateway": gateway, "gateway_span": word.span, "mapped": gateway.version == 6}


def read_metric(name: str, value: Word) -> str:
    """Parse the value of one of the words that the kernel keeps with a route."""
    match name:
        case "quickack" | "fastopen_no_cookie":
            return str(int(switch(value)))
        case "features":
            return choice("ecn")(value)
        case "rtt" | "rttvar" | "rto_min":
            return _milliseconds(value)
        case "congctl":
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,14}", value.text):
                raise bad_value(value.span, f"`{value.text}` is no congestion control", "write cubic, reno or bbr")
            return value.text
        case "pref":
            return choice("low", "medium", "high")(value)
        case "hoplimit":
            return str(number(1, 255, "a TTL")(value))
        case _:
            return str(number(1, 2**31 - 1)(value))


def _milliseconds(word: Word) -> str:
    """Parse a time; the kernel keeps whole milliseconds."""
    found = duration(word)
    if found < 1000 or found % 1000:
        raise bad_value(word.span, f"{word.text} is no whole number of milliseconds", "write 50ms, or 1.5s")
    return f"{found // 1000}ms"


def _encap(kind: Word, cursor: Cursor, place: Place, draft: Draft) -> tuple[str, ...]:
    match kind.text:
        case "mpls":
            return "mpls", _labels(cursor.word("the labels"))
        case "seg6":
            return _segments(kind, cursor)
        case "seg6local":
            return _local_segment(kind, cursor, place, draft)
        case "ip" | "ip6":
            return _outer(kind, cursor)
        case _:
            known = "`mpls`, `seg6`, `seg6local`, `ip` or `ip6`"
            raise bad_value(kind.span, f"`{kind.text}` is no encapsulation", f"write {known}")


def _labels(word: Word) -> str:
    for part in word.text.split("/"):
        _LABEL(type(word)(part, word.span))
    return word.text


def _segments(kind: Word, cursor: Cursor) -> tuple[str, ...]:
    """Read `mode MODE segs ADDRESS...`; the addresses end where a word is none."""
    if cursor.accept("mode") is None:
        raise shape(kind.span, "`mode` is missing", "write `encap seg6 mode encap segs ADDRESS...`")
    mode = choice("encap", "inline", "l2encap", "encap.red", "l2encap.red")(cursor.word("the mode"))
    if cursor.accept("segs") is None:
        raise shape(kind.span, "`segs` is missing", "write `encap seg6 mode encap segs ADDRESS...`")
    segments = [_segment(cursor.word("a segment"))]
    while (word := cursor.peek_word()) is not None and looks_like_address(word):
        segments.append(_segment(cursor.word("a segment")))
    return "seg6", "mode", mode, "segs", ",".join(segments)


def _segment(word: Word) -> str:
    found = address(word)
    if found.version != 6:
        raise bad_value(word.span, f"{found} is no IPv6 address", "segments are IPv6 addresses")
    return spelled(found)


def _local_segment(kind: Word, cursor: Cursor, place: Place, draft: Draft) -> tuple[str, ...]:
    """Read `action ACTION [WORD VALUE]`."""
    if cursor.accept("action") is None:
        raise shape(kind.span, "`action` is missing", "write `encap seg6local action End`")
    action = cursor.word("the action")
    if action.text not in _ACTIONS:
        raise bad_value(action.span, f"`{action.text}` is no action", f"there is {', '.join(_ACTIONS)}")
    known = _ACTIONS[action.text]
    words = ["seg6local", "action", action.text]
    if known:
        name = cursor.word(" or ".join(f"`{word}`" for word in known))
        if name.text not in known:
            raise cursor.unknown(name, known)
        value = cursor.word(f"the value of `{name.text}`")
        match name.text:
            case "oif":
                words += ["oif", draft.device(place.netns, value).key.name]
            case "nh4" | "nh6":
                words += [name.text, spelled(address(value))]
            case _:
                words += [name.text, str(number(1, 2**32 - 1, "a routing table")(value))]
    return tuple(words)


def _outer(kind: Word, cursor: Cursor) -> tuple[str, ...]:
    """Read the values of the outer header, up to a word that is none of them."""
    words = [kind.text]
    while (word := cursor.peek_word()) is not None and word.text in _OUTER:
        cursor.word("a word")
        value = cursor.word(f"the value of `{word.text}`")
        is_address = word.text in {"dst", "src"}
        words += [word.text, spelled(address(value)) if is_address else str(number(0, 2**32 - 1)(value))]
    if "dst" not in words:
        raise shape(kind.span, "the outer destination is missing", f"write `encap {kind.text} id N dst ADDRESS`")
    return tuple(words)
