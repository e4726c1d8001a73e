"""What becomes of packets on their way: the words of filter, nat, masquerade and nft, and what nft gets to read."""

from __future__ import annotations

import re

import pytest

from netc.parts.impair import Impair, journey
from netc.parts.mirror import Mirror
from netc.parts.table import Filter, TableRule
from netc.plan.step import Absorbed, Inverse, Stage, Step
from netc.render.render import render
from netc.topology.model import NetnsKey
from tests.compiled import compile_text, plan_of
from tests.labs import HOST, bound, told, topology_of

ROUTER = """
netns r {{
  veth eth0 10.0.0.1/24 -- a:eth0 10.0.0.2/24
  veth eth1 10.1.0.1/24 fd00:1::1/64 -- b:eth0 10.1.0.2/24
  {}
}}
netns a; netns b
"""

RULES = {
    "masquerade 10.0.0.0/24 out eth1": 'srcnat: oifname "eth1" ip saddr 10.0.0.0/24 masquerade',
    "masquerade 10.0.0.0/24 10.2.0.0/24 out eth1 daddr not 10.0.0.0/8": 'srcnat: oifname "eth1" ip saddr '
    "{ 10.0.0.0/24, 10.2.0.0/24 } ip daddr != 10.0.0.0/8 masquerade",
    "nat masquerade": "srcnat: masquerade",
    "nat masquerade tcp fully-random": "srcnat: meta l4proto tcp masquerade fully-random",
    "nat snat 10.0.0.0/24 out eth1 to 203.0.113.5": 'srcnat: oifname "eth1" ip saddr 10.0.0.0/24 '
    "snat ip to 203.0.113.5",
    "nat snat udp 53 to 203.0.113.5:1024-2047": "srcnat: udp dport 53 snat ip to 203.0.113.5:1024-2047",
    "nat snat fd00:1::/64 to fd00:9::1": "srcnat: ip6 saddr fd00:1::/64 snat ip6 to fd00:9::1",
    "nat dnat tcp 8080 in eth1 to 10.0.0.2:80": 'dstnat: iifname "eth1" tcp dport 8080 dnat ip to 10.0.0.2:80',
    "nat dnat tcp 80 daddr 10.1.0.1 to 10.0.0.2": "dstnat: ip daddr 10.1.0.1 tcp dport 80 dnat ip to 10.0.0.2",
    "nat dnat tcp 80 to [fd00::2]:8080": "dstnat: tcp dport 80 dnat ip6 to [fd00::2]:8080",
    "nat redirect tcp 80 443 to 3128": "dstnat: tcp dport { 80, 443 } redirect to :3128",
    "nat return srcnat mark 0x4000/0x4000": "srcnat: meta mark & 0x4000 == 0x4000 return",
    "nat return dstnat saddr not 10.0.0.0/24": "dstnat: ip saddr != 10.0.0.0/24 return",
    "filter forward accept established": "forward: ct state established,related accept",
    "filter forward drop in eth0 out not eth1": 'forward: iifname "eth0" oifname != "eth1" drop',
    "filter input reject udp 53 sport 1024-65535": "input: udp sport 1024-65535 udp dport 53 reject",
    "filter output drop icmpv6 nd-redirect": "output: meta nfproto ipv6 icmpv6 type nd-redirect drop",
    "filter forward drop icmp": "forward: meta nfproto ipv4 meta l4proto icmp drop",
    "filter forward drop icmp out eth1": 'forward: oifname "eth1" meta nfproto ipv4 meta l4proto icmp drop',
    "filter forward drop esp mark 7": "forward: meta l4proto esp meta mark 0x7 drop",
    "filter forward drop ipv6 new": "forward: meta nfproto ipv6 ct state new drop",
    "filter forward drop saddr 10.0.0.2 daddr 10.1.0.0/24": "forward: ip saddr 10.0.0.2 ip daddr 10.1.0.0/24 drop",
    'nft prerouting "iifname \\"eth0\\" counter meta mark set 1"': 'prerouting: iifname "eth0" counter meta mark set 1',
    'nft srcnat "oif lo accept"': "srcnat: oif lo accept",
}


@pytest.mark.parametrize("statement", RULES)
def test_what_nft_reads(statement: str) -> None:
    (rule,) = topology_of(ROUTER.format(statement)).parts_of(TableRule)
    assert f"{rule.chain}: {rule.text()}" == RULES[statement]


REFUSED = {
    "masquerade 10.0.0.0/24": ("N009", "masquerade 10.0.0.0/24", "`out DEVICE` is missing"),
    "masquerade out eth1": ("N005", "out", "`out` is no IP address"),
    "masquerade 10.0.0.0/24 out eth7": ("N006", "eth7", "r has no device `eth7`"),
    "masquerade 10.0.0.0/24 in eth0 out eth1": ("N009", "in", "this rule is asked where it is not known"),
    "masquerade 10.0.0.1/24 out eth1": ("N005", "10.0.0.1/24", "has bits set beyond its /24"),
    "filter forwards drop": ("N009", "forwards", "`forwards` cannot stand here"),
    "filter forward": ("N009", "filter forward", "the verdict is missing"),
    "filter forward discard": ("N009", "discard", "`discard` cannot stand here"),
    "filter forward drop from 10.0.0.0/24": ("N009", "from", "`from` cannot stand here"),
    "filter forward drop tcp dport 80": ("N009", "dport", "`dport` cannot stand here"),
    "filter forward drop sport 80": ("N009", "sport", "a port belongs to a protocol"),
    "filter forward drop tcp 80 udp 90": ("N007", "udp", "`udp` cannot be said twice"),
    "filter forward drop tcp 0": ("N005", "0", "`0` is no port"),
    "filter forward drop tcp 90-80": ("N005", "90-80", "`90-80` is no port"),
    "filter forward drop tcp 70000": ("N005", "70000", "`70000` is no port"),
    "filter forward drop tcp 80 70-90": ("N005", "70-90", "70-90 overlaps a port before it"),
    "filter forward drop saddr 10.0.0.0/8 10.1.0.0/16": ("N005", "10.1.0.0/16", "overlap"),
    "filter forward drop saddr 10.0.0.0/8 daddr fd00::/8": ("N005", "fd00::/8", "is of IPv6"),
    "filter forward drop ipv6 icmp": ("N005", "icmp", "`icmp` is of IPv4, and `ipv6` of IPv6"),
    "filter forward drop icmp ping": ("N005", "ping", "`ping` is not possible here"),
    "filter forward drop established new": ("N007", "new", "`new` cannot be said twice"),
    "filter forward drop in": ("N009", "filter forward drop in", "the device is missing"),
    "filter forward drop mark 0x3/0x1": ("N005", "0x3/0x1", "`0x3/0x1` is no mark"),
    "filter forward drop mark x": ("N005", "x", "`x` is no mark"),
    "filter input drop out eth0": ("N009", "out", "this rule is asked where it is not known"),
    "filter output drop in eth0": ("N009", "in", "this rule is asked where it is not known"),
    "filter forward drop { }": ("N009", "{ }", "a block cannot stand here"),
    "nat": ("N009", "nat", "what is done is missing"),
    "nat map": ("N009", "map", "`map` cannot stand here"),
    "nat dnat tcp 80": ("N009", "nat dnat tcp 80", "`dnat` does not say where to"),
    "nat masquerade to 10.0.0.1": ("N009", "10.0.0.1", "`masquerade` goes nowhere"),
    "nat dnat to 10.0.0.2:80": ("N009", "80", "a port to go to needs a protocol"),
    "nat dnat icmp to 10.0.0.2:80": ("N009", "80", "a port to go to needs a protocol"),
    "nat dnat tcp 80 to 10.0.0.256:80": ("N005", "256", "256 is not an octet"),
    "nat dnat tcp 80 daddr fd00::1 to 10.0.0.2": ("N005", "10.0.0.2", "the rule takes packets of IPv6"),
    "nat dnat tcp 80 to 10.0.0.2/24": ("N005", "10.0.0.2/24", "is a prefix"),
    "nat dnat tcp 80 to 10.0.0.2 fully-random": ("N009", "fully-random", "`fully-random` cannot stand here"),
    "nat return": ("N009", "nat return", "`srcnat` or `dstnat` is missing"),
    "nft forward": ("N009", "nft forward", "the rule is missing"),
    'nft postroute "accept"': ("N009", "postroute", "`postroute` cannot stand here"),
}


@pytest.mark.parametrize("statement", REFUSED)
def test_what_is_refused(statement: str) -> None:
    code, at, message = REFUSED[statement]
    (found,) = told(bound(ROUTER.format(statement))[1])
    assert found.code == code
    assert message in found.message
    assert found.at == at


HOSTILE = (
    "",
    "   ",
    "accept; flush ruleset",
    "accept\nflush ruleset",
    "accept }\nflush ruleset",
    "accept } } table ip x {",
    "accept }",
    "} drop {",
    "tcp dport { 80",
    "tcp dport ( 80 }",
    'include "/etc/shadow"',
    ' include "/etc/shadow"',
    "include",
    "policy drop",
    "policy drop;",
    'comment "x"',
    "type nat hook input priority 0",
    "flags offload",
    "devices = x",
    "define x = 1",
    "flush ruleset",
    "delete table inet firewall",
    "add table inet x",
    "table inet x { }",
    "chain x { }",
    "list ruleset",
    "insert rule inet x y accept",
    "handle 3 accept",
    "position 3 accept",
    "index 3 accept",
    "@x accept",
    "$x accept",
    "accept $x",
    "accept # x",
    "accept \\",
    "accept \\\nflush",
    'log prefix "x',
    'log prefix "x" "',
    "accept\u2028flush ruleset",
    "accept\u0085flush ruleset",
    "accept\tdrop",
    "ip saddr 10.0.0.1\u200b accept",
    "iif eth0 accept",
    'tcp dport 80 oif != "eth0" drop',
    "iif { lo, eth0 } accept",
    "accept " * 1000,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_raw_rule_is_one_rule(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    (found,) = told(bound(f'nft forward "{escaped}"')[1])
    assert found.code in {"N002", "N005"}


def table_steps(text: str) -> list[Step]:
    return [step for step in plan_of(text).steps if step.argv[0] == "nft"]


def test_one_table_a_namespace_in_the_order_of_the_text() -> None:
    text = ROUTER.format('filter forward accept in eth0; nft forward "counter"; filter input drop tcp 22')
    text += "in r { filter forward drop }\nfilter input drop tcp 23"
    inside, outside = table_steps(text)
    assert (inside.stage, inside.argv, outside.argv) == (Stage.POLICY, ("nft", "-f", "-"), ("nft", "-f", "-"))
    rules = [line.strip() for line in inside.stdin.splitlines() if "comment" in line]
    assert [rule.rpartition(" comment ")[0] for rule in rules[1:]] == [
        "tcp dport 22 drop",
        'iifname "eth0" accept',
        "counter",
        "drop",
    ]
    assert isinstance(inside.undo, Absorbed)
    assert isinstance(outside.undo, Inverse)
    assert outside.undo.argv == ("nft", "delete", "table", "inet", "netc-lab")


def test_a_rule_keeps_its_own_comment() -> None:
    (step,) = table_steps('nft forward "drop comment \\"mine\\""\nnft forward "log prefix \\"a comment \\""')
    assert step.stdin.count("comment") == 4
    assert 'drop comment "mine"\n' in step.stdin
    assert 'log prefix "a comment " comment "lab.net:2"\n' in step.stdin


def test_the_name_prefix_reaches_table_and_devices() -> None:
    text = "lab x { name-prefix p- }\nbridge br0\nfilter forward drop in br0"
    (step,) = table_steps(text)
    assert "create table inet netc-p-x " in step.stdin
    assert 'iifname "p-br0" drop' in step.stdin


def test_what_the_host_gets_is_told() -> None:
    assert plan_of("filter forward drop").host_changes == ("nftables table inet netc-lab of host  (lab.net:1)",)


# -- impair and mirror ----------------------------------------------------------------------------------------


def tc_lines(text: str) -> list[str]:
    return [" ".join(step.argv) for step in plan_of(text).steps if step.argv[0] == "tc"]


QUEUES = {
    "delay 10ms": "netem delay 10ms",
    "delay 1.5s; jitter 200us": "netem delay 1500ms 200us",
    "delay 2s; jitter 1ms; distribution normal": "netem delay 2s 1ms distribution normal",
    "delay 10ms; jitter 1ms; distribution uniform": "netem delay 10ms 1ms",
    "loss 0.1%; duplicate 2%; corrupt 100%; limit 50": "netem loss 0.1% duplicate 2% corrupt 100% limit 50",
    "delay 10ms; reorder 25%": "netem delay 10ms reorder 25%",
    "rate 10mbit": "tbf rate 10mbit burst 12500 latency 50ms",
    "rate 64kbit; latency 1s": "tbf rate 64kbit burst 3036 latency 1s",
    "rate 1500kbit; burst 16kb": "tbf rate 1500kbit burst 16384 latency 50ms",
    "rate 1.5mbit; burst 1mb": "tbf rate 1500kbit burst 1048576 latency 50ms",
    "rate 9BIT": "tbf rate 9bit burst 3036 latency 50ms",
}


@pytest.mark.parametrize("said", QUEUES)
def test_the_queue_that_a_device_gets(said: str) -> None:
    lines = tc_lines(f"netns a {{ veth eth0 -- b:eth0; impair eth0 {{ {said} }} }}\nnetns b")
    assert lines == [f"tc qdisc add dev eth0 root handle 1: {QUEUES[said]}"]


def test_a_rate_comes_below_a_delay_and_ingress_goes_through_an_ifb() -> None:
    lab = "netns a { veth eth0 -- b:eth0 { mtu 9000 }; impair eth0 { delay 1ms; rate 1mbit; both } }\nnetns b"
    tbf = "handle 2: tbf rate 1mbit burst 18036 latency 50ms"
    assert tc_lines(lab) == [
        "tc qdisc add dev eth0 clsact",
        "tc qdisc add dev ifb-eth0 root handle 1: netem delay 1ms",
        f"tc qdisc add dev ifb-eth0 parent 1:1 {tbf}",
        "tc filter add dev eth0 ingress protocol all pref 100 u32 match u32 0 0 "
        "action mirred egress redirect dev ifb-eth0",
        "tc qdisc add dev eth0 root handle 1: netem delay 1ms",
        f"tc qdisc add dev eth0 parent 1:1 {tbf}",
    ]


def test_an_ifb_has_a_name_of_its_own() -> None:
    lab = """
    lab x { name-prefix p- }
    bridge averylongname
    uplink nic0
    dummy ifb-nic0
    impair averylongname { delay 1ms; ingress }
    impair nic0 { delay 1ms; ingress }
    """
    plan = plan_of(lab)
    names = [name for name, _ in plan.host_devices]
    assert names[-1] == "p-ifb-nic0-2"
    assert names[-2].startswith("p-ifb-av")
    assert len(names[-2]) == 15


def test_marks_on_a_device_of_others() -> None:
    steps = [step for step in plan_of("uplink nic0\nimpair nic0 { rate 1mbit; both }").steps if step.argv[0] == "tc"]
    undone = {step.argv: step.undo for step in steps if isinstance(step.undo, Inverse)}
    (hooks, root) = undone
    assert hooks[:6] == ("tc", "qdisc", "add", "dev", "nic0", "ingress_block")
    assert root[:6] == ("tc", "qdisc", "add", "dev", "nic0", "root")
    handle = root[root.index("handle") + 1]
    assert 0x1000 <= int(handle[:-1], 16) < 0x7000
    assert undone[root].argv == ("tc", "qdisc", "del", "dev", "nic0", "root", "handle", handle)
    assert {line.partition("  (")[0] for line in plan_of("uplink nic0\nimpair nic0 { rate 1mbit }").host_changes} == {
        " ".join(root)
    }


def test_mirrors_count_their_filters() -> None:
    lab = "netns a { veth e -- b:e; veth p -- b:p; veth q -- b:q; mirror e to p; mirror e to q egress }\nnetns b"
    first, second, third, fourth = tc_lines(lab)
    assert first == "tc qdisc add dev e clsact"
    assert "dev e ingress protocol all pref 1 " in second
    assert "dev e egress protocol all pref 1 " in third
    assert "dev e egress protocol all pref 2 " in fourth
    assert all(line.endswith(" continue") for line in (second, third, fourth))
    assert [mirror.ingress for mirror in topology_of(lab).parts_of(Mirror)] == [True, False]


WRONG = {
    "impair eth9 { delay 1ms }": ("N006", "eth9"),
    "impair eth0": ("N009", "impair eth0"),
    "impair eth0 { }": ("N009", "impair eth0 { }"),
    "impair eth0 { both }": ("N009", "impair eth0 { both }"),
    "impair eth0 { delay 10 }": ("N005", "10"),
    "impair eth0 { delay 0ms }": ("N005", "0ms"),
    "impair eth0 { delay 3000s }": ("N005", "3000s"),
    "impair eth0 { delay 10 ms }": ("N004", "delay 10 ms"),
    "impair eth0 { delay -1ms }": ("N002", "-1ms"),
    "impair eth0 { loss 1 }": ("N005", "1"),
    "impair eth0 { loss 0% }": ("N005", "0%"),
    "impair eth0 { loss 101% }": ("N005", "101%"),
    "impair eth0 { rate 10 }": ("N005", "10"),
    "impair eth0 { rate 10mbps }": ("N005", "10mbps"),
    "impair eth0 { rate 1bit }": ("N005", "1bit"),
    "impair eth0 { rate 9999gbit }": ("N005", "9999gbit"),
    "impair eth0 { rate 1mbit; burst 1x }": ("N005", "1x"),
    "impair eth0 { rate 1mbit; burst 9999mb }": ("N005", "9999mb"),
    "impair eth0 { delay 1ms; distribution gauss }": ("N005", "gauss"),
    "impair eth0 { delay 1ms; limit 0 }": ("N005", "0"),
    "impair eth0 { lag 1ms }": ("N004", "lag"),
    "impair eth0 { delay 1ms; delay 2ms }": ("N007", "delay"),
    "impair eth0 { delay 1ms; both; ingress }": ("N007", "ingress"),
    "impair eth0 { delay 1ms; both on }": ("N004", "both on"),
    "impair eth0 { delay 1ms }; impair eth0 { loss 1% }": ("N007", "impair eth0 { loss 1% }"),
    "impair eth0 { delay 1ms; ingress }; impair eth0 { loss 1%; both }": ("N007", "impair eth0 { loss 1%; both }"),
    "mirror eth0": ("N009", "mirror eth0"),
    "mirror eth0 eth1": ("N009", "mirror eth0 eth1"),
    "mirror eth0 to": ("N009", "mirror eth0 to"),
    "mirror eth0 to eth9": ("N006", "eth9"),
    "mirror eth0 to eth1 inward": ("N009", "inward"),
    "mirror eth0 to eth1; mirror eth0 to eth1 egress": ("N007", "mirror eth0 to eth1 egress"),
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_told(said: str) -> None:
    found = [(one.code, one.at) for one in told(bound(ROUTER.format(said))[1])]
    assert WRONG[said] in found
    assert len([code for code, _ in found if code != "N002"]) <= 1, "one mistake, one finding"


# -- what verify.sh allows for --------------------------------------------------------------------------------


STAR = """
netns hub {{ forward ipv4; veth p1 10.0.1.1/24 -- a:eth0 10.0.1.2/24; veth p2 10.0.2.1/24 -- b:eth0 10.0.2.2/24 }}
netns a {{ route default via 10.0.1.1; {} }}
netns b {{ route default via 10.0.2.1; {} }}
in hub {{ veth p3 10.0.3.1/24 -- c:eth0 10.0.3.2/24; {} }}
netns c
{}
"""


def key(name: str) -> NetnsKey:
    return NetnsKey("host", name)


def test_a_journey_adds_up_what_may_lie_on_the_way() -> None:
    on_the_way = STAR.format(
        "impair eth0 { delay 100ms; jitter 5ms; loss 10%; both }",
        "impair eth0 { rate 12112bit }",
        "impair p3 { delay 9s; loss 50% }",
        "",
    )
    topology = topology_of(on_the_way)
    way = journey(topology, key("a"), key("b"), 1514)
    assert way.seconds == pytest.approx(2 * (0.1 + 4 * 0.005) + 1)
    assert way.arriving == pytest.approx(0.81)
    assert way.attempts == 9  # 0.19 to the ninth is less than one in a million
    assert journey(topology, key("b"), key("hub"), 1514).arriving == 1
    assert journey(topology, key("c"), key("hub"), 1514).arriving == 0.5
    assert journey(topology, HOST, HOST, 1514).attempts == 1
    assert len(topology.parts_of(Impair)) == 3


def test_a_lossless_journey_needs_one_and_a_hopeless_one_a_hundred() -> None:
    lossless = topology_of(STAR.format("", "", "", ""))
    assert journey(lossless, key("a"), key("b"), 1514).attempts == 1
    hopeless = topology_of(STAR.format("impair eth0 { loss 100% }", "", "", ""))
    assert journey(hopeless, key("a"), key("b"), 1514).attempts == 100


def test_verify_waits_and_repeats() -> None:
    lab = STAR.format("impair eth0 { delay 1.2s; loss 30%; both }", "", "", "expect a -> b via hub\nexpect a -/> c")
    verify = render(plan_of(lab), "verify.sh")
    assert "ping -n -c 5 -i 0.2 -W 4 10.0.2.2" in verify
    assert "ping -n -c 21 -i 0.2 -W 4 10.0.3.2" in verify
    assert "ping -n -c 82 -i 0.02 -W 4 10.0.2.2" in verify


@pytest.mark.parametrize(("loss", "questions"), [(50, 49), (40, 31), (10, 9), (1, 4)])
def test_verify_asks_long_enough_for_neighbours(loss: int, questions: int) -> None:
    """A question for a neighbour is lost as a ping is, and the kernel sends one a second."""
    line = (
        "netns a {{ veth e 10.0.0.1/24 -- b:e 10.0.0.2/24; impair e {{ loss {}%; both }} }}\nnetns b\nexpect a -> b\n"
    )
    verify = render(plan_of(line.format(loss)), "verify.sh")
    tries = re.search(r" tries=(\d+)$", verify, re.MULTILINE)
    ping = re.search(r"^ *answered .* -c (\d+) (?:-i 0.2 )?-W (\d+) 10.0.0.2$", verify, re.MULTILINE)
    assert tries
    assert ping
    lasts = 0.2 * (int(ping[1]) - 1) + int(ping[2])
    assert (1 - (1 - loss / 100) ** 2) ** questions <= 1e-6
    assert int(tries[1]) * lasts >= questions
    assert int(tries[1]) >= 5


def test_verify_is_as_short_as_ever_where_nothing_is_impaired() -> None:
    verify = render(plan_of(STAR.format("", "", "", "expect a -> b via hub")), "verify.sh")
    assert " tries=5\n" in verify
    assert "ping -n -c 1 -W 1 10.0.2.2" in verify
    assert "ping -n -c 20 -i 0.02 -W 1 10.0.2.2" in verify


# -- which match takes whose packets --------------------------------------------------------------------------

COVERS = [
    ("", "tcp 80", True),
    ("tcp", "tcp 80", True),
    ("tcp", "udp 80", False),
    ("tcp 80", "tcp", False),
    ("tcp 70-90", "tcp 80", True),
    ("tcp 70-90", "tcp 80 91", False),
    ("tcp 80 sport 1-9", "tcp 80", False),
    ("tcp 80", "tcp 80 sport 1-9", True),
    ("saddr 10.0.0.0/8", "saddr 10.1.0.0/16 10.2.0.0/16", True),
    ("saddr 10.0.0.0/16", "saddr 10.0.0.0/8", False),
    ("saddr 10.0.0.0/8", "", False),
    ("saddr not 10.0.0.0/8", "saddr 192.168.0.0/16", True),
    ("saddr not 10.0.0.0/8", "saddr 10.1.0.0/16", False),
    ("saddr not 10.1.0.0/16", "saddr not 10.0.0.0/8", True),
    ("saddr not 10.0.0.0/8", "saddr not 10.1.0.0/16", False),
    ("saddr 192.168.0.0/16", "saddr not 10.0.0.0/8", False),
    ("ipv4", "saddr 10.0.0.0/8", True),
    ("ipv6", "saddr 10.0.0.0/8", False),
    ("ipv4", "", False),
    ("saddr fd00::/8", "saddr fd00:1::/64", True),
    ("in eth0", "in eth0 out eth1", True),
    ("in eth0", "in eth1", False),
    ("in not eth0", "in eth1", True),
    ("in not eth0", "in not eth0", True),
    ("in eth0", "in not eth1", False),
    ("established", "established tcp", True),
    ("established", "", False),
    ("", "established", True),
    ("new", "established", False),
    ("icmp", "icmp echo-request", True),
    ("icmp echo-request", "icmp", False),
    ("mark 1", "mark 1", True),
    ("mark 1", "mark 2", False),
]


@pytest.mark.parametrize(("wide", "narrow", "held"), COVERS)
def test_what_covers_what(wide: str, narrow: str, held: bool) -> None:
    rules = ROUTER.format(f"filter forward drop {wide}\n filter forward accept {narrow}")
    first, second = topology_of(rules).parts_of(Filter)
    assert first.match.covers(second.match) == held
    assert second.match.covers(second.match)


FOUND = {
    # rule-shadowed
    "filter forward drop; filter forward accept tcp; filter forward drop": ["N438", "N438"],
    "filter forward drop mark 1; filter forward drop mark 1 tcp": [],
    "filter forward accept in eth0; filter forward drop in eth1; filter forward drop in eth0": ["N438"],
    "filter input drop tcp; filter forward drop tcp": [],
    "nat dnat tcp 80 to 10.0.0.2; nat dnat tcp 80 daddr fd00::1 to fd00::2": [],
    "nat dnat tcp 80 to 10.0.0.2; nat dnat tcp 80 daddr 10.1.0.1 to 10.0.0.3": ["N438"],
    "nat dnat tcp 80 to 10.0.0.2; nat redirect tcp 80 to 81": [],
    "masquerade 10.0.0.0/24 out eth1; nat snat 10.0.0.0/25 out eth1 to 10.1.0.9": ["N438"],
    # nft-not-final
    "filter forward accept tcp": ["N432"],
    'filter forward accept tcp; nft forward "drop"': [],
    "filter input accept tcp; filter forward drop": ["N432"],
    "filter forward drop udp; filter forward accept tcp": ["N432"],
    # filter-nd
    "filter input drop": ["N444"],
    "filter output reject ipv6": ["N444"],
    "filter input drop icmpv6 nd-neighbor-solicit": ["N444"],
    "filter input drop; filter output drop": ["N444", "N444"],
    "filter input drop ipv4": [],
    "filter input drop tcp": [],
    "filter input drop new": [],
    "filter input drop saddr fd00:9::/64": [],
    "filter input drop icmpv6 echo-request": [],
    "filter input accept icmpv6; filter input drop": [],
    "filter input accept icmpv6 echo-request; filter input drop": ["N444"],
    "filter input accept icmpv6 nd-neighbor-solicit; filter input accept icmpv6 nd-neighbor-advert; "
    "filter input drop": [],
    "filter forward drop": [],
    'nft input "icmpv6 type nd-neighbor-solicit accept"; filter input drop': [],
    # nat-no-forward
    "masquerade 10.0.0.0/24 out eth1 unrouted": ["N443"],
    "nat snat 10.7.0.0/24 to 10.1.0.1 unrouted": ["N443"],
    "nat masquerade saddr 10.0.0.0/24 unrouted": [],
    "nat dnat tcp 80 to 10.0.0.2 unrouted": ["N443"],
    "nat dnat tcp 80 to 10.0.0.1 unrouted": [],
    "nat dnat tcp 80 to fd00:1::2 unrouted": ["N443"],
    "nat masquerade unrouted": [],
    "masquerade 10.1.0.0/24 out eth1 unrouted": ["N443"],
    "nat snat 10.1.0.0/24 out eth1 to 10.1.0.99 unrouted": [],
    "nat snat 10.1.0.0/24 out eth0 to 10.0.0.99 unrouted": ["N443"],
    "route 10.9.0.0/16 via 10.1.0.2 src 10.0.0.1; masquerade 10.0.0.0/24 out eth1 unrouted": [],
    "nat dnat tcp 80 to 127.0.0.2 unrouted": [],
    "masquerade 10.0.0.0/24 out eth1; exec bird unrouted": [],
    "masquerade 10.0.0.0/24 out eth1; sysctl net.ipv4.conf.eth0.forwarding = 1 unrouted": [],
    # nat-double
    "route 10.0.9.0/24 via 10.1.0.2; masquerade 10.0.0.0/16 out eth1": ["N431"],
    "route 10.0.9.0/24 via 10.1.0.2; nat masquerade saddr 10.0.0.0/16": ["N431"],
    "route 10.0.9.0/24 via 10.1.0.2; nat return srcnat saddr 10.0.0.0/16 daddr 10.0.0.0/16; "
    "masquerade 10.0.0.0/16 out eth1": [],
    "route 10.0.9.0/24 via 10.1.0.2; masquerade 10.0.0.0/24 out eth1": [],
    "route 10.0.9.0/24 via 10.1.0.2; masquerade 10.0.0.0/16 out eth0": [],
    "route default via 10.1.0.2; masquerade 10.0.0.0/16 out eth1": [],
    # mirrors
    "mirror eth0 to eth0": ["N439"],
    "mirror eth0 to eth0 ingress": [],
    "mirror eth0 to eth1 egress; mirror eth1 to lo; mirror lo to eth0": ["N439"],
    # impairments
    "impair eth0 { jitter 1ms; distribution normal; reorder 1%; burst 9kb; latency 1ms }": ["N440"] * 4,
    "impair eth0 { delay 1ms; distribution normal }": ["N440"],
    "impair eth0 { rate 1mbit; burst 1513 }": ["N441"],
    "impair eth0 { rate 1mbit; burst 1514 }": [],
    "impair eth0 { rate 120kbit; delay 1s; limit 9 }": ["N442"],
    "impair eth0 { rate 120kbit; delay 1s; limit 10 }": [],
    "impair eth0 { delay 1s; limit 1 }": [],
    # bridged packets
    "bridge br; veth p -- br; veth q -- br; filter forward drop": ["N433"],
    "bridge br; veth p -- br; filter forward drop": [],
    "bridge br { nf-call off }; veth p -- br; veth q -- br; filter forward drop": [],
    "bridge br { nf-call on }; veth p -- br; veth q -- br; filter forward drop": ["N433"],
    "bridge br; veth p -- br; veth q -- br; filter forward drop in eth0": [],
    "bridge br; veth p -- br; veth q -- br; filter forward drop in not eth0": ["N433"],
    "bridge br; veth p -- br; veth q -- br; filter forward drop out not br": [],
    "bridge br; veth p -- br; veth q -- br; filter forward accept tcp; filter forward drop in br": ["N433"],
    "bridge br; veth p -- br; veth q -- br; filter forward accept in br; filter forward drop": [],
    "bridge br; veth p -- br; veth q -- br; filter input drop ipv4": [],
    'bridge br; veth p -- br; veth q -- br; nft forward "iifname br accept"; filter forward drop': [],
}


@pytest.mark.parametrize("said", FOUND)
def test_what_checks_find(said: str) -> None:
    rules = said.removesuffix(" unrouted")
    compiled = compile_text(ROUTER.format(rules if rules != said else f"{said}; forward ipv4 ipv6"))
    assert [finding.code for finding in compiled.findings] == FOUND[said]


UPLINK_NAT = """
netns client {{ veth eth0 {ip}/24 -- router:lan {gw}/24; route default via {gw} }}
netns router {{ forward ipv4; veth wan {near}/24 -- outside:eth0 {far}/24; {said} }}
netns outside
expect client {arrow} outside
"""


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, ["N430"]),
        ({"arrow": "<->"}, ["N403"]),  # the outside pings as well, and has no route to: another mistake
        ({"ip": "198.51.100.2", "gw": "198.51.100.1"}, ["N402"]),
        ({"near": "10.9.0.2", "far": "10.9.0.1"}, ["N402"]),
        ({"said": "masquerade 192.168.1.0/24 out wan"}, []),
        ({"said": "masquerade 192.168.2.0/24 out wan"}, ["N430"]),
        ({"said": "nat snat 192.168.1.0/24 to 203.0.113.2"}, []),
    ],
)
def test_a_private_address_outside(changed: dict[str, str], codes: list[str]) -> None:
    usual = {"ip": "192.168.1.2", "gw": "192.168.1.1", "near": "203.0.113.2", "far": "203.0.113.1"}
    compiled = compile_text(UPLINK_NAT.format(**{**usual, "said": "", "arrow": "->", **changed}))
    assert [finding.code for finding in compiled.findings] == codes


def test_the_queue_of_a_fast_and_far_line_is_long_enough() -> None:
    (first, _) = tc_lines("netns a { veth eth0 -- b:eth0; impair eth0 { delay 100ms; rate 1gbit } }\nnetns b")
    assert first.endswith("netem delay 100ms limit 16668")
    (first, _) = tc_lines("netns a { veth eth0 -- b:eth0; impair eth0 { delay 1ms; rate 1gbit } }\nnetns b")
    assert first.endswith("netem delay 1ms")


def test_forwarding_of_the_namespace_comes_before_that_of_a_device() -> None:
    """`ip_forward` sets every device's `forwarding` anew, so that what a lab says of one device must come later."""
    lab = "netns a { veth eth0 { forwarding off } -- b:eth0; forward ipv4; sysctl net.ipv4.conf.lo.forwarding = 0 }"
    keys = [step.argv[2].partition("=")[0] for step in plan_of(lab + "\nnetns b").steps if step.argv[0] == "sysctl"]
    assert keys[0] == "net.ipv4.ip_forward"
    assert sorted(keys[1:]) == ["net.ipv4.conf.eth0.forwarding", "net.ipv4.conf.lo.forwarding"]
