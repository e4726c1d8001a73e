"""The forwarding model through the lab's own nftables tables, and along routes with several next hops."""

from __future__ import annotations

import pytest

from netc.diagnostics import Finding
from netc.reach.matrix import matrix_of
from netc.reach.trace import trace_of
from tests.compiled import ROOT, compile_text
from tests.labs import topology_of

HOME = """
netns a { veth e 10.1.0.2/24 fd01::2/64 -- r:e1 10.1.0.1/24 fd01::1/64; route default via 10.1.0.1 }
netns b { veth e 10.2.0.2/24 fd02::2/64 -- r:e2 10.2.0.1/24 fd02::1/64; BACK }
in a { route default via fd01::1 }
in b { route default via fd02::1 }
"""


def home(router: str, expect: str, *, back: bool = True) -> str:
    """Return a lab of two namespaces and a router; `back` is whether b has an IPv4 route to a."""
    text = HOME.replace("BACK", "route default via 10.2.0.1" if back else "")
    return f"{text}netns r {{ forward ipv4 ipv6; {router} }}\n{expect}\n"


def findings(lab: str) -> list[Finding]:
    return list(compile_text(lab).findings)


@pytest.mark.parametrize(
    ("rules", "expect", "code"),
    [
        ("filter forward drop", "a -/> b", None),
        ("filter forward drop", "a -> b", "N416"),
        ("filter forward drop", "a -> r", None),
        ("filter forward drop saddr 10.1.0.0/24; filter forward drop saddr fd01::/64", "b -/> a", None),
        ("filter forward drop in e2 new", "a -> b", None),
        ("filter forward drop in e2 new", "b -/> a", None),
        ("filter forward drop in not e1 new", "b -/> a", None),
        ("filter forward accept icmp echo-request; filter forward drop ipv4", "a -> 10.2.0.2", "N416"),
        ("filter forward accept icmp; filter forward drop ipv4", "a -> 10.2.0.2", None),
        ("filter forward drop tcp; filter forward drop udp 53; filter forward drop esp", "a -> b", None),
        ("filter forward drop mark 0x1; filter forward drop invalid", "a -> b", None),
        ("filter forward drop mark 0x0/0xff", "a -/> b", None),
        ("filter output drop icmp echo-reply; filter output drop icmpv6 echo-reply", "a -/> r", None),
        ("filter input reject icmpv6 echo-request", "a -> fd02::1", "N416"),
        ("filter input drop icmpv6 nd-neighbor-solicit", "a -/> fd02::2", None),
        ("filter input drop icmpv6 nd-neighbor-solicit", "a -> 10.2.0.2", None),
        ("filter output drop ipv6", "a -/> fd02::2", None),  # r does not answer, nor ask
        ("filter output drop saddr fe80::1/128", "a -> fd02::2", "N414"),  # r asks from an address that nobody says
        ('nft forward "tcp flags syn tcp option maxseg size set rt mtu"', "a -> b", None),
        ('nft forward "ip ttl 63 drop"', "a -> b", "N414"),
    ],
)
def test_filters_are_followed(rules: str, expect: str, code: str | None) -> None:
    # What is told of the rule itself, that it stops neighbour discovery or changes nothing, is not asked here.
    found = [one.code for one in findings(home(rules, f"expect {expect}")) if one.code not in {"N444", "N432", "N434"}]
    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("rules", "expect", "code"),
    [
        ("masquerade 10.1.0.0/24 out e2", "a -> 10.2.0.2 ttl 63", None),
        ("masquerade 10.9.0.0/24 out e2", "a -> 10.2.0.2", "N402"),
        ("masquerade 10.1.0.0/24 out e1", "a -> 10.2.0.2", "N402"),
        ("masquerade 10.1.0.0/24 out e2 daddr not 10.2.0.0/24", "a -> 10.2.0.2", "N402"),
        ("nat return srcnat daddr 10.2.0.0/24; nat masquerade out e2", "a -> 10.2.0.2", "N402"),
        ("nat snat 10.1.0.0/24 out e2 to 10.2.0.1", "a -> 10.2.0.2", None),
        ("nat snat 10.1.0.0/24 out e2 to 10.2.0.9", "a -> 10.2.0.2", "N409"),
        ("nat masquerade tcp out e2", "a -> 10.2.0.2", "N402"),
        ("nat masquerade out e2; filter forward drop in e2 new", "a -> 10.2.0.2", None),
        # The rules of `forward` see the destination as it is after dnat, and the source as it is before snat.
        ("nat masquerade out e2; filter forward drop saddr 10.2.0.1", "a -> 10.2.0.2", None),
        ("nat masquerade out e2; filter forward drop saddr 10.1.0.2", "a -/> 10.2.0.2", None),
        ("address lo 10.9.9.9/32; nat dnat daddr 10.9.9.9 to 10.2.0.2; nat masquerade out e2", "a -> r:lo", None),
        ("address lo 10.9.9.9/32; nat dnat daddr 10.9.9.9 to 10.2.0.2", "a -> r:lo", "N402"),
        ("address lo 10.9.9.9/32; nat dnat daddr 10.9.9.9 tcp 80 to 10.2.0.2:80", "a -> r:lo", None),
        ("address lo 10.9.9.9/32; nat dnat daddr 10.9.9.9 to 127.0.0.1", "a -> r:lo", "N414"),
        ("nat dnat daddr 10.2.0.2 in e1 to 10.1.0.1", "a -> 10.2.0.2 ttl 64", None),
    ],
)
def test_translations_are_followed(rules: str, expect: str, code: str | None) -> None:
    found = [f.code for f in findings(home(rules, f"expect {expect}", back=False)) if f.code not in {"N431", "N432"}]
    assert found == ([code] if code else [])


def test_a_rule_that_drops_is_told_once_with_what_would_let_it_pass() -> None:
    lab = home("filter forward accept in e1; filter forward drop", "expect a -> b\nexpect a -> 10.2.0.2")
    (finding,) = findings(lab)
    assert finding.message == "r drops the reply to 10.1.0.2: `filter forward drop`, lab.net:6"
    assert finding.help == "write `filter forward accept established` before it"
    assert finding.effect.startswith("the reply would come as far as b -> r, ")
    fixed = lab.replace("filter forward drop", "filter forward accept established; filter forward drop")
    assert findings(fixed) == []


def test_dropped_neighbour_discovery_is_told_once() -> None:
    (finding,) = findings(home("filter input drop ipv6", "expect a -> fd02::2"))
    assert finding.code == "N416"
    assert finding.message == ("r drops the neighbour discovery of fd01::1: `filter input drop ipv6`, lab.net:6")
    assert finding.help == "write `filter input accept icmpv6` before it"


def test_trace_shows_what_is_rewritten() -> None:
    lab = home("address lo 10.9.9.9/32; nat dnat daddr 10.9.9.9 to 10.2.0.2; nat masquerade out e2", "", back=False)
    text, answered = trace_of(topology_of(lab), "a", "10.9.9.9")
    assert answered
    assert [line.strip() for line in text.splitlines() if "becomes" in line] == [
        "destination 10.9.9.9 becomes 10.2.0.2: `nat dnat daddr 10.9.9.9 to 10.2.0.2`, lab.net:6",
        "source 10.1.0.2 becomes 10.2.0.1: `nat masquerade out e2`, lab.net:6",
        "destination 10.2.0.1 becomes 10.1.0.2: as the request was",
        "source 10.2.0.2 becomes 10.9.9.9: as the request was",
    ]


def test_trace_shows_the_rule_that_drops() -> None:
    text, answered = trace_of(topology_of(home("filter forward drop daddr 10.2.0.0/24", "")), "a", "10.2.0.2")
    assert not answered
    assert text.splitlines()[-2:] == [
        "       dropped: `filter forward drop daddr 10.2.0.0/24`, lab.net:6",
        "not answered: r drops the request to 10.2.0.2: `filter forward drop daddr 10.2.0.0/24`, lab.net:6 "
        "(write `filter forward accept saddr 10.1.0.2 daddr 10.2.0.2 icmp` before it)",
    ]


@pytest.mark.parametrize(
    ("options", "rules", "known"),
    [
        ("", "filter forward drop", False),
        ("nf-call off", "filter forward drop", True),
        ("nf-call on", "filter forward drop", False),
        ("", "filter forward accept in br0 out br0; filter forward drop", True),
        ("", "filter forward drop in wan", True),
        ("", "masquerade 10.0.0.1/32 out br0", False),
        ("", "masquerade 10.0.0.1/32 out wan", True),
        ("", "sysctl net.bridge.bridge-nf-call-iptables = 0; filter forward drop", True),
    ],
)
def test_what_a_bridge_passes_on_is_known_where_the_filter_makes_no_difference(
    options: str, rules: str, known: bool
) -> None:
    lab = (
        f"bridge br0 {{ {options} }}\nveth host:wan -- c:e\nnetns c\nnetns a {{ veth e 10.0.0.1/24 -- br0 }}\n"
        f"netns b {{ veth e 10.0.0.2/24 -- br0 }}\n{rules}\nexpect a -> b\n"
    )
    assert ("N414" not in {finding.code for finding in findings(lab)}) is known


def test_what_is_masqueraded_at_one_bridge_may_not_leave_by_another() -> None:
    lab = (
        "netns s {{ bridge br0 10.0.1.9/24; bridge br1; masquerade {} out br0 }}\nveth s:br0:x -- s:br1:y\n"
        "netns a {{ veth e 10.0.1.1/24 -- s:br1 }}\nexpect s -> a\n"
    )
    assert {finding.code for finding in findings(lab.format("0.0.0.0/0"))} == {"N414", "N443"}
    assert {finding.code for finding in findings(lab.format("10.0.2.0/24"))} == {"N443"}


@pytest.mark.parametrize(
    ("rules", "codes"),
    [
        ("filter input drop udp 4789 in eth0", ["N409", "N409"]),
        ("filter input drop udp 4788 in eth0", []),
        ("filter input drop in eth0 tcp; filter output drop esp", []),
        ("filter input accept established; filter input accept udp 4789; filter input drop in eth0", []),
        ("filter input accept established; filter input drop in eth0 udp", ["N414"]),
        ("filter input drop udp sport 4789 in eth0", ["N414"]),
        ("masquerade 10.9.0.0/24 out eth0", []),
        ("masquerade 10.0.1.0/24 out eth0", ["N414"]),
    ],
)
def test_outer_packets_pass_the_tables_of_their_namespaces(rules: str, codes: list[str]) -> None:
    lines = (ROOT / "examples" / "vxlan.net").read_text().splitlines(keepends=True)
    lab = "".join(line for line in lines if not line.startswith("expect") or "vx0" in line)
    found = [finding.code for finding in findings(f"{lab}in a {{ forward ipv4; {rules} }}\n")]
    assert found == codes


# -- several next hops ------------------------------------------------------------------------------------------

TWO = """
netns a { veth e 10.1.0.2/24 -- r:e 10.1.0.1/24; route default via 10.1.0.1 }
netns b { veth e 10.2.0.2/24 -- s:e 10.2.0.1/24; route default via 10.2.0.1 }
netns r { forward ipv4; veth u 10.5.0.1/24 -- s:u 10.5.0.2/24; veth v 10.6.0.1/24 -- s:v 10.6.0.2/24; R }
netns s { forward ipv4; S }
"""


def two(r: str, s: str = "route 10.1.0.0/24 via 10.5.0.1", rest: str = "") -> str:
    return TWO.replace("R }", f"{r} }}").replace("S }", f"{s} }}") + f"expect a -> b ttl 62\n{rest}"


def test_next_hops_that_come_to_the_same_are_proved() -> None:
    ways = "nexthop via 10.5.0.2 nexthop via 10.6.0.2"
    assert findings(two(f"route 10.2.0.0/24 {ways}")) == []
    text, answered = trace_of(topology_of(two(f"route 10.2.0.0/24 {ways}")), "a", "b")
    assert answered
    assert "each of the 2 ways by other next hops comes to the same" in text
    back = "route 10.1.0.0/24 nexthop via 10.5.0.1 nexthop via 10.6.0.1"
    assert findings(two(f"route 10.2.0.0/24 {ways}", back)) == []


@pytest.mark.parametrize(
    ("r", "s", "message"),
    [
        (
            "route 10.2.0.0/24 nexthop via 10.5.0.2 nexthop via 10.6.0.9",
            "route 10.1.0.0/24 via 10.5.0.1",
            "r has several next hops for 10.2.0.0/24: by 10.5.0.2 a ping is answered with TTL 62, by 10.6.0.9 it is "
            "not answered: the ARP request of r:v for 10.6.0.9 is not answered",
        ),
        (
            "route 10.2.0.0/24 nexthop via 10.5.0.2 nexthop via 10.1.0.2",
            "route 10.1.0.0/24 via 10.5.0.1",
            "r has several next hops for 10.2.0.0/24: by 10.5.0.2 a ping is answered with TTL 62, by 10.1.0.2 it is "
            "not answered: a does not forward IPv4",
        ),
    ],
)
def test_a_next_hop_that_fails_is_named(r: str, s: str, message: str) -> None:
    told = [finding for finding in findings(two(r, s)) if finding.code == "N414"]
    assert [finding.message for finding in told] == [f"netc cannot prove this: {message}"]


def test_all_next_hops_failing_is_a_failure() -> None:
    lab = two("route 10.2.0.0/24 nexthop via 10.5.0.8 nexthop via 10.6.0.9").replace("expect a -> b ttl 62", "")
    assert "N414" not in {finding.code for finding in findings(f"{lab}expect a -/> b\n")}
    assert "N409" in {finding.code for finding in findings(f"{lab}expect a -> b\n")}


def test_via_is_unknown_where_next_hops_decide() -> None:
    lab = """
netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24; veth f 10.3.0.2/24 -- s:a 10.3.0.1/24 }
netns b { veth e 10.2.0.2/24 -- r:b 10.2.0.1/24; veth f 10.2.1.2/24 -- s:b 10.2.1.1/24; address lo 10.9.0.1/32 }
netns r { forward ipv4; route 10.9.0.1 via 10.2.0.2 }
netns s { forward ipv4; route 10.9.0.1 via 10.2.1.2 }
in a { route 10.9.0.1 nexthop via 10.1.0.1 nexthop via 10.3.0.1 }
in b { route 10.1.0.0/24 via 10.2.0.1; route 10.3.0.0/24 via 10.2.1.1 }
"""
    assert findings(f"{lab}expect a -> b:lo ttl 63\n") == []
    (finding,) = findings(f"{lab}expect a -> b:lo via s\n")
    assert finding.code == "N414"
    assert "whether packets come through s depends on which next hop they take" in finding.message


# -- groups -----------------------------------------------------------------------------------------------------


def test_a_rule_tells_apart_whom_it_names() -> None:
    clients = "".join(
        f"netns n{i} {{ veth e 10.1.0.{i + 1}/24 -- r:br; route default via 10.1.0.1 }}\n" for i in (1, 2, 3, 4)
    )
    lab = (
        "netns r { forward ipv4; bridge br 10.1.0.1/24 { nf-call off }; veth w 10.2.0.1/24 -- out:e 10.2.0.2/24; "
        "RULE }\n"
        f"{clients}netns out {{ route default via 10.2.0.1 }}\n"
    )

    def groups(rule: str) -> list[list[str]]:
        matrix = matrix_of(topology_of(lab.replace("RULE", rule)))
        return [[key.netns for key in group.members] for group in matrix.groups]

    assert groups("filter forward drop in br new") == [["r"], ["n1", "n2", "n3", "n4"], ["out"]]
    assert groups("filter forward drop saddr 10.1.0.3") == [["r"], ["n1", "n3", "n4"], ["n2"], ["out"]]
    assert groups("nat dnat daddr 10.2.0.1 to 10.1.0.3") == [["r"], ["n1", "n3", "n4"], ["n2"], ["out"]]


def test_namespaces_with_the_same_rules_are_alike() -> None:
    lines = [
        f"netns n{i} {{ veth e 10.0.0.{i}/24 -- br0; filter input accept established; filter input drop new }}\n"
        for i in range(1, 30)
    ]
    matrix = matrix_of(topology_of("bridge br0 { nf-call off }\n" + "".join(lines)))
    assert [len(group.members) for group in matrix.groups] == [29]
    assert [cell.ping.answered for cell in matrix.cells] == [False]
