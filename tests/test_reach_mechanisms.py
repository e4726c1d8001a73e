"""What the comparison with the kernel covers: the table of mechanisms, and that the generators draw each of them."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.labs import bound
from tests.reach.mechanisms import mechanisms, table
from tests.reach.oracle import read
from tests.reach.run import DRAWS

LAB = """
netns a {
  veth e 10.1.0.2/24 -- r:a 10.1.0.1/24 { proxy-arp on; rp-filter 1; mtu 1400 }
  route default via 10.1.0.1
}
netns c { macvlan m 10.1.0.3/24 on a:e { mode passthru } }
netns r {
  rule pref 5 not from 10.1.0.0/24 iif a lookup 7
  route unreachable 10.9.0.0/16
  route 10.8.0.0/16 table 7 nexthop via 10.1.0.2 nexthop via 10.1.0.3
  neigh proxy 10.1.0.9 dev a
  nat dnat daddr 10.1.0.1 to 10.1.0.3
}
"""


def test_mechanisms_are_read_off_the_topology() -> None:
    case = read("lab", LAB)
    assert case.topology is not None, case.refused
    assert mechanisms(case.topology, [pair.ping for pair in case.asked]) == {
        "address: IPv4",
        "device macvlan",
        "device veth",
        "mistake N217 gw-nobody",
        "mistake N443 nat-no-forward",
        "nat dnat",
        "neighbour entry: proxy IPv4",
        "option mode passthru",
        "option mtu",
        "parameter proxy_arp = 1",
        "parameter rp_filter = 1",
        "ping ends: it is sent, and does not get to the next hop",
        "ping ends: nobody on the segment answers for the next hop",
        "ping ends: proxy ARP for the next hop has no route to it",
        "ping ends: the namespace does not forward",
        "ping ends: the namespace has no route to it",
        "route: in a table of its own",
        "route: several next hops",
        "route: unicast",
        "route: unreachable",
        "rule: from",
        "rule: iif",
        "rule: lookup",
        "rule: not",
        "rule: several selectors",
    }


def test_the_table_is_sorted_and_lined_up() -> None:
    assert list(table(7, Counter({"nat snat": 2, "device veth": 7}))) == [
        "             of 7 labs",
        "device veth  7",
        "nat snat     2",
    ]


@pytest.mark.parametrize(
    ("which", "drawn"),
    [
        (
            "routes",
            """
            device veth, device bridge, device vxlan, FDB entry, address: IPv4, address: IPv6, option mtu
            option nf-call, filter forward drop, filter input drop, filter output drop
            nat dnat, nat masquerade, nat snat, mistake N206 network-as-host, mistake N218 lo-subnet
            neighbour entry: permanent IPv4, neighbour entry: proxy IPv4, neighbour entry: proxy IPv6
            parameter forwarding = 1, parameter proxy_arp = 1, parameter proxy_arp_pvlan = 1, parameter proxy_ndp = 1
            parameter rp_filter = 1, parameter rp_filter = 2, parameter accept_local = 1, parameter arp_ignore = 1
            parameter arp_filter = 1, parameter arp_announce = 2
            route: blackhole, route: unreachable, route: prohibit, route: throw, route: several next hops, route: src
            route: by a device alone, route: onlink, route: metric, route: in a table of its own
            rule: from, rule: to, rule: iif, rule: not, rule: several selectors, rule: lookup, rule: goto
            rule: blackhole
            """,
        ),
        ("wires", "device macvlan, option mode passthru, option hairpin, option isolated, option mtu, route: mtu"),
        (
            "machine",
            """
            device bond, device ipvlan, device vlan, device vrf, device vxlan, option group, option vlan-filtering
            route: in a VRF
            """,
        ),
        (
            "tunnels",
            """
            device geneve, device gre, device gretap, device ip6gre, device ip6gretap, device ip6tnl, device ipip
            device sit, device vxlan
            """,
        ),
        ("peers", "device wireguard, option peer, filter input drop, filter output drop"),
    ],
)
def test_each_mechanism_is_drawn(which: str, drawn: str) -> None:
    found: Counter[str] = Counter()
    for seed in range(1, 151):
        found.update(mechanisms(bound(DRAWS[which](seed))[0]))
    wanted = [name.strip() for line in drawn.strip().splitlines() for name in line.split(",")]
    assert set(wanted) - set(found) == set()
