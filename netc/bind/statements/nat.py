"""Connections through a namespace get another source, or another destination.

    nat dnat tcp 8080 in eth0 to 10.0.0.2:80
    nat snat 10.0.0.0/24 out eth0 to 203.0.113.5
    nat redirect tcp 80 in lan to 3128
    nat return srcnat saddr 10.244.0.0/16 daddr 10.244.0.0/16
    nat masquerade saddr 10.244.0.0/16 daddr not 224.0.0.0/4

`dnat` sends what comes in to another address, or only to another port of it; `redirect` to a port of the namespace
itself. `snat` gives what leaves another source; `masquerade` that of the device that it leaves by. `return` leaves
alone what matches: `return srcnat` as to its source, `return dstnat` as to its destination. The first statement that
matches decides, in the order of the text, for the whole connection: answers are turned back by themselves.

What stands before `to` says which packets are meant, in the words of `filter`; prefixes right after the first word are
sources. `dnat` and `redirect` look at packets that come in from elsewhere, not at those of the namespace itself. A
port to go to needs a protocol with ports before it. `fully-random`, at the end, takes source ports at random.

Where another table of the namespace translates as well, docker's or a firewall's, a connection is translated once, by
whichever comes first.

Source: nft(8), NAT STATEMENTS; kernel net/netfilter/nf_nat_core.c.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.matches import MATCHES, MatchReader, port_range
from netc.bind.statement import StatementKind
from netc.parts.match import WITH_PORTS, Match, Ports
from netc.parts.table import Chain, Nat, Translation
from netc.syntax.tree import Word
from netc.topology.values import address, bad_value, looks_like_address

if TYPE_CHECKING:
    from netc.syntax.tree import Statement
    from netc.topology.model import IPAddress

FORM = f"nat dnat|snat|masquerade|redirect|return {MATCHES} [to ADDRESS[:PORT]]"
_CHAINS = {
    Translation.MASQUERADE: Chain.SRCNAT,
    Translation.SNAT: Chain.SRCNAT,
    Translation.DNAT: Chain.DSTNAT,
    Translation.REDIRECT: Chain.DSTNAT,
}
_UNKNOWN = {Chain.SRCNAT: "in", Chain.DSTNAT: "out"}
_TAKES_RANDOM = {Translation.MASQUERADE, Translation.SNAT}


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    word = cursor.word("what is done")
    translation = next((known for known in Translation if known == word.text), None)
    if translation is None:
        raise cursor.unknown(word, tuple(Translation))
    chain = _CHAINS[translation] if translation in _CHAINS else _chain(cursor)
    reader = MatchReader(cursor, place, draft, more=("to", "fully-random"), no=_UNKNOWN[chain])
    first = cursor.peek_word()
    if first is not None and looks_like_address(first):
        reader.sources()
    match = reader.read()
    to = cursor.accept("to")
    ip, ports = (None, None) if to is None else _target(cursor.word("where to"), translation, match)
    if to is None and translation in {Translation.SNAT, Translation.DNAT, Translation.REDIRECT}:
        raise shape(
            statement.span, f"`{translation}` does not say where to", f"write `nat {translation} ... to TARGET`"
        )
    random = translation in _TAKES_RANDOM and cursor.accept("fully-random") is not None
    cursor.end()
    draft.parts.append(Nat(place.netns, place.origin(statement), chain, match, translation, ip, ports, random))


def _chain(cursor: Cursor) -> Chain:
    word = cursor.word("`srcnat` or `dstnat`")
    for chain in _UNKNOWN:
        if chain == word.text:
            return chain
    raise cursor.unknown(word, tuple(_UNKNOWN))


def _target(word: Word, translation: Translation, match: Match) -> tuple[IPAddress | None, Ports | None]:
    if translation in {Translation.MASQUERADE, Translation.RETURN}:
        raise shape(word.span, f"`{translation}` goes nowhere", "leave out `to`")
    if translation is Translation.REDIRECT:
        return None, _port(word, match)
    bracketed = re.fullmatch(r"\[(.*)\]:([0-9-]+)", word.text)
    plain = re.fullmatch(r"([0-9.]+):([0-9-]+)", word.text)
    found = bracketed or plain
    if found is None:
        ip, ports = address(word), None
    else:
        ip = address(_part(word, word.text.index(found[1]), found[1]))
        ports = _port(_part(word, word.text.rindex(found[2]), found[2]), match)
    if match.family not in {None, ip.version}:
        message = f"the rule takes packets of IPv{match.family}, and {ip} is an IPv{ip.version} address"
        raise bad_value(word.span, message, "one family cannot become the other")
    return ip, ports


def _part(word: Word, start: int, text: str) -> Word:
    """Return a part of a word as a word of its own, at its own columns where the word stands as it was written."""
    exact = word.span.end_column - word.span.column == len(word.text)
    return Word(text, word.span.part(start, start + len(text)) if exact else word.span)


def _port(word: Word, match: Match) -> Ports:
    ports = port_range(word)
    if match.protocol not in WITH_PORTS:
        raise shape(word.span, "a port to go to needs a protocol", "write `tcp` or `udp` before `to`")
    return ports


STATEMENT = StatementKind("nat", FORM, _bind)
