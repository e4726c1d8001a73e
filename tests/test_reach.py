"""The forwarding model as its users see it: proofs of `expect`, `netc trace`, `netc reach`. tests/kernel judges it."""

from __future__ import annotations

import json
import os
import random

import pytest
from click.testing import CliRunner

from netc.checks import checks
from netc.cli import main
from netc.reach.matrix import matrix_of
from netc.reach.net import net_of
from netc.reach.pings import ping
from netc.reach.sizes import limit_of
from netc.reach.trace import NoEnd, trace_of
from netc.topology.model import NetnsKey
from tests.compiled import ROOT, compile_text
from tests.labs import topology_of
from tests.reach.generator import draw_right


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
        ("forward ipv4; ipsec policy src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd action block", "a -> b", "N414"),
        ("forward ipv4; filter forward drop", "a -/> b", "N414"),
    ],
)
def test_expectations_are_proved(router: str, expect: str, code: str | None) -> None:
    found = codes(routed(router, f"expect {expect}"))
    assert found == ([code] if code else [])


def test_a_failing_walk_is_told() -> None:
    lab = routed("forward ipv4; route blackhole 10.1.0.0/25", "expect a -> b")
    (finding,) = compile_text(lab).findings
    assert finding.message == "r drops packets for 10.1.0.2: `blackhole 10.1.0.0/25`"
    assert finding.effect.startswith("the reply would come as far as b -> r, ")
    assert [label.span.line for label in finding.labels] == [3]


def test_a_cause_is_told_once() -> None:
    assert codes(routed("forward ipv4; route blackhole 10.2.0.0/25", "expect a -> b\nexpect a -> b via r")) == ["N406"]


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


def test_groups_do_not_change_what_is_said() -> None:
    """Every pair, by itself, is what its groups say."""
    topology = topology_of((ROOT / "examples" / "two-bridges.net").read_text())
    matrix = matrix_of(topology)
    marks = {(c.source, c.target, c.family): (c.ping.answered, c.ping.ttl) for c in matrix.cells}
    place = {key: number for number, group in enumerate(matrix.groups) for key in group.members}
    for one in place:
        for two in place:
            if one != two:
                for address, _ in topology.addresses_of(two)[:2]:
                    found = ping(matrix.net, one, address.ip)
                    assert marks[place[one], place[two], address.ip.version] == (found.answered, found.ttl)


def test_json_holds_the_same() -> None:
    data = json.loads(matrix_of(topology_of(routed(""))).json())
    assert data["groups"] == [["a"], ["b"], ["r"]]
    (found,) = [entry for entry in data["pings"] if (entry["from"], entry["to"]) == (0, 1)]
    assert found["answered"] is False
    assert found["why"] == "not answered: r does not forward IPv4 (add `forward ipv4` to r)"
    assert found["path"] == ["a", "r"]
