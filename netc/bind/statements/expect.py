"""What must be true of the lab once it is up: who reaches whom, with which TTL.

    expect ns1 <-> ns2 ttl 64
    expect ns1 -> ns2:eth1 via r1 ttl 63
    expect ns1 -/> 10.9.0.1
    expect ns1 -> ns2 mtu 1450

`->`: a ping from the left is answered. `<->`: both ways. `-/>`: it is not answered. An end is a namespace, a
namespace's device, or an address. A namespace without a device stands for its first address of every family that
both ends have; the left end pings as `ping` would by itself, unless it names a device or an address to ping from.

`ttl N` is that of the reply as the left end sees it, what ping prints. `mtu N`: N bytes pass unfragmented, N+1 do not.
`via X`: the packets come through the namespace X.

Source: ping(8).
"""

from __future__ import annotations

from typing import Any

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.diagnostics import error
from netc.syntax.tree import Statement, Word
from netc.topology.model import End, Expectation, Expected, Topology
from netc.topology.values import BindError, address, looks_like_address, number

FORM = "expect A -> B [ttl N] [via NETNS] [mtu N]"
_WORDS = ("ttl", "via", "mtu")


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    left = cursor.word("the left end")
    arrow = cursor.arrow("->", "<->", "-/>")
    right = cursor.word("the right end")
    said = _read_words(cursor, place, draft)
    cursor.end()
    if arrow.text == "-/>" and said:
        raise shape(
            statement.span,
            "what does not arrive has no TTL, path or MTU",
            "leave out the words after the right end",
        )

    def finish(topology: Topology) -> None:
        """Resolve the ends once every address is known."""
        one, two = (_end(word, place, draft, topology) for word in (left, right))
        origin = place.origin(statement)
        expected = Expected.UNANSWERED if arrow.text == "-/>" else Expected.ANSWERED
        pairs = [(one, two), (two, one)] if arrow.text == "<->" else [(one, two)]
        for source, target in pairs:
            if expected is Expected.ANSWERED:
                _require_addresses(source, target, topology)
            else:
                _addresses(target, topology)  # who has no address reaches nobody, which may well be expected
            draft.expectations.append(Expectation(source, target, expected, origin, **said))

    draft.later.append(finish)


def _read_words(cursor: Cursor, place: Place, draft: Draft) -> dict[str, Any]:
    said: dict[str, Any] = {}
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        if word.text not in _WORDS:
            raise cursor.unknown(word, _WORDS)
        if word.text in said:
            raise BindError(error("N007", word.span, f"`{word.text}` is said twice", help="keep one of the two"))
        value = cursor.word(f"the value of `{word.text}`")
        if word.text == "via":
            said["via"] = draft.netns(value, place.netns.machine)
        else:
            said[word.text] = (
                number(1, 255, "a TTL")(value) if word.text == "ttl" else number(68, 65535, "an MTU")(value)
            )
    return said


def _end(word: Word, place: Place, draft: Draft, topology: Topology) -> End:
    if looks_like_address(word) and draft.find_netns(word, place.netns.machine) is None:  # a netns can be called 1
        ip = address(word)
        owners = topology.owners_of(ip)
        if not owners:
            raise BindError(
                error(
                    "N013",
                    word.span,
                    f"nobody in the lab has the address {ip}",
                    help="name an address that the lab gives to a device",
                )
            )
        if len({owner.netns for owner in owners}) > 1:
            names = " and ".join(owner.key.label for owner in owners)
            raise BindError(
                error(
                    "N013",
                    word.span,
                    f"{ip} belongs to {names}",
                    help="name the device instead: NETNS:DEVICE",
                )
            )
        return End(owners[0].netns, word.span, word.text, ip=ip)
    first, colon, rest = word.text.partition(":")
    netns = draft.netns(Word(first, word.span), place.netns.machine)
    if not colon:
        return End(netns, word.span, word.text)
    return End(netns, word.span, word.text, device=draft.device(netns, Word(rest, word.span)).key)


def _require_addresses(source: End, target: End, topology: Topology) -> None:
    if not _addresses(source, topology) & _addresses(target, topology):
        message = f"`{source.text}` and `{target.text}` have no address family in common"
        raise BindError(error("N013", target.span, message, help="give both an IPv4 or an IPv6 address"))


def _addresses(end: End, topology: Topology) -> set[int]:
    """Return the families that an end has an address of; raises BindError where it has none."""
    pairs = topology.addresses_of(end.netns)
    found: set[int] = (
        {end.ip.version} if end.ip else {a.ip.version for a, device in pairs if end.device in {None, device.key}}
    )
    if not found:
        help = "give it one, or name another end"
        raise BindError(error("N013", end.span, f"`{end.text}` has no address to ping", help=help))
    return found


STATEMENT = StatementKind("expect", FORM, _bind, in_block=False, of_lab=True)
