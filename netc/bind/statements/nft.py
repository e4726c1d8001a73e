r"""A rule in nft's own words, in a chain of the lab's table: what `filter` and `nat` have no words for.

    nft forward "tcp flags syn tcp option maxseg size set rt mtu"
    nft prerouting "iifname \"eth0\" meta mark set 0x4000"
    nft input "ip protocol icmp limit rate over 5/second drop"

The chains: `prerouting` and `postrouting` (priority mangle), `input`, `forward` and `output` (priority filter),
`dstnat` and `srcnat`. It stands in the order of the text among the `filter` and `nat` statements of its chain.

The text is one rule and nothing else. It begins with a word that begins a rule; `;`, `#`, `$`, a backslash, a line end
and a bracket that is not closed are refused, since nft would take what follows for a command of its own: an `include`
of any file, a `flush ruleset`. Whether the rule is right, nft says when up.sh loads the table, and then nothing of the
lab stays. Devices are matched by name (`iifname`): `iif` would look up an index that status.sh cannot compare.
netc does not know what the rule does, and so does not say where pings go that pass the namespace, unless it begins
with another protocol, such as `tcp`.

Source: nft(8).
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from netc.bind.cursor import Cursor
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.diagnostics import did_you_mean
from netc.parts.table import Chain, RawRule
from netc.topology.values import BindError, bad_value

if TYPE_CHECKING:
    from netc.syntax.tree import Statement, Word

FORM = 'nft CHAIN "RULE"'
#: What nft(8) lets a rule begin with. A chain's own words (`type`, `policy`, `comment`) and commands are none of these.
_STARTS = frozenset(
    re.findall(
        r"\S+",
        "accept ah comp continue counter cpu ct dccp dnat drop dst dup esp ether exthdr fib frag goto gre hbh icmp "
        "icmpv6 igmp iif iifgroup iifname iiftype ip ip6 ipsec jhash jump l4proto limit log mark masquerade meta meter "
        "mh nfproto nftrace notrack numgen oif oifgroup oifname oiftype protocol queue quota redirect reject return rt "
        "sctp skgid skuid snat socket symhash synproxy tcp th tproxy udp udplite vlan vxlan",
    )
)
_PAIRS = {"}": "{", ")": "(", "]": "["}
_LONGEST = 2000


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    word = cursor.word("the chain")
    chain = next((known for known in Chain if known == word.text), None)
    if chain is None:
        raise cursor.unknown(word, tuple(Chain))
    rule = cursor.word("the rule")
    cursor.end()
    text = _checked(rule).strip()
    draft.parts.append(RawRule(place.netns, place.origin(statement), chain, text))


def _checked(word: Word) -> str:
    """Return the text of a rule that cannot be anything but one rule; raises BindError."""
    text = word.text
    bad = next((char for char in text if not " " <= char <= "~" or char == "\\"), None)
    if bad is not None:
        shown = bad if bad == "\\" else f"U+{ord(bad):04X}"
        raise bad_value(word.span, f"a rule does not hold {shown}", "write it on one line, in ASCII")
    if len(text) > _LONGEST:
        raise bad_value(word.span, f"a rule has at most {_LONGEST} characters", "write several")
    if text.count('"') % 2:
        raise bad_value(word.span, "a quote in the rule is never closed", 'write \\"...\\" around a name')
    bare = re.sub(r'"[^"]*"', '""', text)
    _refuse_ends(word, bare)
    _refuse_open(word, bare)
    first = re.match(r"[a-z0-9_]*", bare.strip())
    start = first[0] if first else ""
    if start not in _STARTS:
        message = f"a rule does not begin with `{start or bare.strip()[:1]}`"
        help = did_you_mean(start, _STARTS) or "begin it with what it matches or does: `tcp dport 80 drop`"
        raise bad_value(word.span, message, help, "nft would take it for something else than a rule")
    _refuse_indexes(word)
    return text


def _refuse_indexes(word: Word) -> None:
    """Refuse `iif` and `oif`: nft looks the device up once, and shows its index where it is gone. lo stays."""
    tokens = [token for token in re.findall(r'"[^"]*"|[^\s"]+', word.text) if token != "!="]
    for token, value in itertools.pairwise([*tokens, ""]):
        if token in {"iif", "oif"} and value.strip('"') != "lo":
            help = f'write `{token}name \\"DEVICE\\"`'
            raise bad_value(word.span, f"`{token}` matches the index of a device, not its name", help)


def _refuse_ends(word: Word, bare: str) -> None:
    for char, what in {";": "ends the rule", "#": "starts a comment", "$": "is a variable, and there are none"}.items():
        if char in bare:
            help = "write a statement for every rule" if char == ";" else f"leave out the `{char}`"
            raise _broken(word, f"`{char}` {what}", help)


def _refuse_open(word: Word, bare: str) -> None:
    opened: list[str] = []
    for char in bare:
        if char in _PAIRS.values():
            opened.append(char)
        elif char in _PAIRS and (not opened or opened.pop() != _PAIRS[char]):
            raise _broken(word, f"`{char}` closes what is not open", "close what the rule opens, and nothing else")
    if opened:
        raise _broken(word, f"`{opened[-1]}` is never closed", f"close it with `{_closing(opened[-1])}`")


def _closing(char: str) -> str:
    return next(closing for closing, opening in _PAIRS.items() if opening == char)


def _broken(word: Word, message: str, help: str) -> BindError:
    return bad_value(word.span, message, help, "what follows would be a command to nft, not a part of the rule")


STATEMENT = StatementKind("nft", FORM, _bind)
