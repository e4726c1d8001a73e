"""Routes with everything of their own: next hops, encapsulations, and what the kernel keeps with them."""

from __future__ import annotations

import pytest

from netc.topology.model import Topology
from tests.compiled import compile_text, plan_of
from tests.labs import bound, told, topology_of

LINKS = """
netns a {{
  veth e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 fd00::2/64
  veth f 10.0.1.1/24 fd01::1/64 -- b:f 10.0.1.2/24 fd01::2/64
  {0}
}}
netns b {{ forward ipv4 ipv6 }}
"""


def added(words: str) -> list[str]:
    """Return the routes that the script of `a` adds."""
    steps = [step.argv for step in plan_of(LINKS.format(words)).steps]
    found = [" ".join(argv) for argv in steps if "route" in argv[:3]]
    return [line.removeprefix("ip ").replace("route add ", "") for line in found]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (
            "10.9.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.1.2",
            "10.9.0.0/16 nexthop via 10.0.0.2 dev e weight 3 nexthop via 10.0.1.2 dev f",
        ),
        (
            "default metric 7 src 10.0.0.1 mtu 1400 nexthop dev e nexthop via 10.0.1.9 dev f onlink",
            "default metric 7 src 10.0.0.1 mtu 1400 nexthop dev e nexthop via 10.0.1.9 dev f onlink",
        ),
        (
            "default nexthop via fd00::2 nexthop via fd01::2",
            "-6 default nexthop via fd00::2 dev e nexthop via fd01::2 dev f",
        ),
        ("10.9.0.0/16 via inet6 fd00::2", "10.9.0.0/16 via inet6 fd00::2 dev e"),
        ("10.9.0.0/16 via inet 10.0.0.2", "10.9.0.0/16 via 10.0.0.2 dev e"),
        ("default via inet6 fe80::2 dev e", "default via inet6 fe80::2 dev e"),
        ("fd09::/64 via inet6 fd00::2", "-6 fd09::/64 via fd00::2 dev e"),
        ("10.9.0.0/16 encap mpls 100/200 via 10.0.0.2", "10.9.0.0/16 encap mpls 100/200 via 10.0.0.2 dev e"),
        (
            "fd09::/64 encap seg6 mode encap segs fd0a::1 fd0b::1 dev e",
            "-6 fd09::/64 encap seg6 mode encap segs fd0a::1,fd0b::1 dev e",
        ),
        (
            "fd09::1 encap seg6local action End.X nh6 fd00::2 dev e",
            "-6 fd09::1 encap seg6local action End.X nh6 fd00::2 dev e",
        ),
        (
            "fd09::1 encap seg6local action End.DT6 table 7 dev e",
            "-6 fd09::1 encap seg6local action End.DT6 table 7 dev e",
        ),
        ("10.9.0.0/16 encap ip id 7 dst 192.0.2.1 ttl 9 dev e", "10.9.0.0/16 encap ip id 7 dst 192.0.2.1 ttl 9 dev e"),
        (
            "10.9.0.0/16 via 10.0.0.2 mtu lock 1300 advmss 1200 initcwnd 9 hoplimit 3 quickack off congctl reno",
            "10.9.0.0/16 via 10.0.0.2 dev e mtu lock 1300 advmss 1200 initcwnd 9 hoplimit 3 quickack 0 congctl reno",
        ),
        (
            "10.9.0.0/16 via 10.0.0.2 rto_min 1.5s rtt 5ms features ecn fastopen_no_cookie on ssthresh 9",
            "10.9.0.0/16 via 10.0.0.2 dev e rto_min 1500ms rtt 5ms features ecn fastopen_no_cookie 1 ssthresh 9",
        ),
        ("throw 10.9.0.0/16 table 9", "throw 10.9.0.0/16 table 9"),
    ],
)
def test_words_of_routes(words: str, wanted: str) -> None:
    assert added(f"route {words}") == [wanted]


@pytest.mark.parametrize(
    ("words", "code", "at"),
    [
        ("10.9.0.0/16 via 10.0.0.2 via 10.0.1.2", "N007", "via"),
        ("10.9.0.0/16 via 10.0.0.2 nexthop via 10.0.1.2", "N009", "nexthop"),
        ("10.9.0.0/16 nexthop via 10.0.0.2", "N009", "route 10.9.0.0/16 nexthop via 10.0.0.2"),
        ("10.9.0.0/16 nexthop via 10.0.0.2 nexthop", "N009", "route 10.9.0.0/16 nexthop via 10.0.0.2 nexthop"),
        ("10.9.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2 metric 9", "N009", "metric"),
        ("10.9.0.0/16 nexthop via 10.0.0.2 weight 0 nexthop via 10.0.1.2", "N005", "0"),
        ("10.9.0.0/16 nexthop via 10.0.0.2 nexthop via fd00::2", "N005", "fd00::2"),
        ("10.9.0.0/16 via 10.0.0.2 weight 3", "N009", "route 10.9.0.0/16 via 10.0.0.2 weight 3"),
        ("10.9.0.0/16 via fd00::2", "N005", "fd00::2"),
        ("fd09::/64 via 10.0.0.2", "N005", "10.0.0.2"),
        ("10.9.0.0/16 via inet6 10.0.0.2", "N005", "10.0.0.2"),
        ("10.9.0.0/16 encap mpls 1048576 via 10.0.0.2", "N005", "1048576"),
        ("10.9.0.0/16 encap mpsl 100 via 10.0.0.2", "N005", "mpsl"),
        ("fd09::/64 encap seg6 segs fd0a::1 dev e", "N009", "seg6"),
        ("fd09::/64 encap seg6 mode encap segs 10.0.0.1 dev e", "N005", "10.0.0.1"),
        ("fd09::/64 encap seg6local action End.X nh4 10.0.0.1 dev e", "N009", "nh4"),
        ("fd09::/64 encap seg6local action Start dev e", "N005", "Start"),
        ("10.9.0.0/16 encap ip id 7 dev e", "N009", "ip"),
        ("10.9.0.0/16 via 10.0.0.2 advmss 9 advmss 8", "N007", "advmss"),
        ("10.9.0.0/16 via 10.0.0.2 congctl $x", "N005", "$x"),
        ("10.9.0.0/16 via 10.0.0.2 rto_min 5", "N005", "5"),
        ("10.9.0.0/16 via 10.0.0.2 rto_min 100us", "N005", "100us"),
        ("10.9.0.0/16 via 10.0.0.2 features sack", "N005", "sack"),
        ("blackhole 10.9.0.0/16 encap mpls 7", "N009", "route blackhole 10.9.0.0/16 encap mpls 7"),
    ],
)
def test_faults_of_routes(words: str, code: str, at: str) -> None:
    assert [(one.code, one.at) for one in told(bound(LINKS.format(f"route {words}"))[1])] == [(code, at)]


def test_packets_below_labels_are_not_forwarded_as_ip() -> None:
    lab = LINKS.format("route 10.9.0.0/16 ENCAP via 10.0.0.2")
    lab = lab.replace("forward ipv4 ipv6", "veth g 10.9.0.1/16 -- c:e 10.9.0.2/16") + "netns c\n"
    found = [compile_text(lab.replace("ENCAP", words)).findings for words in ("encap mpls 7", "")]
    codes = [[one.code for one in findings] for findings in found]
    assert codes == [[], ["N401"]]


def test_a_gateway_is_on_the_link_that_its_own_table_or_the_main_one_says() -> None:
    """As seen on kernel 6.18: "Nexthop has invalid gateway" for the device of another table's route."""
    routes = "route 10.0.1.2/32 dev e table 7; route 10.9.0.0/16 via 10.0.1.2; route 10.9.0.0/16 via 10.0.1.2 table 7"
    topology: Topology = topology_of(LINKS.format(routes))
    found = [(route.table, route.device.name) for route in topology.routes if route.gateway and route.device]
    assert found == [(254, "f"), (7, "e")]


def test_each_next_hop_is_a_route_of_its_own_to_whoever_looks() -> None:
    topology: Topology = topology_of(LINKS.format("route 10.9.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2"))
    assert [(str(route.gateway), route.hop, route.hops) for route in topology.routes] == [
        ("10.0.0.2", 0, 2),
        ("10.0.1.2", 1, 2),
    ]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("ipv4 l3mdev", "-4 rule add pref 7 l3mdev"),
        ("ipv4 fwmark 0x10 lookup 9", "-4 rule add pref 7 fwmark 0x10 lookup 9"),
        ("ipv4 fwmark 16/0xff lookup 9", "-4 rule add pref 7 fwmark 0x10/0xff lookup 9"),
        ("ipv4 tos 16 lookup 9", "-4 rule add pref 7 tos 0x10 lookup 9"),
        ("ipv6 tos 0xfc lookup 9", "-6 rule add pref 7 tos 0xfc lookup 9"),
    ],
)
def test_rules(words: str, wanted: str) -> None:
    steps = [" ".join(step.argv[1:]) for step in plan_of(f"netns a {{ rule pref 7 {words} }}").steps]
    assert wanted in steps


@pytest.mark.parametrize(
    "words", ["ipv4 tos 10", "ipv4 tos 0x20", "ipv4 ipv6 tos 32", "ipv6 tos 0x100", "ipv6 tos low"]
)
def test_types_of_service_that_no_rule_asks_for(words: str) -> None:
    """As seen on kernel 6.18: ECN's bits must be 0, and of IPv4 those above 0x1c as well."""
    assert [one.code for one in told(bound(f"netns a {{ rule pref 7 {words} lookup 9 }}")[1])] == ["N005"]


@pytest.mark.parametrize("mark", ["0x", "0x100000000", "1/2/3", "ten"])
def test_marks_that_are_none(mark: str) -> None:
    lab = f"netns a {{ rule pref 7 ipv4 fwmark {mark} lookup 9 }}"
    assert [one.code for one in told(bound(lab)[1])] == ["N005"]
