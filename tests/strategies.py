"""Hypothesis strategies for lab texts, and how many examples a run takes."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FUZZ = int(os.environ.get("NETC_FUZZ", "0"))


def examples(usual: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the settings of a property: the same `usual` examples in every run, or NETC_FUZZ random ones."""
    return settings(
        max_examples=FUZZ or usual,
        derandomize=not FUZZ,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


_PIECE_LIST = (
    "netns ns1 a b veth bridge br0 uplink address route rule neigh forward sysctl module exec expect lab in let for "
    "template use include host name-prefix mtu mac master subnet auto on off via dev default pref lookup proxy lladdr "
    "ttl net.ipv4.ip_forward 10.0.0.1/24 10.0.0.0/8 1.1.1.300/24 fd00::1/64 fd00::/127 02:00:00:00:00:01 ipv4 ipv6 "
    '1..3 1..99999999 -- -> <-> -/> = ( ) , { } ; # \\ " "" "x y" "\\n" "\\q" ${i} ${N+1} ${1/0} ${lan[9]} ${ $${ $ } '
    "a-- -x ns1:eth0 a:br0:p : :: a: % ； ： \u3000 é \0 \x0b \u2028"
)
_PIECES = _PIECE_LIST.split(" ")
_GLUE = ["", " ", " ", " ", "\n", "\n", "; ", "\t", "\r\n", " \\\n", "\ufeff"]

#: Text over the language's alphabet; most of it is no lab.
any_text = st.lists(st.tuples(st.sampled_from(_PIECES) | st.text(max_size=3), st.sampled_from(_GLUE)), max_size=40).map(
    lambda pairs: "".join(piece + glue for piece, glue in pairs)
)

_PLAIN_NAMES = [
    "a",
    "b",
    "ns1",
    "r2",
    "br0",
    "sw",
    "eth0",
    "host",
    "on",
    "route",
    "in",
    "1",
    "lo",
    "auto",
    "all",
    "sixteen-letters1",
]
_HOSTILE_NAMES = [
    'it\'s "so"',
    "$(reboot)",
    "`id`",
    "a b",
    "a\nb",
    "-x",
    "a%b",
    "a/b",
    "a:b",
    "..",
    "",
    "ü",
    "a--b",
    "x" * 300,
]
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def quoted(text: str) -> str:
    """Return a text as a string of the language."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


_names = st.one_of(
    st.sampled_from(_PLAIN_NAMES),
    st.sampled_from(_PLAIN_NAMES),
    st.sampled_from(_PLAIN_NAMES),
    st.sampled_from(_HOSTILE_NAMES).map(quoted),
    st.sampled_from(["${i}", "n${i}", "${lan[i]}", "${gone}", '"${"']),
)
_addresses = st.sampled_from(
    [
        "auto",
        "10.0.0.1/24",
        "10.0.0.2/24",
        "10.0.1.1/31",
        "fd00::1/64",
        "fd00::2",
        "10.0.0.256/24",
        "::/0",
        "1.2.3.4/33",
    ]
)
_ends = st.one_of(
    _names, st.tuples(_names, _names).map(":".join), st.tuples(_names, _names, _names).map(":".join)
).filter(lambda end: '"' not in end or ":" not in end)
_options = st.sampled_from(
    [
        "mtu 1400",
        "subnet 10.0.0.0/24",
        "subnet fd00::/64",
        "proxy_arp on",
        "stp maybe",
        "master br0",
        "mac 02:00:00:00:00:0g",
        "mtu",
    ]
)


def _lines(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(" ".join)


_block = st.one_of(st.just(""), st.lists(_options, max_size=3).map(lambda options: "{ " + "; ".join(options) + " }"))
_some_addresses = st.lists(_addresses, max_size=2).map(" ".join)
_said = st.lists(
    st.sampled_from(
        [
            "via 10.0.0.1",
            "dev eth0",
            "onlink",
            "metric 5",
            "table 7",
            "src 10.0.0.2",
            "vrf x",
            "ttl 64",
            "via r2",
            "mtu 9",
        ]
    ),
    max_size=3,
).map(" ".join)
_packets = st.sampled_from(
    [
        "saddr 10.0.0.0/24",
        "daddr not fd00::/64 fd01::/64",
        "tcp 80 443",
        "udp 1-9",
        "icmp echo-request",
        "sport 5",
        "in eth0",
        "out not lo",
        "established",
        "mark 0x1/0x3",
        "ipv6",
        "to 10.0.0.1:80",
        "to 3128",
        "10.0.0.0/24",
        "fully-random",
        "x",
    ]
)
_worse = st.sampled_from(
    ["delay 10ms", "jitter 2ms", "loss 1%", "rate 10mbit", "burst 1", "both", "ingress", "limit 5", "reorder 1", "x"]
)
_simple = st.one_of(
    _lines(st.just("lab"), _names, st.sampled_from(["", "{ name-prefix x- }", "{ name_prefix ${i} }"])),
    _lines(st.just("netns"), _names),
    _lines(st.just("bridge"), _ends, _some_addresses, _block),
    _lines(st.just("uplink"), _ends, _some_addresses, st.sampled_from(["", "on sw"]), _block),
    _lines(st.just("veth"), _ends, _some_addresses, _block, st.just("--"), _ends, _some_addresses, _block),
    _lines(st.just("address"), _names, _some_addresses),
    _lines(
        st.just("route"),
        st.sampled_from(["default", "10.9.0.0/16", "blackhole 10.8.0.0/16", "fd00:9::/64", "x"]),
        _said,
    ),
    _lines(
        st.just("rule pref"),
        st.sampled_from(["5", "0"]),
        st.sampled_from(["ipv4", "from 10.0.0.0/8", "iif eth0"]),
        st.just("lookup 7"),
    ),
    _lines(
        st.just("neigh"),
        st.sampled_from(["10.0.0.9 lladdr 02:00:00:00:00:09", "proxy fd00::9"]),
        st.just("dev"),
        _names,
    ),
    _lines(st.just("forward"), st.sampled_from(["ipv4", "ipv4 ipv6", "", "ipv5"])),
    _lines(st.just("sysctl net.ipv4.conf.eth0.rp_filter ="), _names),
    _lines(st.just("module"), _names),
    _lines(
        st.sampled_from(["filter forward drop", "filter input accept", "masquerade", "nat dnat", "nat return srcnat"]),
        st.lists(_packets, max_size=4).map(" ".join),
    ),
    _lines(st.just("nft"), st.sampled_from(["forward", "srcnat", "x"]), _names),
    _lines(st.just("impair"), _names, st.lists(_worse, max_size=3).map(lambda said: "{ " + "; ".join(said) + " }")),
    _lines(st.just("mirror"), _names, st.just("to"), _names, st.sampled_from(["", "ingress", "both", "x"])),
    _lines(st.just("exec"), _names, _names),
    _lines(st.just("expect"), _ends, st.sampled_from(["->", "<->", "-/>"]), st.one_of(_ends, _addresses), _said),
    _lines(st.just("use"), st.sampled_from(["pod(a)", "pod(a, b)", "pod", "loop", "gone(x)"])),
    _lines(
        st.just("let"), st.sampled_from(["i", "N", "M"]), st.just("="), st.sampled_from(["1", "${N + 1}", "${M}", "x"])
    ),
    _lines(_names, _names),
)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=4)
    block = st.one_of(
        body.map(lambda lines: "{ " + "; ".join(lines) + " }"),
        body.map(lambda lines: "{   # why\n\n\n" + "\n".join(lines) + "\n# end\n}  # done"),
    )
    heads = st.one_of(
        _names.map(lambda name: f"netns {name}"),
        _names.map(lambda name: f"in {name}"),
        st.sampled_from(["for i in 1..3", "for v in red blue", "for i in 1..${N}", "template pod(i)", "template loop"]),
    )
    return st.tuples(heads, block).map(" ".join)


_statement = st.recursive(_simple, _nested, max_leaves=12)
_separator = st.sampled_from(["\n", "\n\n\n", "\r\n", "   # a remark\n", "\n# a line of its own\n"])

#: Documents that look like labs: every statement, good and bad names, loops, comments.
documents = st.lists(st.tuples(_statement, _separator), max_size=12).map(
    lambda pairs: "let lan = 10.0.0.0/29\n" + "".join(statement + end for statement, end in pairs)
)
