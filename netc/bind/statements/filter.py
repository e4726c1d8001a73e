"""What becomes of packets that a namespace forwards, takes in or sends: accepted, dropped, or rejected.

    filter forward accept established
    filter forward accept in lan out wan tcp 80 443
    filter forward drop
    filter input reject saddr 10.0.0.0/8 udp 53
    filter output drop daddr not 10.0.0.0/24 ipv4

The first rule of a chain that matches decides, in the order of the text; where none does, the packet is accepted. The
chains: `forward` for packets on their way through, `input` for those to the namespace itself, `output` for its own.

What stands after the verdict must all be true of the packet: `saddr` and `daddr` (one prefix or several, or `not` and
some), `in` and `out` (a device of the namespace, or `not` and one), a protocol (`tcp`, `udp` or `sctp`, with
destination ports or without, and `sport` with source ports after it; `icmp` or `icmpv6`, with a type or without;
`esp`, `ah`, `gre`), `established` (also what is related to it), `new` or `invalid`, `mark VALUE[/MASK]`, `ipv4` or
`ipv6`. Without an address a rule holds for both families: `filter input drop` drops neighbour discovery as well.

An `accept` holds within the lab's own table. What another table of the namespace drops, it cannot let through.

Source: nft(8), RULES, EXPRESSIONS, and netfilter's packet flow.
"""

from __future__ import annotations

from netc.bind.cursor import Cursor
from netc.bind.draft import Draft, Place
from netc.bind.matches import MATCHES, MatchReader
from netc.bind.statement import StatementKind
from netc.parts.table import Chain, Filter, Verdict
from netc.syntax.tree import Statement

FORM = f"filter forward|input|output accept|drop|reject {MATCHES}"
#: What a chain cannot know: the device by which packets leave, or come in.
_UNKNOWN = {Chain.FORWARD: "", Chain.INPUT: "out", Chain.OUTPUT: "in"}


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    word = cursor.word("the chain")
    chain = next((known for known in _UNKNOWN if known == word.text), None)
    if chain is None:
        raise cursor.unknown(word, tuple(_UNKNOWN))
    said = cursor.word("the verdict")
    verdict = next((known for known in Verdict if known == said.text), None)
    if verdict is None:
        raise cursor.unknown(said, tuple(Verdict))
    match = MatchReader(cursor, place, draft, no=_UNKNOWN[chain]).read()
    cursor.end()
    draft.parts.append(Filter(place.netns, place.origin(statement), chain, match, verdict))


STATEMENT = StatementKind("filter", FORM, _bind)
