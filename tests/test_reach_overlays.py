"""The forwarding model through tunnels and between hosts, as its users see it; tests/kernel judges it."""

from __future__ import annotations

import re

import pytest

from netc.reach.hop import Stop
from netc.reach.net import net_of
from netc.reach.pings import ping
from netc.reach.trace import trace_of
from netc.reach.wire import mtu_of
from tests.compiled import ROOT, compile_text
from tests.labs import topology_of

VTEPS = """
netns sw { bridge br0 }
for n in 1..2 {
  netns h${n} {
    veth e0 10.0.0.${n}/24 -- sw:br0
    vxlan vx0 10.9.0.${n}/24 on e0 {
      id 7
      dstport 4789
      local 10.0.0.${n}
      remote 10.0.0.${3 - n}
    }
  }
}
expect h1:vx0 <-> h2:vx0 mtu 1450
"""


def trace(lab: str, source: str, target: str) -> str:
    return trace_of(topology_of(lab), source, target)[0]


def codes(lab: str) -> list[str]:
    return [finding.code for finding in compile_text(lab).findings]


@pytest.mark.parametrize(
    "name",
    [
        "calico-cross-subnet",
        "calico-ipip",
        "flannel-direct-routing",
        "flannel-dual-stack",
        "flannel-host-gw",
        "flannel-vxlan",
        "tunnel-links",
        "tunnels",
        "vxlan-static",
    ],
)
def test_expectations_across_hosts_are_proved(name: str) -> None:
    compiled = compile_text((ROOT / "examples" / f"{name}.net").read_text(encoding="utf-8"))
    assert len(compiled.topology.expectations) > 2
    assert [finding.message for finding in compiled.findings] == []


def test_a_trace_shows_the_outer_packet() -> None:
    lab = (ROOT / "examples" / "flannel-direct-routing.net").read_text(encoding="utf-8")
    text = trace(lab, "a", "c")
    wrapped = "in VXLAN 1, UDP port 8472 by n1:flannel.1: 192.168.50.11 -> 192.168.60.13, n1 -> router -> n3, taken by"
    assert f"{wrapped} n3:flannel.1" in text
    assert text.count("in VXLAN") == 2  # there and back
    assert "answered, ttl 62" in text


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("id 7", "id ${n}", "h2 has no tunnel that takes VXLAN 1, UDP port 4789"),
        ("dstport 4789", "dstport ${4788 + n}", "h2 has no tunnel that takes VXLAN 7, UDP port 4789"),
        ("remote 10.0.0.${3 - n}", "remote 10.0.0.${4 - n}", "the ARP request of h1:e0 for 10.0.0.3 is not answered"),
        ("      local 10.0.0.${n}", "      local 10.0.0.${n + 4}", "h1 does not have the address 10.0.0.5"),
        ("on e0 {", "on e0 { ttl 1;", None),
        ("remote 10.0.0.${3 - n}", "remote 10.9.0.${3 - n}", "the outer packets of h1:vx0 go into itself"),
    ],
)
def test_what_loses_an_outer_packet_is_told(old: str, new: str, why: str | None) -> None:
    lab = VTEPS.replace(old, new).replace(" on e0 {", " {" if "10.9.0" in new else " on e0 {")
    assert lab != VTEPS
    text = trace(lab.replace(" mtu 1450", ""), "h1:vx0", "h2:vx0")
    assert (why or "answered, ttl 64") in text
    assert ("N409" in codes(lab)) is (why is not None)


def test_the_ttl_of_an_outer_packet_can_end_on_the_way() -> None:
    lab = (ROOT / "examples" / "vxlan-bridge.net").read_text(encoding="utf-8")
    for ttl, told in ((1, "the TTL of 1 ends on the way to h2"), (2, "answered, ttl 64")):
        assert told in trace(lab.replace("id 7\n", f"id 7; ttl {ttl}\n"), "pod11", "pod22")


def test_tunnels_that_go_through_each_other_come_to_nothing() -> None:
    lab = "netns a { veth e 10.0.0.1/24 -- b:e 10.0.0.2/24 }; netns b\n"
    for netns, own, far in (("a", 1, 2), ("b", 2, 1)):
        for number in (1, 2):
            head = f"vxlan v{number} 10.{number}.0.{own}/24 {{ id {number}; dstport 4789"
            lab += f"in {netns} {{ {head}; remote 10.{3 - number}.0.{far} }} }}\n"
    net = net_of(topology_of(lab))
    a, b = (next(key for key in net.topology.netnses if key.netns == name) for name in "ab")
    target = next(address.ip for address, device in net.topology.addresses_of(b) if device.name == "v1")
    assert ping(net, a, target).there.stop in {Stop.NO_NEIGHBOUR, Stop.UNKNOWN}


def test_what_else_is_on_a_segment_stays_unknown() -> None:
    lab = """
segment lan 10.0.0.0/24
host n1 { uplink eth0 10.0.0.1/24 on lan }
host n2 { uplink eth0 10.0.0.2/24 on lan; netns a { veth e 10.1.0.2/24 -- n2:h 10.1.0.1/24 } }
"""
    assert "answered, ttl 64" in trace(lab, "n1", "n2")
    wider = lab.replace("n1 { uplink eth0 10.0.0.1/24", "n1 { route 10.1.0.0/24 via 10.0.0.9; uplink eth0 10.0.0.1/24")
    assert "unknown: netc does not know what lies beyond n1:eth0" in trace(wider, "n1", "a")


def test_a_segment_with_a_source_check_passes_the_uplinks_packets_alone() -> None:
    lab = (ROOT / "examples" / "flannel-host-gw.net").read_text(encoding="utf-8")
    lab = lab.replace("segment lan 192.168.50.0/24", "segment lan 192.168.50.0/24 { source-check on }")
    assert "unknown: lan passes only packets from and to its uplinks' own addresses" in trace(lab, "a", "c")
    assert "answered" in trace(re.sub("backend host-gw", "backend vxlan", lab), "a", "c")
    assert "answered" in trace(lab, "n1", "n2")


def test_a_vxlan_that_sends_to_itself_makes_its_bridge_forget_where_senders_are() -> None:
    """Found by a random lab: the kernel's bridge learns the sender behind the VXLAN, and replies go there."""
    lab = (ROOT / "examples" / "vxlan-bridge.net").read_text(encoding="utf-8")
    lab = lab.replace("netns core", "in h1 { fdb default dev vx0 dst 192.168.1.2 }\nnetns core")
    assert "unknown: what h1:vx0 sends comes back to it" in trace(lab, "pod11", "pod21")
    assert "unknown: what h1:vx0 sends comes back to it" in trace(lab, "pod21", "pod11")
    assert "answered" in trace(lab, "pod21", "pod22")


PIPES = """
netns r { forward ipv4 }
netns a { veth e 10.0.1.2/24 fd00:1::2/64 -- r:a 10.0.1.1/24; route default via 10.0.1.1 }
netns b { veth e 10.0.2.2/24 -- r:b 10.0.2.1/24; route default via 10.0.2.1 }
in a { gre t 10.9.0.1/30 fd09::1/64 { local 10.0.1.2; remote 10.0.2.2; key 5 } }
in b { gre t 10.9.0.2/30 fd09::2/64 { local 10.0.2.2; remote 10.0.1.2; key 5 } }
expect a:t <-> b:t
"""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("", "", "answered, ttl 64"),
        ("remote 10.0.2.2; key 5", "remote 10.0.2.2; key 6", "b has no tunnel that takes GRE, key 6"),
        ("remote 10.0.1.2; key 5", "remote 10.0.2.1; key 5", "b has no tunnel that takes GRE, key 5"),
        ("remote 10.0.2.2; key 5", "remote 10.0.2.2; key 5; ttl 1", "the TTL of 1 ends on the way to b"),
        ("remote 10.0.2.2; key 5", "remote 10.0.2.2; key 5; csum on", "b has no tunnel that takes GRE, key 5"),
        ("remote 10.0.1.2; key 5", "remote 10.0.1.2; key 5; oseq on", "answered, ttl 64"),
        ("remote 10.0.2.2; key 5", "remote 10.0.9.9; key 5", "r has no route to 10.0.9.9"),
        ("gre t 10.9.0.1/30 fd09::1/64 {", "gre t 10.9.0.1/30 fd09::1/64 { external on;", "unknown: "),
        ("forward ipv4", "", "r does not forward IPv4"),
    ],
)
def test_a_tunnel_of_packets_asks_for_nobody_and_has_a_far_end(old: str, new: str, why: str) -> None:
    text = trace(PIPES.replace(old, new), "a:t", "b:t")
    assert text.count(why) == 2  # over IPv4 and IPv6


def test_a_sender_of_numbers_is_taken_where_nobody_counts_and_not_the_other_way() -> None:
    text = trace(PIPES.replace("remote 10.0.1.2; key 5", "remote 10.0.1.2; key 5; iseq on"), "a:t", "b:t")
    assert "b has no tunnel that takes GRE, key 5" in text


def test_over_ipv6_a_tunnel_without_a_local_address_sends_nothing() -> None:
    """Found by a random lab (kernel net/ipv6/ip6_tunnel.c, ip6_tnl_xmit_ctl)."""
    lab = """
netns a { veth e fd00::1/64 -- b:e fd00::2/64 }
netns b
in a { ip6gre t 10.9.0.1/30 { remote fd00::2 } }
in b { ip6gre t 10.9.0.2/30 { local fd00::2; remote fd00::1 } }
"""
    assert "or no address to send it from" in trace(lab, "a:t", "b:t")
    assert "answered, ttl 64" in trace(lab.replace("remote fd00::2 }", "local fd00::1; remote fd00::2 }"), "a:t", "b:t")


def test_what_a_tunnel_carries_has_the_room_that_its_outer_packet_leaves() -> None:
    wide = PIPES.replace("key 5 }", "key 5; mtu 1500 }")
    assert "packets of up to 1472 bytes pass: a:t" in trace(PIPES, "a:t", "b:t")  # 20 for IP, 8 for GRE and the key
    assert "packets of up to 1472 bytes pass: a:e" in trace(wide, "a:t", "b:t")
    narrow = wide.replace("r:b 10.0.2.1/24", "r:b 10.0.2.1/24 { mtu 1400 }").replace(
        "veth e 10.0.2.2/24 --", "veth e 10.0.2.2/24 { mtu 1400 } --"
    )
    assert "packets of up to 1372 bytes pass: r:b" in trace(narrow, "a:t", "b:t")
    # An outer packet without DF may be cut by r, and not by a, which tells the sender what passes whole.
    cut = VTEPS.replace("netns sw { bridge br0 }", "netns sw { bridge br0 }\nnetns x")
    assert "packets of up to 1450 bytes pass" in trace(
        cut.replace("id 7\n", "id 7; mtu 1500\n").replace(" on e0 {", " {"), "h1:vx0", "h2:vx0"
    )


GROUP = """
netns sw { bridge br0 }
for n in 1..3 {
  netns h${n} {
    veth e0 10.0.0.${n}/24 fd00::${n}/64 -- sw:br0
    vxlan vx0 10.9.0.${n}/24 on e0 { id 7; dstport 4789; group 239.1.1.1 }
    vxlan six 10.8.0.${n}/24 on e0 { id 8; dstport 4790; group ff05::8 }
  }
}
expect h1:vx0 <-> h2:vx0
expect h1:six <-> h3:six
"""


def test_who_has_joined_a_group_takes_what_is_sent_to_it() -> None:
    assert codes(GROUP) == []
    text = trace(GROUP, "h1:vx0", "h2:vx0")
    assert "in VXLAN 7, UDP port 4789 by h1:vx0: 10.0.0.1 -> 10.0.0.2, h1 -> h2, taken by h2:vx0" in text  # it learns
    assert "-> 239.1.1.1, h1 -> h2" in trace(GROUP.replace("239.1.1.1", "239.1.1.1; learning off"), "h1:vx0", "h2:vx0")
    assert "fd00::1 -> fd00::3" in trace(GROUP, "h1:six", "h3:six")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("group 239.1.1.1", "group 239.1.1.${n}", "no other device on the link of h1:e0 has joined the group"),
        ("id 7", "id ${n}", "h3 has no tunnel that takes VXLAN 1"),
        ("group 239.1.1.1", "group 239.1.1.1; local 10.0.0.9", "h1 does not have the address 10.0.0.9"),
        ("veth e0 10.0.0.${n}/24", "sysctl net.ipv4.conf.all.rp_filter = 1; veth e0 10.0.0.${n}/32", "N409"),
        ("sw { bridge br0 }", "sw { bridge br0 }; netns x { veth p -- sw:br0 { mcast-flood off } }", "unknown"),
        ("netns h${n} {", "netns h${n} { filter input drop tcp;", "unknown: h1 has a table"),
    ],
)
def test_who_has_not_joined_a_group_or_refuses_the_source_gets_nothing(old: str, new: str, why: str) -> None:
    lab = GROUP.replace(old, new)
    assert lab != GROUP
    assert why in trace(lab, "h1:vx0", "h2:vx0") or why in codes(lab)


def test_a_source_that_the_device_makes_itself_is_unknown() -> None:
    lab = GROUP.replace("ff05::8", "ff02::8")
    assert "unknown: netc does not know from which address of h1:e0" in trace(lab, "h1:six", "h2:six")


def test_what_a_vxlan_learns_is_bound_to_no_device() -> None:
    """Found by a random lab: the way to `remote` is the parent's link, and that to what answers is by the routes."""
    lab = """
netns a { veth e 10.0.0.1/24 -- b:e 10.0.0.2/32; vxlan v 10.9.0.1/24 on e { id 7; dstport 4789; group 239.1.1.1 } }
netns b { vxlan v 10.9.0.2/24 on e { id 7; dstport 4789; remote 10.0.0.1 } }
"""
    lost = trace(lab, "b:v", "a:v")
    assert "10.9.0.1 answered by a:v" in lost
    assert "not answered: the outer packet of b:v to 10.0.0.1 comes to nothing: b has no route to 10.0.0.1" in lost
    assert "\nanswered, ttl 64" in trace(lab.replace("10.0.0.2/32", "10.0.0.2/24"), "b:v", "a:v")
    assert "\nanswered, ttl 64" in trace(lab.replace("remote 10.0.0.1", "remote 10.0.0.1; learning off"), "b:v", "a:v")


def test_mtus_of_tunnels_are_what_the_kernel_makes_of_them() -> None:
    """As seen on kernel 6.1: the parent's MTU caps a VXLAN's, and GENEVE asks the route when it is made."""
    lab = """
netns b { bridge br 10.2.0.2/24 { mtu 1300 } }
netns a {
  geneve near { id 1; remote 10.0.0.2 }
  geneve far { id 2; remote 10.9.0.1 }
  veth e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 { mtu 1400 }
  veth f -- b:br
  geneve six { id 3; remote fd00::2 }
  vxlan capped on e { id 1; dstport 4789; remote 10.0.0.2; mtu 9000 }
  vxlan free { id 1; dstport 4790; remote 10.0.0.2; mtu 9000 }
  gretap wide on e { remote 10.0.0.2; mtu 4000 }
}
in b { geneve late { id 4; remote 10.2.0.3 }; gre routed { remote 10.2.0.3 } }
"""
    topology = topology_of(lab)
    mtus = {key.name: mtu_of(topology, key) for key in topology.devices}
    want = {"near": 1350, "far": 1500, "six": 1330, "capped": 1350, "free": 9000, "wide": 4000, "late": 1500}
    assert mtus | want | {"routed": 1476} == mtus


HUB = """
veth hub:s 10.0.1.1/24 -- spoke:e 10.0.1.2/24
netns hub { wireguard wg0 10.9.0.1/24 { listen-port 51820; peer spoke:wg0 { allowed-ips 10.9.0.2 } } }
netns spoke {
  wireguard wg0 10.9.0.2/24 {
    listen-port 51821
    peer hub:wg0 { endpoint 10.0.1.1:51820; allowed-ips 10.9.0.0/24; persistent-keepalive 5 }
  }
}
"""


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        ("", "", "answered, ttl 64", "answered, ttl 64"),
        ("; persistent-keepalive 5", "", "answered, ttl 64", "unknown: hub:wg0 sends to spoke:wg0"),
        (" endpoint 10.0.1.1:51820;", "", "spoke:wg0 knows no endpoint", "hub:wg0 knows no endpoint"),
        ("10.0.1.1:51820", "10.0.1.1:51829", "hub has no tunnel that takes WireGuard", "hub:wg0 hears nothing"),
        ("10.9.0.0/24;", "10.9.1.0/24;", "no peer of spoke:wg0 is allowed 10.9.0.1", "takes packets from 10.9.0.1"),
        ("allowed-ips 10.9.0.2 ", "allowed-ips 10.9.0.3 ", "takes packets from 10.9.0.2", "no peer of hub:wg0"),
        ("peer spoke:wg0 {", 'peer { public-key "' + "A" * 43 + '=";', "unknown:", "unknown:"),
        ("netns spoke {", "netns spoke { filter input drop udp 51821", "not answered: spoke:wg0", "not answered: "),
    ],
)
def test_wireguard_shakes_hands_before_it_carries(old: str, new: str, there: str, back: str) -> None:
    lab = HUB.replace(old, new, 1)
    assert there in trace(lab, "spoke", "10.9.0.1")
    assert back in trace(lab, "hub", "10.9.0.2")


def test_the_example_of_wireguard_is_proved() -> None:
    compiled = compile_text((ROOT / "examples" / "wireguard.net").read_text(encoding="utf-8"))
    assert [finding.message for finding in compiled.findings] == []


def test_a_vxlan_that_sends_to_its_own_namespace_is_not_known_where_that_forwards() -> None:
    """What its far end takes is its own: the frame comes in again past the network, for whomever it is."""
    far = "neigh 10.9.0.2 lladdr 02:00:00:00:00:02 dev vx0; fdb 02:00:00:00:00:02 dev vx0 dst 10.0.0.1"
    lab = f"""
netns a {{ veth e 10.0.0.1/24 -- b:e 10.0.0.2/24; vxlan vx0 10.9.0.1/24 {{ id 7; dstport 4789 }}; {far} }}
netns b {{ vxlan vx0 10.9.0.2/24 {{ id 7; dstport 4789; mac 02:00:00:00:00:02 }} }}
"""
    assert "nothing: a:vx0 sends to its own namespace, which does not forward it" in trace(lab, "a", "10.9.0.2")
    assert "unknown: a:vx0 sends to its own namespace" in trace(lab + "in a { forward ipv4 }", "a", "10.9.0.2")
    assert "unknown" not in trace(lab.replace("dst 10.0.0.1", "dst 10.0.0.2"), "a", "10.9.0.2")


def test_a_sit_sends_what_its_mode_does_not_take() -> None:
    """An IPIP tunnel between the same addresses takes it."""
    lab = """
netns a; netns b
veth a:e 10.0.0.1/24 -- b:e 10.0.0.2/24
sit a:t 10.9.0.1/24 -- b:t 10.9.0.2/24 { mode ip6ip }
"""
    beside = "ipip a:u 10.8.0.1/24 -- b:u 10.8.0.2/24\n"
    assert "not answered" in trace(lab, "a", "10.9.0.2")
    assert "taken by b:u" in trace(lab + beside, "a", "10.9.0.2")


def test_a_far_end_that_answers_no_question_may_be_known_by_its_own() -> None:
    quiet = VTEPS + "in h1 { sysctl net.ipv4.conf.all.arp_ignore = 8 }\n"
    assert "may know h1:e0, which does not answer it" in trace(quiet, "h2", "10.9.0.1")


def test_a_route_by_lo_brings_outer_packets_back() -> None:
    lab = """
    netns sw { bridge br0 }
    for n in 1..3 {
      netns h${n} {
        veth e 10.50.0.${n}/24 -- sw:br0
        bridge br0
        vxlan vx0 { id 7; dstport 4789; master br0 }
        veth p { master br0 } -- p${n}:e 10.77.0.${n}/24
      }
      netns p${n}
    }
    in h1 { fdb default dev vx0 dst 10.50.0.2; fdb default dev vx0 dst 10.50.0.3 }
    in h2 { fdb default dev vx0 dst 10.50.0.1; fdb default dev vx0 dst 10.50.0.3 }
    in h3 { fdb default dev vx0 dst 10.50.0.1; fdb default dev vx0 dst 10.50.0.2 }
    """
    assert "answered, ttl 64" in trace(lab, "p1", "p2")
    told = trace(f"{lab}\nin h2 {{ route 10.50.0.3/32 dev lo }}", "p1", "p2")
    assert "unknown: what h2:vx0 sends comes back to it" in told
