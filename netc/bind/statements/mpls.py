"""A label route: what becomes of a packet that comes in with this MPLS label on top.

    mpls 100 as 200 via 10.0.2.2
    mpls 101 as 300/200 via 10.0.2.2 dev core
    mpls 102 via 10.0.1.1
    mpls 103 dev lo
    mpls 104 nexthop as 200 via 10.0.2.2 nexthop as 201 via 10.0.3.2

| word | meaning |
|---|---|
| `as LABELS` | the labels that take its place, the outermost first; left out, the label is only taken off |
| `via ADDRESS` | the next hop, IPv4 or IPv6 |
| `dev DEVICE` | the device that packets leave by; `dev lo`: this namespace looks at what is below the label |
| `nexthop` | several next hops, each with its own `as`, `via`, `dev`; each flow takes one, all alike |
| `ttl-propagate enabled`, `disabled` | whether the TTL goes on below the last label; before any `nexthop` |

Labels from 16 on can have a route; those below have meanings of their own (RFC 3032). `route PREFIX encap mpls LABELS`
is what puts packets below labels in the first place, and `ip -f mpls route` shows label routes.

With the first label route of a namespace, up.sh loads the module mpls_router, and sets net.mpls.platform_labels to as
many as the routes need, and net.mpls.conf.DEVICE.input to 1 at the devices that the lab has there; where a `sysctl` of
the lab sets one of these, that holds. What is below the last label is an ordinary packet: `forward` is for that.

Source: ip-route(8), kernel Documentation/networking/mpls-sysctl.rst.
"""

from __future__ import annotations

from typing import Any

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.parts.mpls import MODULE, LabelHop, LabelRoute
from netc.syntax.tree import Statement, Word
from netc.topology.model import Module
from netc.topology.values import address, bad_value, choice, number

FORM = "mpls LABEL [ttl-propagate enabled|disabled] [nexthop] [as LABELS] [via ADDRESS] [dev DEVICE] [nexthop ...]"
_WORDS = ("as", "via", "dev")
_TTL = "ttl-propagate"
_ROUTED = number(16, 2**20 - 1, "a label that can have a route")
_PUSHED = number(0, 2**20 - 1, "a label")
_IMPLICIT_NULL = 3  # RFC 3032: "take it off", never to be seen in a packet


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    cursor.refuse_verb()
    first = cursor.word("the label")
    label = _ROUTED(first)
    ttl = None
    if cursor.accept(_TTL) is not None:
        ttl = choice("enabled", "disabled")(cursor.word(f"the value of `{_TTL}`")) == "enabled"
    several = cursor.accept("nexthop") is not None
    hops = [_hop(cursor, place, draft, statement)]
    while several and cursor.accept("nexthop") is not None:
        hops.append(_hop(cursor, place, draft, statement))
    cursor.end()
    message = f"the label {label} has a route in {place.netns.label} already"
    key = (LabelRoute, place.netns, label)
    draft.say_once(key, first.span, message, label="the first", help="keep one of the two")
    origin = place.origin(statement)
    draft.parts.append(LabelRoute(place.netns, origin, label, tuple(hops), ttl))
    draft.modules.append(Module(place.netns.machine, MODULE, first.span, origin))


def _hop(cursor: Cursor, place: Place, draft: Draft, statement: Statement) -> LabelHop:
    """Read one next hop, up to the word `nexthop`."""
    said: dict[str, Any] = {"out": (), "gateway": None, "gateway_span": None, "device": None}
    seen: set[str] = set()
    while (word := cursor.peek_word()) is not None and not (word.text == "nexthop" and seen):
        cursor.word("a word")
        if word.text not in _WORDS:
            raise cursor.unknown(word, _WORDS)
        cursor.once(word, again=word.text in seen)
        seen.add(word.text)
        value = cursor.word(f"the value of `{word.text}`")
        if word.text == "as":
            said["out"] = _labels(value)
        elif word.text == "via":
            said |= {"gateway": address(value), "gateway_span": value.span}
        else:
            said["device"] = draft.device(place.netns, value).key
    if not seen & {"via", "dev"}:
        raise shape(statement.span, "a label route needs a next hop or a device", "write `via ADDRESS` or `dev DEVICE`")
    return LabelHop(**said)


def _labels(word: Word) -> tuple[int, ...]:
    found = []
    for part in word.text.split("/"):
        label = _PUSHED(Word(part, word.span))
        if label == _IMPLICIT_NULL:
            raise bad_value(word.span, "the label 3 is never in a packet: it means that the label is to be taken off")
        found.append(label)
    return tuple(found)


STATEMENT = StatementKind("mpls", FORM, _bind)
