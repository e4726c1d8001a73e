"""The forwarding model at devices for programs, in teams, through ERSPAN, L2TP and UDP; tests/kernel judges it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from netc.reach.neighbour import Reply, ask
from netc.reach.net import net_of
from netc.reach.pings import ping
from netc.reach.trace import trace_of
from netc.reach.wire import mtu_of
from netc.topology.model import DeviceKey, NetnsKey
from tests.compiled import ROOT, compile_text
from tests.labs import topology_of


def trace(lab: str, source: str, target: str) -> str:
    return trace_of(topology_of(lab), source, target)[0]


TAPS = """
netns sw { bridge br0 10.0.0.1/24; tap vm { master br0 } }
netns a { veth e -- sw:br0 }
netns b { macvtap t 10.0.0.2/24 on a:e { mode bridge } }
netns c { macvlan m 10.0.0.3/24 on a:e { mode bridge } }
netns d { tap t 10.1.0.1/24; ifb i 10.2.0.1/24; nlmon n 10.3.0.1/24 }
"""


@pytest.mark.parametrize(("source", "target"), [("sw", "b"), ("b", "c"), ("c", "b"), ("c", "sw")])
def test_without_a_program_a_macvtap_is_a_macvlan(source: str, target: str) -> None:
    assert "answered, ttl 64" in trace(TAPS, source, target)
    assert ("unknown: " in trace(f"{TAPS}in d {{ exec qemu }}", source, target)) == ("b" in {source, target})


@pytest.mark.parametrize(
    ("device", "ip", "why"),
    [
        ("sw:br0", "10.0.0.9", "netc does not know which program has sw:vm open"),
        ("c:m", "10.0.0.9", "netc does not know which program has the file of b:t open"),
        ("d:t", "10.1.0.2", "netc does not know which program has d:t open"),
        ("d:i", "10.2.0.2", None),
        ("d:n", "10.3.0.2", None),
    ],
)
def test_who_does_not_answer_may_be_behind_a_program(device: str, ip: str, why: str | None) -> None:
    topology = topology_of(TAPS)
    key = next(key for key in topology.devices if key.label == device)
    answer = ask(net_of(topology), key, ip_address(ip))
    assert (answer.reply, answer.why) == ((Reply.UNKNOWN, why) if why else (Reply.NOBODY, ""))


def _reached(one: str, two: str, cables: str) -> set[str]:
    text = (
        f"netns a {{ {one.replace('NAME', 'b 10.0.0.1/24')} }}\nnetns b {{ {two.replace('NAME', 'b 10.0.0.2/24')} }}\n"
    )
    topology = topology_of(text + "\n".join(cables.strip().splitlines()))
    there, back = (device for key, device in topology.devices.items() if key.name == "b")
    net = net_of(topology)
    pings = (ping(net, near.key.netns, far.addresses[0].ip) for near, far in ((there, back), (back, there)))
    return {"unknown" if found.unknown else "yes" if found.answered else "no" for found in pings}


STRAIGHT = "veth a:e0 { master b } -- b:e0 { master b }\nveth a:e1 { master b } -- b:e1 { master b }"
CROSSED = "veth a:e0 { master b } -- b:e1 { master b }\nveth a:e1 { master b } -- b:e0 { master b }"


@pytest.mark.parametrize(
    ("one", "two", "cables", "reached"),
    [
        ("team NAME { mode roundrobin }", "team NAME { mode random }", STRAIGHT, "yes"),
        ("team NAME { mode broadcast }", "bond NAME { mode balance-rr; miimon 50 }", CROSSED, "yes"),
        ("team NAME { mode loadbalance }", "team NAME { mode loadbalance }", CROSSED, "yes"),
        ("team NAME { mode activebackup; active-port e0 }", "team NAME { mode loadbalance }", STRAIGHT, "yes"),
        ("team NAME { mode activebackup; active-port e1 }", "team NAME { mode loadbalance }", STRAIGHT, "no"),
        ("team NAME { mode activebackup }", "team NAME { mode loadbalance }", STRAIGHT, "no"),
        ("team NAME { mode roundrobin }; exec teamd", "team NAME { mode random }", STRAIGHT, "unknown"),
        ("team NAME { mode roundrobin }", "bond NAME { mode active-backup; miimon 50 }", STRAIGHT, "unknown"),
    ],
)
def test_a_team_sends_by_one_port_or_any(one: str, two: str, cables: str, reached: str) -> None:
    assert _reached(one, two, cables) == {reached}


MIRRORED = """
netns a {{ veth e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 fd00::2/64 }}
netns b
in a {{ {near} t 10.9.0.1/24 {{ local {ips[0]}; remote {ips[1]}; {near_says} }} }}
in b {{ {far} t 10.9.0.2/24 {{ local {ips[1]}; remote {ips[0]}; {far_says} }} }}
"""


@pytest.mark.parametrize(
    ("near", "far", "near_says", "far_says", "why"),
    [
        ("erspan", "erspan", "key 5", "key 5", "answered, ttl 64"),
        ("erspan", "erspan", "key 5", "key 5; erspan-ver 2", "answered, ttl 64"),
        ("erspan", "erspan", "key 5", "key 6", "b has no tunnel that takes ERSPAN, session 5"),
        ("erspan", "erspan", "key 5", "erspan-ver 0", "b has no tunnel that takes ERSPAN, session 5"),
        ("erspan", "erspan", "erspan-ver 0", "erspan-ver 0", "answered, ttl 64"),
        ("erspan", "gretap", "key 5", "key 5; seq on", "b has no tunnel that takes ERSPAN, session 5"),
        ("ip6erspan", "ip6erspan", "key 5", "key 5; erspan-ver 2", "answered, ttl 64"),
        ("ip6erspan", "ip6gretap", "key 5", "key 5; seq on", "answered, ttl 64"),
        ("ip6erspan", "ip6gretap", "key 5", "key 5", "a has no tunnel that takes GRE, key 5"),
    ],
)
def test_erspan_goes_by_its_session(near: str, far: str, near_says: str, far_says: str, why: str) -> None:
    ips = ("fd00::1", "fd00::2") if near.startswith("ip6") else ("10.0.0.1", "10.0.0.2")
    lab = MIRRORED.format(near=near, far=far, near_says=near_says, far_says=far_says, ips=ips)
    assert why in trace(lab, "a:t", "b:t")


SESSIONS = """
netns a {{ veth e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 fd00::2/64 }}
netns b
in a {{ l2tp t 10.9.0.1/24 {{ local {ips[0]}; remote {ips[1]}; tunnel-id 1; session-id 2; {near} }} }}
in b {{ l2tp t 10.9.0.2/24 {{ local {ips[1]}; remote {ips[0]}; tunnel-id 1; session-id 2; {far} }} }}
"""
ONE_SESSION = "b has no tunnel that takes L2TP session 2, UDP port 1701"


@pytest.mark.parametrize(
    ("near", "far", "why"),
    [
        ("", "", "answered, ttl 64"),
        ("encap ip", "encap ip", "answered, ttl 64"),
        ("udp-sport 5; udp-dport 6", "udp-sport 6; udp-dport 5", "answered, ttl 64"),
        ("udp-sport 5", "", ONE_SESSION),
        ("", "encap ip", ONE_SESSION),
        # Over IP any session will do, that of a tunnel over UDP as well, on a machine that has L2TP over IP at all.
        ("encap ip", "", "a has no tunnel that takes L2TP session 2, UDP port 1701"),
        ("peer-session-id 7", "", "b has no tunnel that takes L2TP session 7, UDP port 1701"),
        ("cookie 01234567", "", ONE_SESSION),
        ("cookie 01234567", "peer-cookie 01234567", "answered, ttl 64"),
        ("l2spec-type none", "", ONE_SESSION),
        ("seq send", "", "answered, ttl 64"),
        ("", "seq both", "unknown: netc does not know whether b:t takes L2TP session 2"),
    ],
)
def test_l2tp_goes_by_session_and_socket(near: str, far: str, why: str) -> None:
    assert why in trace(SESSIONS.format(near=near, far=far, ips=("10.0.0.1", "10.0.0.2")), "a:t", "b:t")


def test_l2tp_over_ipv6_wants_a_checksum() -> None:
    lab = SESSIONS.format(near="udp6-csum-tx off", far="{}", ips=("fd00::1", "fd00::2"))
    assert ONE_SESSION in trace(lab.replace("{}", "udp-sport 1701"), "a:t", "b:t")
    assert "answered, ttl 64" in trace(lab.replace("{}", "udp6-csum-rx off"), "a:t", "b:t")


def test_sessions_of_one_tunnel_share_what_the_first_of_them_says() -> None:
    lab = (ROOT / "examples" / "l2tp.net").read_text(encoding="utf-8")
    topology = topology_of(lab)
    mtus = {key.label: mtu_of(topology, key) for key in topology.devices}
    # 42 bytes of headers and 14 of Ethernet's over UDP, and a cookie of 8 bytes or of 4.
    assert (mtus["a:l2tp0"], mtus["b:l2tp0"], mtus["a:l2tp1"], mtus["a:l2tp2"]) == (1442, 1438, 1446, 1458)
    assert "answered, ttl 64" in trace(lab, "a:l2tp1", "b:l2tp1")


IN_UDP = """
netns a {{ veth e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 fd00::2/64 }}
netns b
{kind} a:t fd09::1/64 10.9.0.1/24 -- b:t fd09::2/64 10.9.0.2/24 {{ encap {encap}; encap-dport 5555 }}
in a {{ fou 5555 {near} }}
in b {{ {far} }}
"""


@pytest.mark.parametrize(
    ("kind", "encap", "near", "far", "why"),
    [
        ("gre", "fou", "ipproto 47", "fou 5555 ipproto 47", "answered, ttl 64"),
        ("gretap", "gue", "gue", "fou 5555 gue", "answered, ttl 64"),
        ("ipip", "fou", "ipproto 4", "fou 5555 ipproto 4 local 10.0.0.2 dev e", "answered, ttl 64"),
        ("ipip", "fou", "gue", "fou 5555 gue", "answered, ttl 64"),
        ("gre", "fou", "gue", "fou 5555 gue", "the `fou` of b expects something else than GRE in FOU, UDP port 5555"),
        ("gre", "gue", "gue", "fou 5555 ipproto 47", "the `fou` of b expects something else than GRE in GUE"),
        ("ipip", "fou", "ipproto 4", "fou 5556 ipproto 4", "b has no `fou` that takes an IPv4 packet in FOU"),
        ("ipip", "fou", "ipproto 4", "fou 5555 ipproto 4 ipv6", "b has no `fou` that takes an IPv4 packet in FOU"),
        ("ipip", "fou", "ipproto 4", "fou 5555 ipproto 4 peer 10.0.0.1 9", "unknown: netc does not know from which"),
        ("ipip", "fou", "ipproto 4", "fou 5555 ipproto 4; filter input drop udp 5555", "`filter input drop udp 5555`"),
    ],
)
def test_a_fou_takes_tunnels_out_of_udp(kind: str, encap: str, near: str, far: str, why: str) -> None:
    assert why in trace(IN_UDP.format(kind=kind, encap=encap, near=near, far=far), "a", "10.9.0.2")


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("gre t 10.9.0.1/24 { local 10.0.0.1; remote 10.0.0.2; fwmark 5 }", "what `fwmark` makes of what a:t sends"),
        ("geneve t 10.9.0.1/24 { external on }", "what `external` makes of what a:t sends"),
    ],
)
def test_an_option_that_netc_does_not_follow_is_named(device: str, reason: str) -> None:
    lab = f"netns a {{ veth e 10.0.0.1/24 -- b:e 10.0.0.2/24; {device} }}\nnetns b {{ address lo 10.9.0.2/32 }}"
    assert f"unknown: netc does not know {reason}" in trace(lab, "a", "10.9.0.2")


def test_a_tunnel_that_is_not_followed_leaves_what_cannot_be_its_own() -> None:
    ends = "{ local 10.0.0.1; remote 10.0.0.2 }", "{ local 10.0.0.2; remote 10.0.0.1 }"
    lab = f"""
netns a {{ veth e 10.0.0.1/24 -- b:e 10.0.0.2/24; ipip t 10.9.0.1/24 {ends[0]}; gre g 10.8.0.1/24 {ends[0]} }}
netns b {{ geneve v {{ external on }}; gre x {{ external on }}; ipip t 10.9.0.2/24 {{ local 10.0.0.9 }} }}
in b {{ address lo 10.8.0.2/32 }}
"""
    assert "b has no tunnel that takes an IPv4 packet" in trace(lab, "a", "10.9.0.2")
    assert "unknown: netc does not know whether b:x takes GRE" in trace(lab, "a", "10.8.0.2")


def test_the_address_of_all_routers_is_a_gateway() -> None:
    lab = """
    netns r { forward ipv6; veth e fd00::1/64 -- a:e fd00::2/64; veth f fd01::1/64 -- b:e fd01::2/64 }
    netns a { route default via fd00:: }
    netns b { route default via fd01::1 }
    expect a <-> b
    """
    told = trace_of(topology_of(lab), "a", "b")[0]
    assert "fd00:: answered by r:e as a router" in told
    assert "answered, ttl 63" in told
    assert list(compile_text(lab).findings) == []
    alone = lab.replace("forward ipv6; ", "")
    assert [finding.code for finding in compile_text(alone).findings if finding.code == "N217"] == ["N217"]


def test_the_last_address_of_a_subnet_of_lo_is_a_broadcast_address() -> None:
    lab = """
    netns a { address lo 10.3.0.9/24; veth e 10.3.1.1/24 -- b:e 10.3.1.2/24; route 10.3.0.0/16 via 10.3.1.2 }
    netns b { address lo 10.3.0.255/32; address lo 10.3.0.254/32 }
    """
    assert "unknown: 10.3.0.255 is a broadcast address of a" in trace_of(topology_of(lab), "a", "10.3.0.255")[0]
    assert "a: ttl 64, has 10.3.0.254" in trace_of(topology_of(lab), "a", "10.3.0.254")[0]


@pytest.mark.parametrize(("back", "answered"), [("e", True), ("f", False)])
def test_a_router_answers_for_all_routers_by_the_way_that_the_request_came(back: str, answered: bool) -> None:
    """Without a source of its own the reply is bound to that device, though the route leads by another."""
    lab = f"""
    netns r {{ forward ipv6; veth e fd00::1/64 -- a:e fd00::2/64; veth f fd01::1/64 -- a:f fd01::2/64 }}
    netns a {{ address lo fd09::1/128; route fd02::/64 via fd00::1 src fd09::1 }}
    netns b {{ veth e fd02::/64 -- r:g fd02::1/64 }}
    in r {{ route fd09::/64 via {"fd00::2" if back == "e" else "fd01::2"} }}
    """
    found = ping(net_of(topology_of(lab)), NetnsKey("host", "a"), ip_address("fd02::"))
    assert found.there.where == NetnsKey("host", "r")
    assert found.answered == answered


def test_what_a_device_is_told_of_its_own_ipv6_address_it_does_not_believe() -> None:
    lab = """
    netns r {
      vrf red { table 10 }
      veth e fd00::1/64 { master red } -- a:e fd00::1/64
      route fd00::/64 dev e
    }
    netns a
    """
    net = net_of(topology_of(lab))
    assert ask(net, DeviceKey(NetnsKey("host", "r"), "e"), ip_address("fd00::1")).reply is Reply.NOBODY
