"""A route of a namespace, in iproute2's own words.

    route default via 10.0.0.1
    route 10.1.0.0/16 via 10.0.0.2 dev eth0 metric 100
    route 169.254.1.1 dev eth0 scope link
    route 10.2.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.0.1.2
    route 10.3.0.0/16 encap mpls 100/200 via 10.0.0.2
    route fd03::/64 encap seg6 mode encap segs fd00:1::1 fd00:2::1 dev eth0
    route blackhole 10.9.0.0/16

| word | meaning |
|---|---|
| `via GATEWAY` | the next hop; its device is found from the addresses where `dev` does not say it |
| `via inet6 GATEWAY` | a next hop with an IPv6 address for an IPv4 destination |
| `dev DEVICE` | the device that packets leave by |
| `onlink` | takes the gateway as reachable by the device, whatever the addresses say |
| `nexthop ...` | one of several ways, each with `via`, `dev`, `onlink`, `encap` and `weight` of its own; comes last |
| `weight N` | the share of the flows that take this next hop, from 1 to 256 |
| `encap mpls LABELS` | puts packets below MPLS labels, the outermost first; needs the module mpls_iptunnel |
| `encap seg6 mode MODE segs A...` | sends packets by way of IPv6 segments; `MODE` is `encap`, `inline` or `l2encap` |
| `encap seg6local action ACTION...` | what a segment's end does: `End`, `End.X nh6 A`, `End.DT6 table N` and so on |
| `encap ip id N dst A`, `encap ip6 ...` | what a tunnel with `external on` puts into the outer header |
| `scope link` | how far the destination is: `global`, `link` or `host` |
| `metric N` | the smaller wins among routes to the same prefix |
| `table N` | a routing table: `main`, `default` or a number |
| `vrf DEVICE` | the table of that VRF |
| `src ADDRESS` | the source of packets that leave by the route |
| `mtu [lock] BYTES` | the path's MTU; with `lock`, packets are sent without DF |
| `advmss N` | the largest TCP segment that is announced |
| `initcwnd N`, `initrwnd N`, `window N` | TCP's first windows, in segments, and the largest one, in bytes |
| `hoplimit N` | the TTL of packets from here |
| `ssthresh N`, `reordering N` | TCP's first threshold of slow start, and the reordering that it expects, in segments |
| `rtt TIME`, `rttvar TIME` | TCP's first guess at the round trip and how much it varies, such as `50ms` |
| `rto_min TIME` | TCP's shortest timeout |
| `quickack on`, `congctl NAME` | TCP's quick acknowledgements, and its congestion control |
| `features ecn`, `fastopen_no_cookie on` | TCP asks for ECN; takes data in a SYN without a cookie |
| `pref low` | an IPv6 route's preference: `low`, `medium` or `high` |

`blackhole` drops silently, `unreachable` and `prohibit` answer with ICMP, `throw` goes on with the next rule.

Source: ip-route(8).
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Interface, IPv6Interface
from typing import Any

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.hops import HOP_WORDS, METRICS, read_hop_word, read_metric
from netc.bind.statement import StatementKind
from netc.bind.tables import read_table, read_vrf
from netc.diagnostics import error
from netc.syntax.tree import Statement, Word
from netc.topology.model import Route, RouteType
from netc.topology.values import BindError, address, choice, interface, number

FORM = "route [blackhole|unreachable|prohibit|throw] PREFIX [via GATEWAY] [dev DEVICE] [WORDS...]"
_METRICS = ("mtu", *METRICS)
_WORDS = (*HOP_WORDS, "nexthop", "scope", "metric", "table", "vrf", "src", *_METRICS)
_TYPES = {member.value: member for member in RouteType}


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    cursor.refuse_verb()
    kind = RouteType.UNICAST
    first = cursor.word("the destination")
    if first.text in _TYPES:
        kind = _TYPES[first.text]
        first = cursor.word("the destination")
    said, hops = _read_words(cursor, place, draft)
    cursor.end()
    written = _destination(first, [*hops, said])
    _refuse(statement, kind, hops)
    for hop in hops:
        _same_family(hop, written.version)
    if "source" in said and said["source"].version != written.version:
        raise _mixed(said["source_span"], said["source"].version, written.version, "source")
    route = Route(place.netns, written, first.span, place.origin(statement), kind, **said)
    for at, hop in enumerate(hops or [{}]):
        hop.pop("mapped", None)
        draft.routes.append(replace(route, hop=at, hops=max(len(hops), 1), **hop))


def _read_words(cursor: Cursor, place: Place, draft: Draft) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what a route says of itself, and what of each of its next hops."""
    said: dict[str, Any] = {}
    hops: list[dict[str, Any]] = []
    several = False
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        if word.text not in _WORDS:
            raise cursor.unknown(word, _WORDS)
        if word.text == "nexthop":
            if hops and not several:
                raise shape(word.span, "a route with a next hop has `nexthop` before each", "write it before the first")
            several = True
            hops.append({})
            continue
        if several and word.text not in HOP_WORDS:
            raise shape(word.span, f"`{word.text}` is not of a next hop", "write it before the first `nexthop`")
        if word.text in HOP_WORDS:
            if not hops:
                hops.append({})
            into, fields = hops[-1], read_hop_word(word, cursor, place, draft)
        else:
            into, fields = said, _read_word(word, cursor, place, draft)
        if word.text in _METRICS and "metrics" in fields:
            _add_metric(word, into, fields["metrics"])
            continue
        if fields.keys() & into.keys():
            help = "keep one of the two"
            if word.text == "via":
                help = "a route with several next hops has `nexthop` before each: nexthop via A nexthop via B"
            raise BindError(error("N007", word.span, f"`{word.text}` is said twice", help=help))
        into |= fields
    if several and len(hops) < 2:
        raise shape(cursor.statement.span, "one next hop needs no `nexthop`", "leave the word out, or add another")
    return said, hops


def _add_metric(word: Word, said: dict[str, Any], words: tuple[str, ...]) -> None:
    earlier: tuple[str, ...] = said.get("metrics", ())
    if words[0] in earlier[::2]:
        raise BindError(error("N007", word.span, f"`{word.text}` is said twice", help="keep one of the two"))
    said["metrics"] = (*earlier, *words)


def _read_word(word: Word, cursor: Cursor, place: Place, draft: Draft) -> dict[str, Any]:
    if word.text == "mtu" and cursor.accept("lock"):
        value = cursor.word("the value of `mtu lock`")
        return {"mtu": number(68, 65535, "an MTU")(value), "mtu_locked": True}
    value = cursor.word(f"the value of `{word.text}`")
    match word.text:
        case "scope":
            return {"scope": choice("global", "link", "host")(value)}
        case "metric":
            return {"metric": number(0, 2**32 - 1, "a metric")(value)}
        case "table":
            return {"table": read_table(value)}
        case "vrf":
            return {"vrf": read_vrf(value, place, draft)}
        case "src":
            return {"source": address(value), "source_span": value.span}
        case "mtu":
            return {"mtu": number(68, 65535, "an MTU")(value)}
        case _:
            return {"metrics": (word.text, read_metric(word.text, value))}


def _refuse(statement: Statement, kind: RouteType, hops: list[dict[str, Any]]) -> None:
    if kind is not RouteType.UNICAST and hops:
        raise shape(statement.span, f"a {kind} route goes nowhere", "leave out `via` and `dev`")
    complete = [hop for hop in hops if "gateway" in hop or "device" in hop]
    if kind is RouteType.UNICAST and (not hops or len(complete) < len(hops)):
        what = "a route" if len(hops) < 2 else "each next hop"
        raise shape(statement.span, f"{what} needs a gateway or a device", "write `via GATEWAY` or `dev DEVICE`")
    if len(hops) == 1 and "weight" in hops[0]:
        raise shape(statement.span, "one next hop has no weight", "leave out `weight`, or write several `nexthop`")


def _same_family(hop: dict[str, Any], version: int) -> None:
    gateway = hop.get("gateway")
    if gateway is None or gateway.version == version or (hop.get("mapped") and version == 4):
        return
    raise _mixed(hop["gateway_span"], gateway.version, version, "gateway")


def _destination(word: Word, said: list[dict[str, Any]]) -> IPv4Interface | IPv6Interface:
    """Return the destination; that of `default` is of the gateway's family, or else of the source's."""
    if word.text != "default":
        return interface(word)
    if any(one.get("mapped") for one in said):
        return IPv4Interface("0.0.0.0/0")
    found = [one[name] for one in said for name in ("gateway", "source") if name in one]
    return IPv6Interface("::/0") if found and found[0].version == 6 else IPv4Interface("0.0.0.0/0")


def _mixed(span: Any, version: int, wanted: int, what: str) -> BindError:
    help = f"write an IPv{wanted} address"
    if what == "gateway" and version == 6:
        help += ", or `via inet6` before it"
    return BindError(error("N005", span, f"an IPv{version} {what} for an IPv{wanted} destination", help=help))


STATEMENT = StatementKind("route", FORM, _bind)
