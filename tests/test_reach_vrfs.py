"""The forwarding model of VRFs: policy rules beside them, and routes that leak from one into another."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from netc.reach.net import Net
from netc.reach.pings import ping
from netc.reach.story import reason
from netc.topology.model import NetnsKey
from tests.compiled import compile_text
from tests.labs import topology_of

LAB = """
netns a { veth e 10.1.0.2/24 fd01::2/64 -- r:v1 10.1.0.1/24 fd01::1/64 { master red } }
netns b { veth e 10.2.0.2/24 fd02::2/64 -- r:v2 10.2.0.1/24 fd02::1/64 { master red } }
netns c { veth e 10.3.0.2/24 fd03::2/64 -- r:v3 10.3.0.1/24 fd03::1/64 { master blue } }
in a { route default via 10.1.0.1; route default via fd01::1 }
in b { route default via 10.2.0.1; route default via fd02::1 }
in c { route default via 10.3.0.1; route default via fd03::1 }
netns r { forward ipv4 ipv6; vrf red { table 10 }; vrf blue 10.8.0.1/32 fd08::1/128 { table 20 }; MORE }
"""
LEAK = "route 10.3.0.0/24 dev v3 vrf red; route 10.1.0.0/24 dev v1 vrf blue"
INTO = "route fd03::/64 dev blue vrf red; route fd08::1/128 dev blue vrf red; route fd01::/64 dev red vrf blue"


@pytest.mark.parametrize(
    ("more", "start", "target", "said"),
    [
        ("", "a", "10.2.0.2", "63"),
        ("", "a", "10.3.0.2", "r has no route to 10.3.0.2"),
        (LEAK, "a", "10.3.0.2", "63"),
        (LEAK, "a", "10.3.0.1", "the ARP request of r:v3 for 10.3.0.1 is not answered"),  # which is r's own, in blue
        (INTO, "a", "fd03::2", "63"),
        (INTO, "c", "fd01::2", "63"),
        (INTO, "a", "fd03::1", "64"),
        (INTO, "a", "fd08::1", "64"),
        (INTO, "a", "fd03::9", "the neighbour solicitation of r:v3 for fd03::9 is not answered"),
        ("route fd09::/64 dev blue vrf red", "a", "fd09::1", "r has no route to fd09::1"),
        (
            "rule pref 5 iif v1 to 10.2.0.0/24 prohibit",
            "a",
            "10.2.0.2",
            "a policy rule of r drops packets for 10.2.0.2",
        ),
        ("rule pref 5 iif v1 to fd02::/64 prohibit", "a", "fd02::2", "63"),  # the VRF is what it comes in by
        ("rule pref 5 iif red to fd02::2 prohibit", "a", "fd02::2", "a policy rule of r drops packets for fd02::2"),
        ("rule pref 5 iif red to 10.2.0.2 prohibit", "a", "10.2.0.2", "a policy rule of r decides about 10.2.0.2"),
        ("rule pref 5 iif blue to 10.2.0.2 prohibit", "a", "10.2.0.2", "63"),
        ("rule pref 5 ipv4 l3mdev; rule pref 6 ipv4 blackhole", "a", "10.2.0.2", "63"),
        (
            "rule pref 5 ipv4 not l3mdev; rule pref 6 to 10.2.0.2 blackhole",
            "a",
            "10.2.0.2",
            "a policy rule of r drops packets for 10.2.0.2",
        ),
        ("route 10.1.0.1/32 dev lo", "r", "10.1.0.1", "r answers itself from 10.1.0.1, which is in a VRF"),
        ("sysctl net.ipv4.conf.v1.forwarding = 0", "a", "10.2.0.2", "r does not forward IPv4"),
        ("sysctl net.ipv4.conf.red.forwarding = 0", "a", "10.2.0.2", "63"),
    ],
)
def test_vrfs_are_followed(more: str, start: str, target: str, said: str) -> None:
    net = Net(topology_of(LAB.replace("MORE", more)))
    found = ping(net, NetnsKey("host", start), ip_address(target))
    assert (str(found.ttl) if found.answered else reason(net, found.last).text) == said


@pytest.mark.parametrize(
    ("more", "target", "said"),
    [
        ("filter forward drop in red", "10.2.0.2", "r drops the request"),
        ("filter forward drop in v1", "10.2.0.2", "63"),
        ("filter forward drop out v2", "10.2.0.2", "r drops the request"),
        ("filter forward drop out red", "10.2.0.2", "63"),
        ("filter input drop in red icmp", "10.1.0.1", "r drops the request"),
        ("filter input drop in v1 icmp", "10.1.0.1", "64"),
        ("filter input drop in v1 icmpv6 nd-neighbor-solicit", "fd01::1", "r drops the neighbour discovery"),
        ("filter output drop out red icmp", "10.1.0.1", "r drops the"),
        ("filter output drop out v1 icmp", "10.1.0.1", "r drops the"),
        ("filter output drop out red icmp established", "10.1.0.1", "64"),  # the VRF sends it untracked
        ("filter output drop out v1 icmp established", "10.1.0.1", "r drops the"),
        ("nat dnat daddr 10.9.0.1 in v1 to 10.2.0.2", "10.9.0.1", "63"),
        ("nat dnat daddr 10.9.0.1 in red to 10.2.0.2", "10.9.0.1", "r has no route to 10.9.0.1"),
        (f"{INTO}; filter forward drop out blue", "fd03::2", "r drops the request"),
        (f"{INTO}; filter output drop out v3 icmpv6 echo-request", "fd03::2", "r drops the request"),
        (f"{INTO}; filter input drop in blue icmpv6 echo-request", "fd03::1", "r drops the request"),
        (f"{INTO}; nat masquerade ipv6 out blue", "fd03::2", "r masquerades one connection at v3 and elsewhere"),
    ],
)
def test_the_devices_that_a_table_sees(more: str, target: str, said: str) -> None:
    net = Net(topology_of(LAB.replace("MORE", more)))
    found = ping(net, NetnsKey("host", "a"), ip_address(target))
    assert said in (str(found.ttl) if found.answered else reason(net, found.last).text)


TUNNELS = """
in a {
  vxlan x 10.5.0.2/24 { id 1; dstport 4789; remote 10.1.0.1 }
  gretap t 10.6.0.2/24 { local 10.1.0.2; remote 10.1.0.1 }
}
in r {
  vxlan x 10.5.0.1/24 PARENT { id 1; dstport 4789; remote 10.1.0.2 }
  gretap t 10.6.0.1/24 { local 10.1.0.1; remote 10.1.0.2 }
}
"""
DEAF = "does not hear what comes in by the VRF r:red while net.ipv4.udp_l3mdev_accept is 0"


@pytest.mark.parametrize(
    ("parent", "more", "target", "said"),
    [
        ("on v1", "", "10.5.0.1", "64"),
        ("on red", "", "10.5.0.1", "64"),
        ("", "route 10.1.0.2/32 dev v1", "10.5.0.1", DEAF),
        ("", "route 10.1.0.2/32 dev v1; sysctl net.ipv4.udp_l3mdev_accept = 1", "10.5.0.1", "64"),
        ("on v3", "", "10.5.0.1", "r:x hears only what comes in by the VRF r:blue, and this comes by the VRF r:red"),
        ("", "", "10.6.0.1", "r has no route to 10.1.0.2"),
        ("", "route 10.1.0.2/32 dev v1", "10.6.0.1", "64"),  # which asks for no socket
    ],
)
def test_sockets_of_tunnels_hear_vrfs_or_not(parent: str, more: str, target: str, said: str) -> None:
    lab = LAB.replace("MORE", more) + TUNNELS.replace("PARENT", parent)
    net = Net(topology_of(lab))
    found = ping(net, NetnsKey("host", "a"), ip_address(target))
    assert said in (str(found.ttl) if found.answered else reason(net, found.last).text)


@pytest.mark.parametrize(
    ("target", "own", "source"),
    [
        ("10.7.0.2", "10.8.0.1/32", "10.8.0.1"),  # before 10.3.0.1 of another member
        ("10.7.0.2", "", "10.3.0.1"),
        ("fd07::2", "", "unknown"),  # fd03::1, or the member's own link-local one, alone with it and the VRF's device
        ("fd07::2", "fd08::1/128", "fd03::1"),  # which has more bits in common with the target
        ("fd07::2", "fd06::1/128", "fd06::1"),
    ],
)
def test_a_member_without_an_address_sends_from_another(target: str, own: str, source: str) -> None:
    more = "route 10.7.0.0/24 dev w vrf blue; route fd07::/64 dev w vrf blue"
    lab = LAB.replace("MORE", f"{more}; rule pref 9 to 10.7.0.0/24 lookup 20; rule pref 9 to fd07::/64 lookup 20")
    lab = lab.replace("vrf blue 10.8.0.1/32 fd08::1/128", f"vrf blue {own}")
    lab += "veth r:w { master blue; mac 02:00:00:00:00:07 } -- d:e 10.7.0.2/24 fd07::2/64\nnetns d"
    net = Net(topology_of(lab))
    found = ping(net, NetnsKey("host", "r"), ip_address(target))
    assert ("unknown" if found.unknown else str(found.there.source)) == source


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        ("10.1.0.1", ["N363"]),
        ("10.1.0.1 dev red", []),
        ("10.1.0.1 dev v2", []),
        ("10.1.0.1 dev v3", ["N363"]),
        ("fd01::1", ["N363"]),
        ("fd01::1 dev v1", []),
        ("10.3.0.1 dev v3", []),
        ("10.77.0.1", ["N363"]),
    ],
)
def test_a_port_is_bound_to_an_address_of_its_own_vrf(where: str, codes: list[str]) -> None:
    lab = LAB.replace("MORE", f"fou 5555 gue local {where}")
    assert [finding.code for finding in compile_text(lab).findings] == codes


IN_UDP = """
in a {
  l2tp l 10.7.0.2/24 { local 10.1.0.2; remote 10.1.0.1; tunnel-id 1; session-id 1; peer-tunnel-id 1; peer-session-id 1 }
  fou 5555 ipproto 47
  gre g 10.8.0.2/24 { local 10.1.0.2; remote 10.1.0.1; encap fou; encap-dport 5555 }
}
in r {
  l2tp l 10.7.0.1/24 { local 10.1.0.1; remote 10.1.0.2; tunnel-id 1; session-id 1; peer-tunnel-id 1; peer-session-id 1 }
  fou 5555 ipproto 47 WHERE
  gre g 10.8.0.1/24 { local 10.1.0.1; remote 10.1.0.2; encap fou; encap-dport 5555 }
}
"""
ACCEPTS = "sysctl net.ipv4.udp_l3mdev_accept = 1"


@pytest.mark.parametrize(
    ("where", "more", "target", "said"),
    [
        ("", "", "10.7.0.1", f"r:l {DEAF}"),
        ("", ACCEPTS, "10.7.0.1", "64"),
        ("", "", "10.8.0.1", f"the `fou` of r {DEAF}"),
        ("", ACCEPTS, "10.8.0.1", "64"),
        ("local 10.1.0.1 dev red", "", "10.8.0.1", "64"),
        ("local 10.1.0.1 dev v1", "", "10.8.0.1", "64"),
        ("local 10.1.0.1 dev v3", "", "10.8.0.1", "r has no `fou` that takes GRE in FOU"),
    ],
)
def test_l2tp_and_fou_hear_vrfs_or_not(where: str, more: str, target: str, said: str) -> None:
    lab = LAB.replace("MORE", f"route 10.1.0.2/32 dev v1; {more}") + IN_UDP.replace("WHERE", where)
    net = Net(topology_of(lab))
    found = ping(net, NetnsKey("host", "a"), ip_address(target))
    assert said in (str(found.ttl) if found.answered else reason(net, found.last).text)


@pytest.mark.parametrize(
    ("route", "codes"),
    [
        ("route 10.1.0.0/24 dev v2 vrf red", ["N215"]),
        ("route 10.1.0.1/32 dev v2 table 10", ["N215"]),
        ("route 10.9.0.0/24 dev v2 table 10; route 10.9.0.0/24 dev v1 vrf red", ["N215"]),
        ("route 10.1.0.0/24 dev v1 vrf blue; route 10.2.0.0/24 dev v2", []),
        ("route fd01::/64 dev v2 vrf red; route fd01::1/128 dev v2 vrf red", []),
    ],
)
def test_the_table_of_a_vrf_has_the_routes_of_its_members(route: str, codes: list[str]) -> None:
    found = [finding.code for finding in compile_text(LAB.replace("MORE", route)).findings]
    assert [code for code in found if code == "N215"] == codes
