"""Reads which packets a rule takes: the words that `filter`, `nat` and `masquerade` share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from netc.bind.cursor import Cursor, shape
from netc.diagnostics import did_you_mean, error
from netc.parts.match import ICMP_TYPES, STATES, WITH_PORTS, Match, OneOf, Ports
from netc.topology.values import BindError, bad_value, choice, looks_like_address, prefix

if TYPE_CHECKING:
    from netc.bind.draft import Draft, Place
    from netc.syntax.tree import Word
    from netc.topology.model import IPNetwork

T = TypeVar("T")

MATCHES = "[saddr PREFIX] [daddr PREFIX] [tcp PORT] [in DEVICE] [out DEVICE] [established]"
_BARE = ("esp", "ah", "gre")
_WORDS = (
    *("saddr", "daddr", "in", "out", "sport", "mark", "ipv4", "ipv6"),
    *WITH_PORTS,
    *ICMP_TYPES,
    *_BARE,
    *STATES,
)
#: Words of nft(8), iptables(8) and `rule` that mean one of these.
_MEANT = {
    "from": "saddr",
    "to": "daddr",
    "src": "saddr",
    "dst": "daddr",
    "iif": "in",
    "iifname": "in",
    "oif": "out",
    "oifname": "out",
    "related": "established",
    "fwmark": "mark",
}
_PORTS = re.compile(r"[0-9]+(-[0-9]+)?")


class MatchReader:
    """Takes the words of a match one after another; `match` is what they say together."""

    def __init__(self, cursor: Cursor, place: Place, draft: Draft, *, more: Sequence[str] = (), no: str = "") -> None:
        """`more` are words that the statement takes itself; `no` is `in` or `out` where the chain cannot know it."""
        self._cursor, self._place, self._draft, self._more, self._no = cursor, place, draft, more, no
        self._said: dict[str, Any] = {}
        self._families: dict[int, Word] = {}
        self._protocol: Word | None = None

    def read(self) -> Match:
        """Take words up to one of `more`, or to the end, and return the match."""
        while (word := self._cursor.peek_word()) is not None and word.text not in self._more:
            self._cursor.word("a word")
            self._take(word)
        return self.match()

    def match(self) -> Match:
        """Return what has been read."""
        return Match(family=next(iter(self._families), None), **self._said)

    def sources(self) -> None:
        """Take the prefixes that stand here without a word before them, as sources."""
        self._say(self._cursor.peek_word(), "source", self._prefixes("the source's prefix"))

    def _take(self, word: Word) -> None:
        name = word.text
        match name:
            case "saddr":
                self._say(word, "source", self._prefixes("the source's prefix"))
            case "daddr":
                self._say(word, "destination", self._prefixes("the destination's prefix"))
            case "in" | "out":
                self._device(word)
            case "ipv4" | "ipv6":
                self._family(int(name[3]), word)
            case "mark":
                self._say(word, "mark", _mark(self._cursor.word("the mark")))
            case "sport":
                self._need_ports(word)
                self._say(word, "source_ports", self._ports("a source port"))
            case _ if name in STATES:
                self._say(word, "states", STATES[name])
            case _ if name in {*WITH_PORTS, *ICMP_TYPES, *_BARE}:
                self._take_protocol(word)
            case _:
                raise self._unknown(word)

    def _take_protocol(self, word: Word) -> None:
        name = word.text
        self._protocol = word
        self._say(word, "protocol", name)
        if name in WITH_PORTS and (self._cursor.peek_word() is not None) and self._at(_PORTS.fullmatch):
            self._said["ports"] = self._ports("a destination port")
        elif name in ICMP_TYPES:
            self._family(4 if name == "icmp" else 6, word)
            following = self._cursor.peek_word()
            if following is not None and following.text not in {*_WORDS, *self._more}:
                self._said["icmp_type"] = choice(*ICMP_TYPES[name])(self._cursor.word("the type"))

    def _device(self, word: Word) -> None:
        if word.text == self._no:
            where = "come in by" if word.text == "in" else "leave by"
            message = f"this rule is asked where it is not known which device packets {where}"
            raise shape(word.span, message, f"leave out `{word.text}`, or match addresses")
        negated = self._cursor.accept("not") is not None
        found = self._draft.device(self._place.netns, self._cursor.word("the device"))
        self._say(word, f"{word.text}_device", OneOf((found.key,), negated))

    def _prefixes(self, what: str) -> OneOf[IPNetwork]:
        negated = self._cursor.accept("not") is not None
        found = [self._prefix(self._cursor.word(what), [])]
        while self._at(looks_like_address, whole=True):
            found.append(self._prefix(self._cursor.word(what), found))
        return OneOf(tuple(found), negated)

    def _prefix(self, word: Word, earlier: list[IPNetwork]) -> IPNetwork:
        found = prefix(word)
        self._family(found.version, word)
        for other in earlier:
            if other.version == found.version and other.overlaps(found):
                raise bad_value(
                    word.span,
                    f"{found} and {other} overlap",
                    "leave out the one that the other holds",
                    "nft refuses the set: conflicting intervals specified",
                )
        return found

    def _ports(self, what: str) -> tuple[Ports, ...]:
        found: list[Ports] = []
        while not found or self._at(_PORTS.fullmatch):
            word = self._cursor.word(what)
            ports = port_range(word)
            if any(ports.first <= other.last and other.first <= ports.last for other in found):
                raise bad_value(word.span, f"{ports} overlaps a port before it", "say every port once")
            found.append(ports)
        return tuple(found)

    def _need_ports(self, word: Word) -> None:
        if self._protocol is None or self._protocol.text not in WITH_PORTS:
            raise shape(
                word.span, "a port belongs to a protocol", f"write `tcp sport N`, or `udp`, before `{word.text}`"
            )

    def _at(self, fits: Callable[[Any], object], *, whole: bool = False) -> bool:
        word = self._cursor.peek_word()
        return word is not None and bool(fits(word if whole else word.text))

    def _family(self, version: int, word: Word) -> None:
        earlier = next(iter(self._families.items()), None)
        if earlier is not None and earlier[0] != version:
            message = f"`{word.text}` is of IPv{version}, and `{earlier[1].text}` of IPv{earlier[0]}"
            raise bad_value(
                word.span, message, "write a rule for each family", "no packet is of both: it never matches"
            )
        self._families.setdefault(version, word)

    def _say(self, word: Word | None, name: str, value: object) -> None:
        if name in self._said and word is not None:
            raise BindError(error("N007", word.span, f"`{word.text}` cannot be said twice", help="keep one of the two"))
        self._said[name] = value

    def _unknown(self, word: Word) -> BindError:
        if word.text in _MEANT:
            return shape(word.span, f"`{word.text}` cannot stand here", f"write `{_MEANT[word.text]}`")
        if word.text in {"dport", "port"}:
            return shape(word.span, f"`{word.text}` cannot stand here", "write the port after its protocol: `tcp 80`")
        known = (*_WORDS, *self._more)
        help = did_you_mean(word.text, known) or "a rule knows " + ", ".join(f"`{name}`" for name in known)
        return shape(word.span, f"`{word.text}` cannot stand here", help)


def port_range(word: Word) -> Ports:
    """Parse `80` or `8000-8100`."""
    if not _PORTS.fullmatch(word.text):
        raise bad_value(word.span, f"`{word.text}` is no port", "write a number from 1 to 65535, or two: 8000-8100")
    first, _, last = word.text.partition("-")
    low, high = int(first[:9]), int((last or first)[:9])
    if not 1 <= low <= high <= 65535:
        help = "the first is not larger than the last; both go from 1 to 65535"
        raise bad_value(word.span, f"`{word.text}` is no port, or no range of ports", help)
    return Ports(low, high)


def _mark(word: Word) -> tuple[int, int]:
    value, slash, mask = word.text.partition("/")
    try:
        found = int(value, 0), int(mask, 0) if slash else 2**32 - 1
    except ValueError:
        raise bad_value(word.span, f"`{word.text}` is no mark", "write 0x4000, or 0x4000/0x4000 with a mask") from None
    if not (0 <= found[0] < 2**32 and 0 < found[1] < 2**32 and found[0] & ~found[1] == 0):
        help = "value and mask have 32 bits, and the mask holds every bit of the value"
        raise bad_value(word.span, f"`{word.text}` is no mark", help)
    return found
