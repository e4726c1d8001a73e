"""A route of a namespace, in iproute2's own words.

    route default via 10.0.0.1
    route 10.1.0.0/16 via 10.0.0.2 dev eth0 metric 100
    route 169.254.1.1 dev eth0 scope link
    route blackhole 10.9.0.0/16

| word | meaning |
|---|---|
| `via GATEWAY` | the next hop; its device is found from the addresses where `dev` does not say it |
| `dev DEVICE` | the device that packets leave by |
| `onlink` | takes the gateway as reachable by the device, whatever the addresses say |
| `scope link` | how far the destination is: `global`, `link` or `host` |
| `metric N` | the smaller wins among routes to the same prefix |
| `table N` | a routing table: `main`, `default` or a number |
| `vrf DEVICE` | the table of that VRF |
| `src ADDRESS` | the source of packets that leave by the route |
| `mtu BYTES` | the path's MTU |

`blackhole` drops silently, `unreachable` and `prohibit` answer with ICMP.

Source: ip-route(8).
"""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv6Interface
from typing import Any

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place, unknown
from netc.bind.statement import StatementKind
from netc.diagnostics import did_you_mean, error
from netc.syntax.tree import Statement, Word
from netc.topology.model import DEFAULT_TABLE, LOCAL_TABLE, MAIN_TABLE, Route, RouteType
from netc.topology.values import BindError, address, choice, interface, number

FORM = "route [blackhole|unreachable|prohibit] PREFIX [via GATEWAY] [dev DEVICE] [WORDS...]"
_WORDS = ("via", "dev", "onlink", "scope", "metric", "table", "vrf", "src", "mtu")
_TYPES = {member.value: member for member in RouteType}
_TABLES = {"main": MAIN_TABLE, "local": LOCAL_TABLE, "default": DEFAULT_TABLE}


def table(word: Word) -> int:
    """Parse a routing table: iproute2's own names, or a number."""
    return _TABLES[word.text] if word.text in _TABLES else number(1, 2**32 - 1, "a routing table")(word)


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    kind = RouteType.UNICAST
    first = cursor.word("the destination")
    if first.text in _TYPES:
        kind = _TYPES[first.text]
        first = cursor.word("the destination")
    said = _read_words(cursor, place, draft)
    cursor.end()
    gateway = said.get("gateway")
    if kind is not RouteType.UNICAST and (gateway is not None or "device" in said):
        raise shape(statement.span, f"a {kind} route goes nowhere", "leave out `via` and `dev`")
    if kind is RouteType.UNICAST and gateway is None and "device" not in said:
        raise shape(statement.span, "a route needs a gateway or a device", "write `via GATEWAY` or `dev DEVICE`")
    written = _destination(first, [gateway, said.get("source")])
    if gateway is not None and gateway.version != written.version:
        raise _mixed(said["gateway_span"], gateway.version, written.version, "gateway")
    if "source" in said and said["source"].version != written.version:
        raise _mixed(said["source_span"], said["source"].version, written.version, "source")
    draft.routes.append(Route(place.netns, written, first.span, place.origin(statement), kind, **said))


def _read_words(cursor: Cursor, place: Place, draft: Draft) -> dict[str, Any]:
    said: dict[str, Any] = {}
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        name = word.text
        fields = _read_word(name, cursor, word, place, draft)
        if fields.keys() & said.keys():
            raise BindError(error("N007", word.span, f"`{name}` is said twice", help="keep one of the two"))
        said |= fields
    return said


def _read_word(name: str, cursor: Cursor, word: Word, place: Place, draft: Draft) -> dict[str, Any]:
    if name == "onlink":
        return {"onlink": True}
    if name not in _WORDS:
        raise cursor.unknown(word, _WORDS)
    value = cursor.word(f"the value of `{name}`")
    match name:
        case "via":
            return {"gateway": address(value), "gateway_span": value.span}
        case "dev":
            return {"device": draft.device(place.netns, value).key, "device_said": True}
        case "scope":
            return {"scope": choice("global", "link", "host")(value)}
        case "metric":
            return {"metric": number(0, 2**32 - 1, "a metric")(value)}
        case "table":
            return {"table": table(value)}
        case "vrf":
            found = draft.find_device(place.netns, value.text)
            if found is None or found.kind.name != "vrf":
                raise unknown(
                    value.span, f"{place.netns.label} has no VRF `{value.text}`", did_you_mean(value.text, ())
                )
            return {"vrf": found.key}
        case "src":
            return {"source": address(value), "source_span": value.span}
        case _:
            return {"mtu": number(68, 65535, "an MTU")(value)}


def _destination(word: Word, others: list[Any]) -> IPv4Interface | IPv6Interface:
    if word.text == "default":
        version = next((other.version for other in others if other is not None), 4)
        return IPv4Interface("0.0.0.0/0") if version == 4 else IPv6Interface("::/0")
    return interface(word)


def _mixed(span: Any, version: int, wanted: int, what: str) -> BindError:
    help = f"write an IPv{wanted} address"
    return BindError(error("N005", span, f"an IPv{version} {what} for an IPv{wanted} destination", help=help))


STATEMENT = StatementKind("route", FORM, _bind)
