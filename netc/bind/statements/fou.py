"""A UDP port at which the kernel takes the UDP header off: the far end of a tunnel with `encap`.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    ipip a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30 { encap fou; encap-dport 5555 }
    in a { fou 5555 ipproto 4 }
    in b { fou 5555 ipproto 4 }

| word | meaning |
|---|---|
| `ipproto N` | FOU: what is inside are packets of this IP protocol: 4 of ipip, 41 of sit, 47 of gre |
| `gue` | GUE: its header says what is inside |
| `ipv6` | over IPv6; left out, what the addresses are, or IPv4 |
| `local ADDRESS` | only packets to this address |
| `peer ADDRESS PORT` | only packets from this address and port |
| `dev DEVICE` | only packets that come in by this device; beside `local` |

Such a port takes packets only: what sends them is the tunnel at the other end, whose `encap-dport` it is. up.sh loads
the module fou, over IPv6 fou6 as well.

It lives in the lab's namespaces only: a port can carry no mark, so that down.sh could not tell it from others on the
host.

Source: ip-fou(8), kernel net/ipv4/fou.c.
"""

from __future__ import annotations

from typing import Any

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.diagnostics import Label, error
from netc.parts.fou import FouPort
from netc.syntax.tree import Statement, Word
from netc.topology.model import Module
from netc.topology.values import BindError, address, bad_value, number

FORM = "fou PORT ipproto N|gue [ipv6] [local ADDRESS] [peer ADDRESS PORT] [dev DEVICE]"
_WORDS = ("ipproto", "gue", "ipv6", "local", "peer", "dev")
_PORT = number(1, 65535, "a port")
_PROTOCOL = number(1, 255, "an IP protocol")


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    cursor.refuse_verb()
    first = cursor.word("the port")
    port = _PORT(first)
    if place.netns.is_root:
        message = "a port of fou cannot carry the lab's mark, so it has no place on the host"
        raise shape(statement.span, message, "put it into a namespace of the lab")
    said: dict[str, Any] = {}
    addresses: list[Word] = []
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        if word.text not in _WORDS:
            raise cursor.unknown(word, _WORDS)
        cursor.once(word, again=word.text in said)
        said[word.text] = _value(word.text, cursor, addresses, place, draft)
    cursor.end()
    if ("gue" in said) == ("ipproto" in said):
        raise shape(statement.span, "what is in the packets is said by one of `ipproto` and `gue`", f"write `{FORM}`")
    if "dev" in said and "local" not in said:  # kernel net/ipv4/fou_core.c, parse_nl_config
        message = "the kernel takes `dev` beside `local` alone"
        raise shape(statement.span, message, "add `local` with the address of that device")
    family = _family("ipv6" in said, addresses)
    found = FouPort(
        place.netns,
        place.origin(statement),
        port,
        family,
        said.get("ipproto"),
        said.get("local"),
        said.get("dev"),
        said.get("peer"),
    )
    _refuse_second(found, first, draft)
    draft.parts.append(found)
    for module in ("fou", *(["fou6"] if family == 6 else [])):
        draft.modules.append(Module(place.netns.machine, module, first.span, found.origin))


def _value(name: str, cursor: Cursor, addresses: list[Word], place: Place, draft: Draft) -> Any:
    if name in {"gue", "ipv6"}:
        return True
    value = cursor.word(f"the value of `{name}`")
    if name == "ipproto":
        return _PROTOCOL(value)
    if name == "dev":
        return draft.device(place.netns, value).key
    addresses.append(value)
    return address(value) if name == "local" else (address(value), _PORT(cursor.word("the peer's port")))


def _family(ipv6: bool, addresses: list[Word]) -> int:
    """Return 4 or 6; raises BindError where the addresses do not go together."""
    families = [(address(word).version, word) for word in addresses]
    family = 6 if ipv6 else families[0][0] if families else 4
    for version, word in families:
        if version != family:
            raise bad_value(word.span, f"{word.text} is no IPv{family} address", "one port is of one family")
    return family


def _refuse_second(port: FouPort, word: Word, draft: Draft) -> None:
    """Refuse a port that is open already: kernel net/ipv4/udp.c, udp_lib_lport_inuse."""
    for other in draft.parts:
        if not isinstance(other, FouPort) or (other.netns, other.family, other.port) != (
            port.netns,
            port.family,
            port.port,
        ):
            continue
        if other.local is None or port.local is None or other.local == port.local:
            message, help = f"{port.netns.label} takes packets at UDP port {port.port} already", "keep one of the two"
            raise BindError(error("N007", word.span, message, labels=[Label(other.origin.span, "here")], help=help))


STATEMENT = StatementKind("fou", FORM, _bind)
