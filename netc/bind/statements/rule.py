"""A policy rule of a namespace, in iproute2's own words: which packets look into which routing table.

    rule pref 100 from 10.0.0.0/24 lookup 100
    rule pref 200 ipv4 iif eth0 lookup 200
    rule pref 300 to 10.9.0.0/16 blackhole

`pref` is required: a rule without one takes the next number, and added twice it stands there twice. A rule that names
no address says `ipv4`, `ipv6` or both. Selectors: `not`, `from`, `to`, `iif`, `oif`, `fwmark`, `tos`, `ipproto`,
`sport`, `dport`; actions: `lookup TABLE`, `goto PREF`, `blackhole`, `unreachable`, `prohibit`. A mark is written
`fwmark 0x10` or `fwmark 0x10/0xff`, a type of service `tos 0x10` or `tos 16`. `rule pref 1000 ipv4 l3mdev` looks into
the table of a packet's VRF; it needs no `lookup`, and the kernel makes it by itself with the first VRF.

Source: ip-rule(8).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.bind.tables import read_table
from netc.syntax.tree import Statement, Word
from netc.topology.model import Rule
from netc.topology.values import bad_value, choice, interface, mask, number, spelled

_MOST_TOS4 = 0x1C  # kernel net/ipv4/fib_rules.c, fib4_rule_configure: IPTOS_TOS_MASK, without ECN's bits
FORM = "rule pref N [ipv4] [ipv6] [SELECTORS...] lookup TABLE"
_ACTIONS = ("blackhole", "unreachable", "prohibit")
_WORDS = (
    "pref",
    "ipv4",
    "ipv6",
    "not",
    "from",
    "to",
    "iif",
    "oif",
    "fwmark",
    "tos",
    "ipproto",
    "sport",
    "dport",
    "l3mdev",
    "lookup",
    "goto",
    *_ACTIONS,
)


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    cursor.refuse_verb()
    reader = _Reader(cursor, place, draft)
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        reader.take(word)
    cursor.end()
    if reader.preference is None:
        raise shape(
            statement.span,
            "`pref N` is missing",
            "write `pref 1000`: without it, a rule added twice stands there twice",
        )
    if not reader.action and "l3mdev" not in reader.selector:
        raise shape(statement.span, "the rule says nothing to do", "end it with `lookup TABLE` or `blackhole`")
    if not reader.families:
        raise shape(
            statement.span,
            "the rule does not say for which family it is",
            "write `ipv4`, `ipv6` or both after `pref N`",
        )
    if 4 in reader.families and reader.tos is not None and mask(255)(reader.tos) > _MOST_TOS4:
        help = f"it goes up to {_MOST_TOS4:#x}, and to 0xfc in a rule for `ipv6` alone"
        raise bad_value(reader.tos.span, f"IPv4 has no rules for the type of service {reader.tos.text}", help)
    origin = place.origin(statement)
    for family in sorted(reader.families):
        rule = Rule(place.netns, family, reader.preference, tuple(reader.selector), tuple(reader.action), origin)
        draft.say_once(
            ("rule", rule.netns, family, rule.preference, frozenset(_pairs(rule.selector)), rule.action),
            statement.span,
            "this rule is said twice",
            label="said here",
            help="keep one of the two: the kernel refuses one that it has (File exists)",
        )
        draft.rules.append(rule)


def _pairs(selector: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield each selector with its value: their order does not tell rules apart (net/core/fib_rules.c, rule_exists)."""
    words = iter(selector)
    for word in words:
        yield (word,) if word in {"not", "l3mdev"} else (word, next(words))


def _fwmark(word: Word) -> str:
    """Parse MARK, or MARK/MASK, each decimal or hexadecimal."""
    parts = [mask(2**32 - 1, "a mark")(Word(part, word.span)) for part in word.text.split("/")]
    if len(parts) > 2:
        raise bad_value(word.span, f"`{word.text}` is no mark", "write 0x10 or 0x10/0xff")
    if len(parts) == 2 and parts[1] == 2**32 - 1:  # the whole mark is what no mask means
        parts.pop()
    return "/".join(f"{part:#x}" for part in parts)


def _tos(word: Word) -> str:
    """Return a type of service as ip(8) shows it; it reads every number as hexadecimal (rtnl_dsfield_a2n)."""
    found = mask(0xFC, "a type of service")(word)
    if found % 4:
        raise bad_value(
            word.span, f"{word.text} has ECN's two bits, which a rule does not see", "write a multiple of 4"
        )
    return f"{found:#04x}"


class _Reader:
    def __init__(self, cursor: Cursor, place: Place, draft: Draft) -> None:
        self._cursor, self._place, self._draft = cursor, place, draft
        self.preference: int | None = None
        self.families: set[int] = set()
        self.selector: list[str] = []
        self.tos: Word | None = None
        self.action: list[str] = []

    def take(self, word: Word) -> None:
        """Take one word of the rule, and its value."""
        name = word.text
        if name in {"ipv4", "ipv6"}:
            self.families.add(int(name[3]))
        elif name in {"not", "l3mdev"}:
            self.selector.append(name)
        elif name in _ACTIONS:
            self._act(word, [name])
        elif name not in _WORDS:
            raise self._cursor.unknown(word, _WORDS)
        else:
            self._take_value(word, self._cursor.word(f"the value of `{name}`"))

    def _take_value(self, word: Word, value: Word) -> None:
        name = word.text
        match name:
            case "pref":
                self._cursor.once(word, again=self.preference is not None)
                self.preference = number(1, 32765, "a preference")(value)
            case "lookup":
                self._act(word, ["lookup", str(read_table(value))])
            case "goto":
                self._act(word, ["goto", str(number(1, 32765, "a preference")(value))])
            case "from" | "to":
                self.selector += [name, self._address(value)]
            case "iif" | "oif":
                device = self._draft.find_device(self._place.netns, value.text)
                self.selector += [
                    name,
                    device.key.name if device else self._draft.device(self._place.netns, value).key.name,
                ]
            case "fwmark":
                self.selector += [name, _fwmark(value)]
            case "tos":
                self.selector += [name, _tos(value)]
                self.tos = value
            case "ipproto":
                self.selector += [name, choice("tcp", "udp", "icmp", "ipv6-icmp", "sctp")(value)]
            case _:
                self.selector += [name, str(number(1, 65535, "a port")(value))]

    def _address(self, value: Word) -> str:
        if value.text == "all":
            return "all"
        found = interface(value)
        if self.families and found.version not in self.families:
            raise bad_value(
                value.span, f"an IPv{found.version} address in a rule for another family", "write two rules"
            )
        self.families = {found.version}
        if found.ip != found.network.network_address:
            raise bad_value(value.span, f"{value.text} has bits set beyond its prefix", f"write {found.network}")
        return spelled(found.network)

    def _act(self, word: Word, words: list[str]) -> None:
        if self.action:
            raise shape(word.span, "the rule already says what to do", "write a rule for each")
        self.action = words


STATEMENT = StatementKind("rule", FORM, _bind)
