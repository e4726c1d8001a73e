"""The forwarding model as its users see it: proofs of `expect`, `netc trace`, `netc reach`. tests/kernel judges it."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner

from netc.bind import bind
from netc.checks import checks
from netc.cli import main
from netc.diagnostics import Finding, Findings
from netc.reach.ends import Place
from netc.reach.matrix import Cell, matrix_of
from netc.reach.net import net_of
from netc.reach.pings import addresses_of, ping
from netc.reach.sizes import limit_of
from netc.reach.trace import NoEnd, trace_of
from netc.source import Source
from netc.syntax.parser import parse
from netc.topology.model import NetnsKey, Topology
from netc.unroll import unroll
from tests.compiled import ROOT, compile_text
from tests.growth import grows_with
from tests.labs import topology_of
from tests.reach import wires
from tests.reach.generator import draw, draw_right


def routed(router: str = "forward ipv4", rest: str = "") -> str:
    return (
        "netns a { veth e 10.1.0.2/24 -- r:e1 10.1.0.1/24; route default via 10.1.0.1 }\n"
        "netns b { veth e 10.2.0.2/24 -- r:e2 10.2.0.1/24; route default via 10.2.0.1 }\n"
        f"netns r {{ {router} }}\n{rest}\n"
    )


def codes(lab: str) -> list[str]:
    return [finding.code for finding in compile_text(lab).findings]


FIXED, FRESH = 1, int(os.environ.get("NETC_SEED", "0")) or random.SystemRandom().randrange(1 << 20, 1 << 30)


@pytest.mark.parametrize("first", [FIXED, FRESH], ids=["fixed", "fresh"])
def test_random_right_labs_raise_nothing(first: int) -> None:
    print(f"seeds {first}..{first + 199}")
    proved = 0
    for seed in range(first, first + 200):
        lab = draw_right(seed)
        compiled = compile_text(lab)
        assert [(f.code, f.message) for f in compiled.findings] == [], f"seed {seed}:\n{lab}"
        proved += len(compiled.topology.expectations)
    assert proved > 400


def test_source_validation_is_the_larger_of_two_and_strict_without_an_address() -> None:
    strict = checks()["N404"].bad
    assert codes(strict) == ["N404"]
    off = strict.replace("rp-filter 1", "rp-filter 0")
    assert codes(off) == []
    assert codes(f"{off}in a {{ sysctl net.ipv4.conf.all.rp_filter = 1 }}\n") == ["N404"]
    loose = strict.replace("rp-filter 1", "rp-filter 2; mac 02:00:00:00:00:99")
    assert codes(loose.replace("; mac 02:00:00:00:00:99", "", 1)) == []
    # Without its address the device would not answer r2's question: r2 is told the MAC address.
    bare = loose.replace("; mac 02:00:00:00:00:99", "", 1).replace("e2 10.2.0.2/24", "e2")
    bare = bare.replace("via 10.2.0.2 }", "dev a; neigh 10.1.0.2 lladdr 02:00:00:00:00:99 dev a }")
    assert codes(bare) == ["N404"]


# -- proofs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("router", "expect", "code"),
    [
        ("forward ipv4", "a <-> b ttl 63 via r mtu 1500", None),
        ("forward ipv4", "a -> b ttl 62", "N411"),
        ("forward ipv4", "a -> r ttl 63", "N411"),
        ("forward ipv4", "a -> r via b", "N412"),
        ("forward ipv4", "a -> b mtu 1501", "N413"),
        ("forward ipv4", "a -> b mtu 1499", "N413"),
        ("forward ipv4", "a -/> b", "N410"),
        ("", "a -/> b", None),
        ("forward ipv4; route prohibit 10.2.0.2", "a -/> b", None),
        ("forward ipv4; route prohibit 10.2.0.2", "a -> b", "N406"),
        ("forward ipv4; sysctl net.ipv4.conf.all.rp_filter = 1", "a <-> b", None),
        ("forward ipv4; route 10.1.0.2 dev e2; sysctl net.ipv4.conf.all.rp_filter = 1", "a -> b", "N409"),
        ("forward ipv4; rule pref 9 to 10.2.0.2 blackhole", "a -> b", "N406"),
        ("forward ipv4; rule pref 9 ipv4 fwmark 1 lookup 9", "a -> b", "N414"),
        ("forward ipv4; rule pref 9 ipv4 fwmark 1 lookup 9", "a -/> b", "N414"),
        ("forward ipv4; address lo 10.2.0.2/32", "a -> b", "N415"),
        ("forward ipv4; sysctl net.ipv4.conf.e1.arp_ignore = 8", "a -> b", "N409"),
        ("forward ipv4; sysctl net.ipv4.icmp_echo_ignore_all = 1", "a -> r", "N414"),
        ("forward ipv4; sysctl net.ipv4.conf.e1.route_localnet = 1", "a -> b", "N414"),
        ('forward ipv4; program e2 ingress "drop.o" section tc', "a -> b", "N414"),
        ('forward ipv4; program lo xdpgeneric "drop.o" section tc', "a -/> b", "N414"),
        ("forward ipv4; impair e1 { loss 100% }", "a -> b", "N414"),
        ("forward ipv4; impair e1 { loss 10% }", "a -> b", None),
        ("forward ipv4; ipsec policy src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd action block", "a -> b", "N417"),
        ('forward ipv4; nft forward "ip ttl 63 drop"', "a -/> b", "N414"),
    ],
)
def test_expectations_are_proved(router: str, expect: str, code: str | None) -> None:
    found = codes(routed(router, f"expect {expect}"))
    assert found == ([code] if code else [])


def test_a_device_that_knows_no_neighbours_is_unknown() -> None:
    lab = "netns a; netns b\nveth a:e 10.0.0.1/24 { arp %s } -- b:e 10.0.0.2/24\nexpect a -> b\nexpect b -> a"
    assert codes(lab % "on") == []
    assert codes(lab % "off") == ["N414"]


def test_a_failing_walk_is_told() -> None:
    lab = routed("forward ipv4; route blackhole 10.1.0.0/25", "expect a -> b")
    (finding,) = compile_text(lab).findings
    assert finding.message == "r drops packets for 10.1.0.2: `blackhole 10.1.0.0/25`"
    assert finding.effect.startswith("the reply would come as far as b -> r, ")
    assert [label.span.line for label in finding.labels] == [3]


def test_a_cause_is_told_once() -> None:
    assert codes(routed("forward ipv4; route blackhole 10.2.0.0/25", "expect a -> b\nexpect a -> b via r")) == ["N406"]


@pytest.mark.parametrize("told", [["N330", "N409"], ["N332", "N409"], ["N333"]], ids=lambda told: told[0])
def test_what_another_finding_explains_is_not_unproved_as_well(told: list[str]) -> None:
    bad = checks()[told[0]].bad
    assert codes(bad) == told, "an expectation that is false is an error, whatever explains it"
    other = (
        'netns y { veth e 192.0.2.2/24 -- z:e 192.0.2.1/24; exec "bird" }\n'
        "netns z { address lo 192.0.9.1/32 }\nexpect y -> z:lo\n"
    )
    assert sorted(codes(bad + other)) == sorted([*told, "N414"])


@pytest.mark.parametrize("code", ["N217", "N315", "N316", "N323", "N324", "N330", "N332", "N445"])
def test_the_cure_is_told_once(code: str) -> None:
    bad = checks()[code].bad + ("in r1 { address lo 10.9.9.9/32 }\nexpect ns1 -> r1:lo\n" if code == "N217" else "")
    found = compile_text(bad).findings
    cures = {finding.help for finding in found if finding.code == code}
    told = [finding.help for finding in found if finding.code == "N409"]
    assert set(told) == {f"{code} tells why, and what to write"}
    allowed = compile_text(f"# netc: allow-file {code} -- meant\n{bad}").findings
    assert {finding.code for finding in allowed} == {"N409"}
    assert {finding.help for finding in allowed} == cures, "nobody else tells the cure now"


def test_only_the_cause_of_a_failure_tells_its_cure() -> None:
    """Two ends on isolated ports, and a third one that keeps silent, of which its own finding says what to write."""
    silent = "netns c { veth eth0 10.0.0.3/24 { arp-ignore 8 } -- br0 }\nexpect a -> c\n"
    found = [finding for finding in compile_text(checks()["N315"].bad + silent).findings if finding.code == "N409"]
    helps = {finding.message: finding.help for finding in found}
    silence = helps.pop("c:eth0 does not answer ARP for 10.0.0.3: `arp-ignore` is on there")
    assert silence == "leave out `arp-ignore 8` at c:eth0"
    assert set(helps.values()) == {"N315 tells why, and what to write"}


PROXY_NDP = checks()["N445"].bad


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (("", ""), "N445 tells why, and what to write"),
        # an entry without the switch
        (("{ proxy-ndp on } }", "}\nin r { neigh proxy fd00:1::2 dev a }"), "N445 tells why, and what to write"),
        # an entry for another address, and a proxy that has no way there, are not why
        (("{ proxy-ndp on } }", "}\nin r { neigh proxy fd00:1::3 dev a }"), "let the request reach b:e, or go by "),
        (("route fd00:1::2 via fd00:2::2", ""), "let the request reach b:e, or go by "),
    ],
)
def test_proxy_ndp_is_the_cause_where_it_would_have_answered(changed: tuple[str, str], expected: str) -> None:
    found = {finding.code: finding for finding in compile_text(PROXY_NDP.replace(*changed)).findings}
    assert found["N409"].help.startswith(expected)
    assert bool(found["N445"].labels) is expected.startswith("N445")


PAIR = "netc cannot prove this: it does not know what lies beyond "
DOUBTS = {
    routed("forward ipv4; route 10.2.0.2/32 encap mpls 7 via 10.2.0.2", "expect a -> b"): "netc cannot prove this: "
    "r has a route to 10.2.0.2/32 with `encap`, which netc does not follow",
    routed('forward ipv4; program e1 xdp "x.o" section x', "expect a -> b"): f"{PAIR}r:e1: an eBPF program is there",
    "veth a:e 10.0.0.1/24 { arp off } -- b:e 10.0.0.2/24": f"{PAIR}a:e: `arp off` keeps it from asking for neighbours",
    "bond a:e 10.0.0.1/24 { mode 802.3ad }; veth a:x { master e } -- b:e 10.0.0.2/24": f"{PAIR}a:e: its members lead "
    "to different places, or which of them sends is agreed upon at run time",
    "veth a:u 10.8.0.1/24 -- b:u 10.8.0.2/24; gretap a:e 10.0.0.1/24 -- b:e 10.0.0.2/24 { fwmark 4 }": "netc cannot "
    "prove this: it does not know whether b:e takes GRE, nor what `fwmark` makes of what b:e sends",
    "bridge br; veth a:e 10.0.0.1/24 -- br { neigh-suppress on }; veth b:e 10.0.0.2/24 -- br": f"{PAIR}host:br: "
    "what passes its port a-e, with `neigh-suppress`, hangs on what the bridge has learned",
}


@pytest.mark.parametrize("lab", DOUBTS)
def test_what_is_not_known_is_told(lab: str) -> None:
    text = lab if "expect" in lab else f"netns a; netns b\n{lab}\nexpect a:e -> b:e\n"
    assert DOUBTS[lab] in [finding.message for finding in compile_text(text).findings if finding.code == "N414"]


@pytest.mark.parametrize("code", ["N315", "N316", "N324"])
def test_two_ends_that_do_not_hear_each_other_are_told_once(code: str) -> None:
    bad = checks()[code].bad
    assert codes(bad).count(code) == 1
    assert codes(bad.replace("expect a <-> b", "expect a -> b\nexpect b -> a")).count(code) == 2


def only(lab: str) -> Finding:
    (finding,) = compile_text(lab).findings
    return finding


def test_the_filter_that_refuses_is_told_with_what_is_enough() -> None:
    strict = checks()["N404"].bad
    finding = only(strict)
    assert finding.help == "write `rp-filter 2` at e2, or give a a route to 10.9.0.2 by e2"
    assert [(label.span.line, label.text) for label in finding.labels] == [(5, "set here")]
    assert codes(strict.replace("10.2.0.2/24 { rp-filter 1 }", "10.2.0.2/24 { rp-filter 2 }")) == []
    by_all = only(f"{strict.replace('rp-filter 1', 'rp-filter 0')}in a {{ sysctl net.ipv4.conf.all.rp_filter = 1 }}\n")
    assert [label.span.line for label in by_all.labels] == [12]
    assert by_all.help == finding.help


def test_a_filter_at_a_device_without_an_address_has_to_be_off_for_all() -> None:
    bare = checks()["N404"].bad.replace("e2 10.2.0.2/24 { rp-filter 1 }", "e2 { rp-filter 2; mac 02:00:00:00:00:99 }")
    bare = bare.replace("via 10.2.0.2 }", "dev a; neigh 10.1.0.2 lladdr 02:00:00:00:00:99 dev a }")
    help = only(bare).help
    assert help.startswith("write `rp-filter 0` at e2 and add `sysctl net.ipv4.conf.all.rp_filter = 0` to a, or ")


@pytest.mark.parametrize(
    ("router", "message", "help"),
    [
        (
            "sysctl net.ipv4.conf.e1.arp_ignore = 8",
            "r:e1 does not answer ARP for 10.1.0.1: `arp-ignore` is on there",
            "leave out `sysctl net.ipv4.conf.e1.arp_ignore = 8`",
        ),
        (
            "sysctl net.ipv4.conf.default.arp_ignore = 8",
            "r:e1 does not answer ARP for 10.1.0.1: `arp-ignore` is on there",
            "switch arp_ignore off at r:e1",
        ),
        (
            "sysctl net.ipv4.conf.e1.arp_filter = 1; route 10.1.0.2 dev e2",
            "r:e1 does not answer ARP for 10.1.0.1: `arp-filter` is on there",
            "leave out `sysctl net.ipv4.conf.e1.arp_filter = 1`",
        ),
        (
            "sysctl net.ipv4.conf.all.rp_filter = 1; route 10.1.0.2 dev e2",
            "the ARP request of a:e for 10.1.0.1 is not answered: r does not take requests from the address that asks "
            "at e1: rp_filter is 1 there, and its own route to that address leaves by e2",
            "write `rp-filter 2` at e1, or give r a route to that address by e1",
        ),
    ],
)
def test_who_keeps_silent_is_told_with_the_switch(router: str, message: str, help: str) -> None:
    finding = only(routed(f"forward ipv4; {router}", "expect a -> b"))
    assert (finding.code, finding.message, finding.help) == ("N409", message, help)


def test_an_address_on_the_silent_device_is_offered() -> None:
    bad = checks()["N409"].bad
    way = "`route 10.2.0.1 via 10.1.0.1`"
    assert only(bad).help == f"leave out `arp-ignore 1` at r:a, or go by an address that is on r:a: {way}"
    assert codes(bad.replace("route 10.2.0.1 dev e", way.strip("`"))) == []


def test_nobody_has_the_next_hop_or_it_does_not_hear() -> None:
    link = (
        "netns a { veth e 10.1.0.2/24 -- b:e 10.1.0.1/24; route default via 10.1.0.9 }\n"
        "netns b { address lo 10.2.0.1/32 }\nexpect a -> b:lo\n"
    )
    told = [finding for finding in compile_text(link).findings if finding.code == "N409"]
    assert [finding.message for finding in told] == ["the ARP request of a:e for 10.1.0.9 is not answered"]
    assert told[0].help == "N217 tells why, and what to write"
    alone = only(link.replace("10.1.0.9", "10.5.0.9 dev e onlink"))
    assert alone.help == "give 10.5.0.9 to a device on this link, or use an address that one has"
    assert told[0].effect == "the request would not leave a, and a ping from a to 10.2.0.1 would get no answer"
    elsewhere = only(routed("forward ipv4", "in a { route 10.2.0.2 dev e }\nexpect a -> b\n"))
    assert elsewhere.message.endswith("is not answered: b:e, which has it, does not hear the request")
    assert elsewhere.help.startswith("let the request reach b:e, or ")


def test_a_rule_may_keep_a_reply_from_a_link_local_address() -> None:
    """The rule is asked before the subnet that every device has: random labs, routes 1756."""
    lab = (ROOT / "tests" / "reach" / "found" / "link-local-source.net").read_text(encoding="utf-8")
    ruled = lab + "in b { rule pref 50 from fd00:1::/65 prohibit }\n"
    assert "unknown: a policy rule of b decides about a link-local address" in trace_of(topology_of(ruled), "r", "b")[0]


def test_a_macvlan_in_source_mode_hears_whom_it_lists() -> None:
    lab = """
netns sw { bridge br }
netns h { veth wire 10.0.0.1/24 -- sw:br:p }
netns c { macvlan m 10.0.0.2/24 on h:wire { mode source; macaddr 02:00:00:00:00:0a } }
netns a { veth e 10.0.0.3/24 { mac 02:00:00:00:00:0a } -- sw:br:a }
netns b { veth e 10.0.0.4/24 -- sw:br:b }
"""
    ways = [("a", "c"), ("b", "c"), ("a", "h"), ("b", "h")]

    def told(text: str) -> list[str]:
        topology = topology_of(text)
        verdicts = (re.findall(r"^(answered|not answered|unknown)", trace_of(topology, *way)[0], re.M) for way in ways)
        return [verdict for found in verdicts for verdict in found]

    assert told(lab) == ["answered", "not answered", "answered", "answered"]
    assert told(lab.replace("0a } }", "0a; flag nodst } }")) == ["answered", "not answered", "not answered", "answered"]
    assert told(lab + "in c { forward ipv4 }\n") == ["unknown"] * 4


def test_who_has_no_ipv6_address_sends_from_a_link_local_one() -> None:
    lab = (ROOT / "tests" / "reach" / "found" / "link-local-source.net").read_text(encoding="utf-8")
    topology = topology_of(lab)
    near, far = trace_of(topology, "r", "b")[0], trace_of(topology, "r", "c")[0]
    assert "r -> fd00:1::b, from a link-local address" in near
    assert "answered, ttl 64" in near.splitlines()
    why = "b does not take packets from a link-local address at e: it is link-local"
    assert f"not answered: {why}, and what comes from such an address is not forwarded" in far


def test_a_packet_size_is_told_with_the_device_that_sets_it() -> None:
    bad = checks()["N413"].bad
    finding = only(bad)
    assert finding.message == "only packets of up to 1400 bytes pass between a and b"
    assert finding.effect == ("r:b has an MTU of 1400: a packet of 1500 bytes would not pass, and verify.sh would fail")
    more = only(bad.replace("mtu 1500", "mtu 1300"))
    assert more.message == "packets of up to 1400 bytes pass between a and b"
    routed_mtu = only(routed("forward ipv4; route 10.2.0.2 dev e2 mtu 1300", "expect a -> b mtu 1500"))
    assert routed_mtu.effect.startswith("r:e2 sets the limit, 1300 bytes: ")


# -- the walk ---------------------------------------------------------------------------------------------------


def test_layer_2_lets_a_tag_more_than_the_mtu_pass() -> None:
    lab = (
        "netns a { veth e 10.0.0.1/24 -- s:br:p }\nnetns s { bridge br; bridge br2; veth br:x -- br2:y { mtu 1300 } }\n"
        "netns b { veth e 10.0.0.2/24 -- s:br2:q }\n"
    )
    net = net_of(topology_of(lab))
    limit = limit_of(net, ping(net, NetnsKey("host", "a"), net.topology.addresses_of(NetnsKey("host", "b"))[0][0].ip))
    assert limit is not None
    assert (limit.size, limit.device.name) == (1304, "x")


def test_what_is_larger_than_a_device_on_the_link_takes_is_lost() -> None:
    lab = "netns a { veth e 10.0.0.1/24 -- s:br:p { MTU } }\nnetns s { bridge br }\n"
    lab += "netns b { veth e 10.0.0.2/24 -- s:br:q { mtu 76 } }\nexpect a -> b\n"
    findings = compile_text(lab.replace("MTU", "mtu 1500")).findings
    (finding,) = [finding for finding in findings if finding.code == "N409"]
    assert finding.message == "a ping is larger than what s:q takes, which has an MTU of 76"
    traced, _ = trace_of(topology_of(lab.replace("MTU", "mtu 1500")), "a", "b")
    assert "10.0.0.2 answered by b:e\n" in traced, "the question is small enough"
    assert "N409" not in codes(lab.replace("MTU", "mtu 80"))  # cut to 80, which is a VLAN tag more than 76
    assert "N409" in codes(lab.replace("MTU", "mtu 81"))
    small = routed("forward ipv4; route 10.2.0.2 dev e2 mtu 70", "expect a -> b")
    assert codes(small) == ["N414"]
    assert codes(small.replace("a -> b", "r -> b")) == []


@pytest.mark.parametrize(
    ("option", "rows"),
    [
        ("mode l2", ["- 64 - -", "64 - 64 64", "- 64 - 64", "- 64 64 -"]),
        ("mode l2; flag private", ["- 64 - -", "64 - 64 64", "- 64 - -", "- 64 - -"]),
        ("mode l2; flag vepa", ["- 64 - -", "64 - 64 64", "- 64 - -", "- 64 - -"]),
        ("mode l3", ["- 64 - -", "64 - - -", "- - - 64", "- - 64 -"]),
        ("mode l3s; flag private", ["- 64 - -", "64 - - -", "- - - -", "- - - -"]),
    ],
)
def test_children_that_share_a_mac_address(option: str, rows: list[str]) -> None:
    lab = "netns far\nnetns r { veth wire 10.0.0.1/24 -- far:e 10.0.0.2/24 }\n"
    lab += "".join(
        f"netns {n} {{ ipvlan e 10.0.0.{i}/24 on r:wire {{ {option} }} }}\n" for n, i in (("a", 3), ("b", 4))
    )
    assert marks(lab, ("r", "far", "a", "b")) == rows
    way = f"{lab}in far {{ route 10.0.0.3 via 10.0.0.1 }}\n"
    assert marks(way, ("far", "a")) == (["- 64", "64 -"])


def test_a_bond_uses_one_member_or_any() -> None:
    def lab(one: str, two: str, order: str = "01") -> str:
        text = f"netns a {{ bond b 10.0.0.1/24 {{ {one} }} }}\nnetns b {{ bond b 10.0.0.2/24 {{ {two} }} }}\n"
        cables = (f"veth a:e{i} {{ master b }} -- b:e{order[i]} {{ master b }}\n" for i in (0, 1))
        return text + "".join(cables)

    backup, spread = "mode active-backup; miimon 100", "mode balance-rr; miimon 100"
    assert marks(lab(backup, backup), ("a", "b")) == ["- 64", "64 -"]
    assert marks(lab(f"{backup}; primary e1", backup), ("a", "b")) == ["- -", "- -"]
    assert marks(lab(f"{backup}; primary e1", f"{backup}; primary e0", "10"), ("a", "b")) == ["- 64", "64 -"]
    assert marks(lab(spread, spread), ("a", "b")) == ["- 64", "64 -"]
    assert marks(lab(spread, backup), ("a", "b")) == ["- ?", "? -"]


def marks(lab: str, names: tuple[str, ...]) -> list[str]:
    """Return the matrix of some namespaces' first addresses."""
    topology = topology_of(lab)
    net, keys = net_of(topology), [NetnsKey("host", name) for name in names]

    def mark(one: NetnsKey, two: NetnsKey) -> str:
        return "-" if one == two else Cell(0, 0, ping(net, one, topology.addresses_of(two)[0][0].ip)).mark

    return [" ".join(mark(one, two) for two in keys) for one in keys]


def test_trace_shows_every_hop() -> None:
    text, answered = trace_of(topology_of(routed()), "a", "b")
    assert answered
    assert text.splitlines() == [
        "a -> 10.2.0.2, from 10.1.0.2",
        "request",
        "  1  a: ttl 64, default via 10.1.0.1 dev e, e mtu 1500, 10.1.0.1 answered by r:e1",
        "  2  r in e1: ttl 64, 10.2.0.0/24 dev e2, e2 mtu 1500, 10.2.0.2 answered by b:e",
        "  3  b in e: ttl 63, has 10.2.0.2",
        "reply",
        "  1  b: ttl 64, default via 10.2.0.1 dev e, e mtu 1500, 10.2.0.1 answered by r:e2",
        "  2  r in e2: ttl 64, 10.1.0.0/24 dev e1, e1 mtu 1500, 10.1.0.2 answered by a:e",
        "  3  a in e: ttl 63, has 10.1.0.2",
        "answered, ttl 63",
        "packets of up to 1500 bytes pass: a:e",
    ]


def test_trace_of_a_failure_says_why() -> None:
    text, answered = trace_of(topology_of(routed("")), "a", "b:e")
    assert not answered
    assert text.splitlines()[-1] == "not answered: r does not forward IPv4 (add `forward ipv4` to r)"


@pytest.mark.parametrize("word", ["c", "a:f", "10.9.9.9", "a:", ""])
def test_trace_refuses_what_is_no_end(word: str) -> None:
    with pytest.raises(NoEnd):
        trace_of(topology_of(routed()), "a", word)


def test_the_commands() -> None:
    lab = str(ROOT / "examples" / "proxy-arp.net")
    run = CliRunner().invoke
    assert run(main, ["trace", lab, "ns1", "ns2"]).exit_code == 0
    assert "as a proxy" in run(main, ["trace", lab, "ns1", "ns2"]).output
    assert run(main, ["trace", lab, "ns1", "ns3"]).exit_code == 2
    assert run(main, ["trace", "-", "a", "b"], input=routed("")).exit_code == 1
    assert run(main, ["reach", "-"], input="netns a {").exit_code == 1
    assert "IPv4: the TTL of the reply" in run(main, ["reach", lab]).output


def test_a_lab_with_an_error_that_only_checks_find_is_traced(tmp_path: Path) -> None:
    lab = tmp_path / "lab.net"
    run = CliRunner().invoke
    lab.write_text(routed("", "expect a -> b"))
    assert run(main, ["check", str(lab)]).exit_code == 1
    traced = run(main, ["trace", str(lab), "a", "b"])
    assert (traced.exit_code, traced.stderr) == (1, "")
    assert traced.stdout.splitlines()[-1].startswith("not answered: r does not forward IPv4")
    assert run(main, ["reach", str(lab)]).stderr == ""
    lab.write_text(routed("route 10.9.0.0/33 via 10.1.0.2"))
    for command in (["trace", str(lab), "a", "b"], ["reach", str(lab)]):
        failed = run(main, command)
        assert (failed.exit_code, failed.stdout) == (1, "")
        assert "error[N0" in failed.stderr


# -- the matrix -------------------------------------------------------------------------------------------------


def test_those_alike_are_one_group() -> None:
    lines = ["bridge br0 10.0.0.1/16\n"]
    lines += [f"netns n{i} {{ veth e 10.0.1.{i}/16 -- br0; route default via 10.0.0.1 }}\n" for i in range(1, 200)]
    lines += ["netns odd { veth e 10.0.2.1/16 -- br0 { mtu 1400 }; route default via 10.0.0.1 }\n"]
    matrix = matrix_of(topology_of("".join(lines)))
    assert [len(group.members) for group in matrix.groups] == [1, 199, 1]
    assert all(cell.ping.answered for cell in matrix.cells)


def test_an_address_that_a_route_names_stands_alone() -> None:
    lab = (
        "bridge br0\n"
        + "".join(f"netns n{i} {{ veth e 10.0.1.{i}/24 -- br0 }}\n" for i in range(1, 6))
        + "in n1 { route blackhole 10.0.1.3 }\n"
    )
    matrix = matrix_of(topology_of(lab))
    assert [[key.netns for key in group.members] for group in matrix.groups] == [["n1"], ["n2", "n4", "n5"], ["n3"]]
    assert [(c.source, c.target) for c in matrix.cells if not c.ping.answered] == [(0, 2), (2, 0)]


def differing(topology: Topology) -> tuple[list[str], int]:
    """Return the pairs of a lab that are not what their groups say, and how many namespaces share a group."""
    matrix = matrix_of(topology)
    said = {(c.source, c.target, c.family): (c.mark, c.ping.last.stop) for c in matrix.cells}
    place = {key: number for number, group in enumerate(matrix.groups) for key in group.members}
    wrong = []
    for one, two in permutations(place, 2):
        for family, ip in addresses_of(topology, Place(two)).items():
            if family in addresses_of(topology, Place(one)):
                cell = Cell(place[one], place[two], ping(matrix.net, one, ip))
                expected = said[cell.source, cell.target, family]
                if (cell.mark, cell.ping.last.stop) != expected:
                    wrong.append(f"{one.label} -> {ip}: {cell.mark}, and not {expected}")
    return wrong, sum(len(group.members) for group in matrix.groups if len(group.members) > 1)


def test_leaves_that_differ_in_their_own_subnets_are_one_group() -> None:
    def lab(size: int) -> Topology:
        links = (
            f"netns n{i} {{ veth e 10.{i // 250}.{i % 250}.2/24 -- r:v{i} 10.{i // 250}.{i % 250}.1/24\n"
            f"route default via 10.{i // 250}.{i % 250}.1 }}\n"
            for i in range(size)
        )
        return topology_of("".join(["netns r { forward ipv4 }\n", *links]))

    matrix = matrix_of(lab(300))
    assert [len(group.members) for group in matrix.groups] == [1, 300]
    assert [cell.mark for cell in matrix.cells] == ["64", "64", "63"]

    def work(size: int) -> Callable[[], object]:
        topology = lab(size)
        return lambda: matrix_of(topology)

    assert grows_with(work, 100) < 5


def test_groups_do_not_change_what_is_said() -> None:
    shared = 0
    texts = [(ROOT / "examples" / name).read_text() for name in ("two-bridges.net", "proxy-arp.net")]
    likes = (wires.draw(seed, wires.MACHINE, alike=0.8) for seed in range(250))
    for text in [*texts, *map(leaves, range(60)), *map(draw, range(100)), *likes]:
        topology = bind_text(text)
        if topology is not None:
            wrong, alike = differing(topology)
            assert not wrong, text
            shared += alike
    assert shared > 450


def leaves(seed: int) -> str:
    """Return a lab of a router and leaves that differ in their subnets, and some in something else."""
    chance = random.Random(seed)
    lines = ["netns r { forward ipv4 ipv6 }", "netns s { route default via 10.9.0.1; route ::/0 via fd00:9::1 }"]
    lines.append("veth s:e 10.9.0.2/24 fd00:9::2/64 -- r:s 10.9.0.1/24 fd00:9::1/64")

    def odd(usual: str, *others: str) -> str:
        return usual if chance.random() < 0.92 else chance.choice(others)

    for i in range(1, 9):
        hub, leaf, length = f"10.{i}.0.1", f"10.{i}.0.{odd('2', '6')}", odd("24", "30")
        six, gate = (f"fd00:{i}::2/64", f"fd00:{i}::1/64") if odd("yes", "") else ("", "")
        options = odd("", "{ mtu 1400 }", "{ rp-filter 1 }", "{ arp-ignore 8 }")
        lines.append(f"veth n{i}:e {leaf}/{length} {six} -- r:v{i} {hub}/{length} {gate} {options}")
        lines.append(f"in n{i} {{ {odd(f'route default via {hub}', 'route default dev e')} }}")
        lines += [f"in n{i} {{ route ::/0 via {gate[:-3]} }}"] if gate else []
        lines.append(odd("", *_ODDITIES).format(i=i, j=1 + i % 8, leaf=leaf, hub=hub))
    return "\n".join([*(f"netns n{i}" for i in range(1, 9)), *lines]) + "\n"


_ODDITIES = [
    "in r {{ route blackhole {leaf} }}",
    "in r {{ route {leaf} via 10.9.0.2 }}",
    "in n{i} {{ route 10.{j}.0.0/16 via {hub} }}",
    "in n{i} {{ route blackhole 10.{j}.0.0/16 }}",
    "in n{i} {{ route blackhole 10.{i}.0.0/25 metric 3 }}",
    "in n{i} {{ address lo 10.77.{i}.1/32 }}\nin r {{ route 10.77.{i}.0/24 via {leaf} }}",
    "in s {{ route blackhole 10.{i}.0.0/24 }}",
    "in s {{ route blackhole 10.{i}.0.0/16 }}",
    "in r {{ sysctl net.ipv4.conf.v{i}.forwarding = 0 }}",
    "in r {{ address v{i} 10.{i}.0.9/24 }}",
    "in r {{ route default dev v{i} }}",
    "in r {{ neigh proxy 10.{j}.0.2 dev v{i} }}",
    "in r {{ rule pref 7 from 10.{i}.0.0/24 blackhole }}",
    "in n{i} {{ rule pref 7 to 10.{j}.0.0/24 blackhole }}",
    "netns m{i} {{ veth e 10.8.{i}.2/24 -- n{i}:f 10.8.{i}.1/24 }}",
]


def bind_text(text: str) -> Topology | None:
    """Return a lab, bound; None where that ends in an error."""
    found = Findings()
    topology = bind(unroll(parse(Source("lab.net", text), found), lambda path: "", found), "lab", found)
    return None if found.failed else topology


def test_json_holds_the_same() -> None:
    data = json.loads(matrix_of(topology_of(routed(""))).json())
    assert data["groups"] == [["a", "b"], ["r"]]
    (found,) = [entry for entry in data["pings"] if (entry["from"], entry["to"]) == (0, 0)]
    assert found["answered"] is False
    assert found["why"] == "not answered: r does not forward IPv4 (add `forward ipv4` to r)"
    assert found["path"] == ["a", "r"]
