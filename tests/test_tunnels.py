"""Links of tunnels, WireGuard's peers, IPsec and programs: what the lab's words become."""

from __future__ import annotations

import pytest

from netc.plan.step import Plan
from tests.bpf import OBJECT, PROGRAMS, elf
from tests.compiled import compile_text, plan_of

PAIR = "netns a; netns b\nveth a:eth0 10.0.0.1/24 fd00::1/64 -- b:eth0 10.0.0.2/24 fd00::2/64\n"
KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="


def commands(plan: Plan) -> list[str]:
    """Return the plan's commands, each with its namespace before it."""
    return [f"{step.netns.label}: {' '.join(step.argv)}" for step in plan.steps]


def made(text: str, kind: str) -> list[str]:
    """Return the commands that make devices of a kind, from the type on."""
    found = [one for one in commands(plan_of(text)) if f" type {kind} " in f"{one} "]
    return [f"{one.partition(':')[0]}: {one.partition(' type ')[2]}" for one in found]


def codes(text: str) -> list[str]:
    return [finding.code for finding in compile_text(text).findings]


def test_both_ends_of_a_tunnel_are_made() -> None:
    assert made(PAIR + "gre a:t0 10.9.0.1/30 -- b:t0 10.9.0.2/30", "gre") == [
        "a: gre local 10.0.0.1 remote 10.0.0.2",
        "b: gre local 10.0.0.2 remote 10.0.0.1",
    ]


def test_a_tunnel_over_ipv6_takes_the_ipv6_addresses() -> None:
    assert made(PAIR + "ip6tnl a:t0 -- b:t0", "ip6tnl")[0] == "a: ip6tnl local fd00::1 remote fd00::2"


def test_what_one_end_says_is_the_others_remote() -> None:
    lab = PAIR + "veth a:eth1 10.1.0.1/24 -- b:eth1 10.1.0.2/24\n"
    link = "gre a:t0 { local 10.1.0.1 } -- b:t0"
    assert made(lab + link, "gre")[1] == "b: gre local 10.1.0.2 remote 10.1.0.1"
    assert codes(lab + "gre a:t0 -- b:t0") == ["N350"]


def test_across_a_router_the_only_addresses_are_taken() -> None:
    lab = """
    netns r { forward ipv4; veth to-a 10.1.0.1/24 -- a:eth0 10.1.0.2/24; veth to-b 10.2.0.1/24 -- b:eth0 10.2.0.2/24 }
    netns a { route default via 10.1.0.1 }
    netns b { route default via 10.2.0.1 }
    sit a:t0 fd09::1/64 -- b:t0 fd09::2/64
    """
    assert made(lab, "sit")[0] == "a: sit local 10.1.0.2 remote 10.2.0.2"


def test_a_tunnel_does_not_go_by_another() -> None:
    links = "gre a:t0 10.8.0.1/30 -- b:t0 10.8.0.2/30\nipip a:t1 10.9.0.1/30 -- b:t1 10.9.0.2/30"
    assert made(PAIR + links, "ipip")[0] == "a: ipip local 10.0.0.1 remote 10.0.0.2"


def test_a_parent_chooses_the_address() -> None:
    lab = PAIR + "veth a:eth1 10.1.0.1/24 -- b:eth1 10.1.0.2/24\n"
    link = "vxlan a:v0 on eth1 -- b:v0 { id 1; dstport 4789 }"
    assert made(lab + link, "vxlan")[0] == "a: vxlan id 1 dstport 4789 local 10.1.0.1 remote 10.1.0.2 dev eth1"


def test_keys_of_one_direction_are_mirrored() -> None:
    ends = made(PAIR + "gre a:t0 -- b:t0 { ikey 1; okey 2 }", "gre")
    assert [end.partition("ikey")[1:] for end in ends] == [("ikey", " 2 okey 1"), ("ikey", " 1 okey 2")]
    assert codes(PAIR + "gre a:t0 { okey 3 } -- b:t0 { ikey 1 }") == ["N007"]


def test_what_both_ends_need_is_said_once() -> None:
    assert codes(PAIR + "vxlan a:v0 -- b:v0 { id 1 }") == ["N004"]
    assert codes(PAIR + "vxlan a:v0 { id 1; dstport 4789 } -- b:v0 { id 2 }") == ["N007"]


@pytest.mark.parametrize(
    ("kind", "options", "mtu"),
    [("vxlan", "id 1; dstport 4789", 1350), ("geneve", "id 1", 1350), ("wireguard", "", 1340)],
)
def test_a_tunnel_fits_into_what_is_below(kind: str, options: str, mtu: int) -> None:
    lab = "netns a; netns b\nveth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24 { mtu 1400 }\n"
    steps = commands(plan_of(f"{lab}{kind} a:t0 -- b:t0 {{ {options} }}"))
    assert sum(f"name t0 mtu {mtu} " in step for step in steps) == 2


def test_a_tunnel_is_made_after_what_it_goes_by() -> None:
    text = (
        "netns a { gre t0 { local 10.0.0.1; remote 10.0.0.2 }; veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24 }\nnetns b"
    )
    steps = commands(plan_of(text))
    made_at = [index for index, step in enumerate(steps) if "link add" in step]
    assert "eth0" in steps[made_at[0]]
    assert " t0 " in steps[made_at[1]]


def test_a_link_of_wireguard_knows_both_ends() -> None:
    steps = [step for step in plan_of(PAIR + "wireguard a:wg0 -- b:wg0").steps if "public-key" in " ".join(step.argv)]
    assert steps[0].argv[3:] == (
        "wg0", "b", "wg0", "endpoint", "10.0.0.2:51820", "allowed-ips", "0.0.0.0/0,::/0",
    )  # fmt: skip


def test_wireguard_sets_every_key_before_any_peer() -> None:
    lab = """
    netns hub { wireguard wg0 10.9.0.1/24 { listen-port 7; peer spoke:wg0 { allowed-ips 10.9.0.2 } } }
    netns spoke { wireguard wg0 10.9.0.2/24 { peer hub:wg0 { endpoint 10.0.0.1:7; allowed-ips 10.9.0.0/24 } } }
    """
    steps = [" ".join(step.argv) for step in plan_of(lab).steps]
    keys = [index for index, step in enumerate(steps) if "wg genkey" in step]
    peers = [index for index, step in enumerate(steps) if "public-key" in step]
    assert (len(keys), len(peers)) == (2, 2)
    assert max(keys) < min(peers)


def test_no_key_is_in_a_script() -> None:
    """A file's name is all that a lab can say of a secret key."""
    lab = f"""
    netns a {{
      wireguard wg0 {{
        private-key "a.key"
        peer {{ public-key "{KEY}"; preshared-key "ab.psk"; endpoint [fd00::1]:99; persistent-keepalive 25 }}
      }}
    }}
    """
    steps = [" ".join(step.argv) for step in plan_of(lab).steps if step.argv[0] == "wg"]
    assert steps == [
        "wg set wg0 private-key a.key",
        f"wg set wg0 peer {KEY} preshared-key ab.psk endpoint [fd00::1]:99 persistent-keepalive 25",
    ]
    state = 'netns a { ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 1 enc "cbc(aes)" 0x0123 }'
    (finding,) = compile_text(state).findings
    assert finding.code == "N005"
    assert "0123" not in finding.message + finding.help


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("peer { allowed-ips 10.0.0.1 }", "N004"),
        ("peer", "N004"),
        ("peer b:wg0 { allowed-ips 10.0.0.1 }", "N006"),
        (f'peer {{ public-key "{KEY}"; endpoint 10.0.0.1 }}', "N005"),
        (f'peer {{ public-key "{KEY}"; endpoint 10.0.0.1:0 }}', "N005"),
        (f'peer {{ public-key "{KEY}"; endpoint [10.0.0.300]:1 }}', "N005"),
        (f'peer {{ public-key "{KEY}"; keepalive 1 }}', "N004"),
        ('private-key "-a"', "N005"),
    ],
)
def test_a_peer_that_cannot_be_meant(options: str, code: str) -> None:
    assert codes(f"netns a {{ wireguard wg0 {{ {options} }} }}") == [code]


def test_the_host_gets_its_redirects_back() -> None:
    steps = plan_of("netns b\nveth v0 10.0.0.1/24 -- b:eth0 10.0.0.2/24\nwireguard w0 -- b:w0").steps
    (step,) = (step for step in steps if step.argv[0] == "sysctl")
    assert step.argv[2] == "net.ipv4.conf.all.send_redirects=0"


def test_a_port_of_fou_loads_its_module() -> None:
    lab = PAIR + "in a { fou 5555 ipproto 4; fou 5555 gue local fd00::1 dev eth0; fou 6 gue peer 10.0.0.2 7 }\n"
    assert [one for one in commands(plan_of(lab)) if "fou" in one] == [
        "host: modprobe fou",
        "host: modprobe fou6",
        "a: ip fou add port 5555 ipproto 4",
        "a: ip fou add port 5555 gue -6 local fd00::1 dev eth0",
        "a: ip fou add port 6 gue peer 10.0.0.2 peer_port 7",
    ]


def test_an_end_may_send_to_another_port_than_the_other() -> None:
    both = made(PAIR + "ipip a:t0 -- b:t0 { encap fou; encap-dport 5 }", "ipip")
    assert all(one.endswith(" encap fou encap-dport 5") for one in both)
    one, two = made(PAIR + "ipip a:t0 { encap fou; encap-dport 6 } -- b:t0 { encap-dport 5 }", "ipip")
    assert (one.split()[-1], two.split()[-1]) == ("6", "5")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("0 gue", "N005"),
        ("65536 gue", "N005"),
        ("5", "N009"),
        ("5 gue ipproto 4", "N009"),
        ("5 ipproto 256", "N005"),
        ("5 ipproto", "N009"),
        ("5 gue gue", "N007"),
        ("5 gue peer 10.0.0.2", "N009"),
        ("5 gue local 10.0.0.1 peer fd00::2 7", "N005"),
        ("5 gue ipv6 local 10.0.0.1", "N005"),
        ("5 gue dev eth9", "N006"),
        ("5 gue dev eth0", "N009"),
        ("add 5 gue", "N009"),
        ("5 gue\nfou 5 ipproto 4 local 10.0.0.1", "N007"),
        ("5 gue local 10.0.0.1\nfou 5 gue local 10.0.0.1", "N007"),
    ],
)
def test_a_port_of_fou_that_cannot_be_meant(words: str, code: str) -> None:
    assert codes(PAIR + f"in a {{ fou {words} }}") == [code]
    two = "fou 5 gue local 10.0.0.1; fou 5 gue local 10.0.0.9"
    assert codes(PAIR + f"in a {{ address lo 10.0.0.9/32; {two}; fou 5 ipproto 4 ipv6 }}") == []
    assert codes("fou 5 gue") == ["N009"], "not on the host"


@pytest.mark.parametrize(
    ("device", "code"),
    [
        ("geneve g0 { external on; id 5; remote 10.0.0.2 }", "N009 N009"),
        ("geneve g0 { external off }", "N004 N004"),
        ("vxlan v0 { external on; id 5; dstport 4790 }", "N334 N009"),
        ("vxlan v0 { id 5; dstport 4789; vni 7 }", "N009"),
        ("vxlan v0 { external on; vnifilter on; dstport 4790; vni 7-5 }", "N005"),
        ("vxlan v0 { external on; vnifilter on; dstport 4790; vni 0 }", "N005"),
        ("vxlan v0 { external on; vnifilter on; dstport 4790; vni }", "N004"),
        ("erspan e0 { local 10.0.0.1; remote 10.0.0.2 }", "N004"),
        ("erspan e0 { local 10.0.0.1; remote 10.0.0.2; key 1024 }", "N004 N005"),
        ("erspan e0 { local 10.0.0.1; remote 10.0.0.2; key 1; erspan 0 }", "N005"),
        ("erspan e0 { local 10.0.0.1; remote 10.0.0.2; key 1; erspan-hwid 5 }", "N009"),
        ("erspan e0 { local 10.0.0.1; remote 10.0.0.2; key 1; erspan-ver 2; erspan 5 }", "N009"),
        ("erspan e0 { external on; key 1 }", "N009"),
        ("ip6erspan e0 { local fd00::1; remote fd00::2; key 1; erspan-ver 0 }", "N005"),
        ("sit s0 { local 10.0.0.1; 6rd-prefix 10.0.0.0/8 }", "N005"),
        ("sit s0 { local 10.0.0.1; 6rd-prefix 2001:db8::/33 }", "N009"),
        ("sit s0 { local 10.0.0.1; 6rd-relay-prefix 10.0.0.0/8 }", "N009"),
    ],
)
def test_options_that_do_not_go_together(device: str, code: str) -> None:
    assert codes(PAIR + f"in a {{ {device} }}") == code.split()


def test_network_identifiers_that_touch_are_one_range() -> None:
    lab = "vxlan v0 { external on; vnifilter on; dstport 4789; vni 9 20-30; vni 31-40 5; vni 25-28 }"
    found = [one.rpartition(" ")[2] for one in commands(plan_of(PAIR + f"in a {{ {lab} }}")) if "bridge vni" in one]
    assert found == ["5", "9", "20-40"]


def test_options_that_clash_on_a_link_are_told_once() -> None:
    assert codes(PAIR + "erspan a:e0 -- b:e0 { key 1; erspan-dir egress }") == ["N009"]


def test_erspan_without_a_session_is_not_numbered() -> None:
    link = "erspan a:e0 -- b:e0 { %s }"
    assert made(PAIR + link % "key 1", "erspan")[0].endswith(" key 1 seq")
    assert not made(PAIR + link % "erspan-ver 0", "erspan")[0].endswith(" seq")


@pytest.mark.parametrize("text", ["l2tp l0 { %s }", "netns a; l2tp l0 -- a:l0 { %s }"])
def test_what_cannot_be_marked_is_not_for_the_host(text: str) -> None:
    assert codes(text % "local 10.0.0.1; remote 10.0.0.2; tunnel-id 1; session-id 1")[0] == "N009"


def test_sessions_of_l2tp_share_a_tunnel() -> None:
    link = "l2tp a:l{n} -- b:l{n} {{ tunnel-id 7; session-id {n} }}\n"
    steps = commands(plan_of(PAIR + link.format(n=1) + link.format(n=2)))
    assert sum("add tunnel" in step for step in steps) == 2
    assert sum("add session" in step for step in steps) == 4


def test_a_fresh_key_is_the_key_of_both_ends() -> None:
    state = 'ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x10 aead "rfc4106(gcm(aes))" auto 128'
    (step,) = (
        step for step in plan_of(f"{PAIR}in a {{ {state} }}\nin b {{ {state} }}").steps if "xfrm" in step.argv[3]
    )
    assert step.argv[3:] == (
        "xfrm state add", "a b", "src", "10.0.0.1", "dst", "10.0.0.2", "proto", "esp", "spi", "0x00000010",
        "aead", "rfc4106(gcm(aes))", "%20", "128",
    )  # fmt: skip


def test_ipsec_on_the_host_carries_the_mark_in_reqid() -> None:
    lab = """
    ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x10 reqid 5 enc "cbc(aes)" "k"
    ipsec policy src 10.0.0.1 dst 10.0.0.2 dir out tmpl proto esp mode transport reqid 5
    """
    plan = plan_of(lab)
    mark = str(plan.mark.group + 5)
    assert all(mark in step.argv for step in plan.steps)
    assert codes("ipsec policy src 10.0.0.1 dst 10.0.0.2 dir out action block") == ["N009"]


@pytest.mark.parametrize(
    "words",
    [
        "state src 10.0.0.1 dst 10.0.0.2 proto esp",
        "state src 10.0.0.1 dst fd00::2 proto esp spi 1 comp deflate",
        "state src 10.0.0.1 dst 10.0.0.2 proto esp spi 1",
        "policy src 10.0.0.1 dst 10.0.0.2",
        "policy src 10.0.0.1 dst 10.0.0.2 dir out tmpl proto esp mode transport colour red",
        "key",
    ],
)
def test_ipsec_that_cannot_be_meant(words: str) -> None:
    assert codes(f"netns a {{ ipsec {words} }}") == ["N009"]


def test_programs_share_a_clsact() -> None:
    lab = 'netns a { dummy d0; program d0 ingress "a.o" section x pref 5; program d0 egress "a.o" program y }'
    steps = [step.argv for step in plan_of(lab).steps if step.argv[0] == "tc"]
    assert [" ".join(argv[4:]) for argv in steps] == [
        "d0 clsact",
        "d0 ingress pref 5 bpf direct-action object-file a.o section x",
        "d0 egress bpf direct-action object-file a.o program y",
    ]


@pytest.mark.parametrize(
    "line",
    [
        'uplink eth0\nprogram eth0 xdp "a.o" section x',
        'program lo xdp "a.o" section x',
        'netns a { dummy d0; program d0 xdp "a.o" }',
        'netns a { dummy d0; program d0 sideways "a.o" section x }',
        'netns a { dummy d0; program d0 xdp "a.o" section x pref 1 }',
    ],
)
def test_a_program_that_cannot_be_meant(line: str) -> None:
    assert codes(line) == ["N009"]


def test_the_examples_object_is_what_the_assembler_writes() -> None:
    assert OBJECT.read_bytes() == elf(PROGRAMS)


def test_what_is_wrong_with_both_ends_of_a_link_is_told_once() -> None:
    text = PAIR + "gre a:t0 10.8.0.1/30 -- b:t0 10.8.0.2/30 { mtu 1500 }\n"
    (finding,) = compile_text(text).findings
    assert finding.code == "N352"
    assert "too much for a:t0 and b:t0" in finding.message
    assert codes(PAIR + "gre a:t0 -- b:t0\ngre a:t1 -- b:t1\n") == ["N353"]
    assert codes(PAIR + "gre a:t0 -- b:t0\ngre b:t1 -- a:t1\n") == ["N353"]
    assert codes(PAIR + "vti a:t0 -- b:t0 { key 1 }\nvti a:t1 -- b:t1 { key 2 }\n") == ["N353"]
    assert codes(PAIR + "gre a:t0 -- b:t0\ngre a:t1 -- b:t1\ngre a:t2 -- b:t2\n") == ["N353", "N353"]


@pytest.mark.parametrize(("wire", "expected"), [(1400, ["N352"]), (9000, [])])
def test_a_tunnel_above_a_vlan_has_the_room_that_the_wire_leaves(wire: int, expected: list[str]) -> None:
    text = (
        f"netns a {{ vlan v 10.0.0.1/24 on e {{ id 5 }} }}\nnetns b {{ vlan v 10.0.0.2/24 on e {{ id 5 }} }}\n"
        f"veth a:e -- b:e {{ mtu {wire} }}\ngre a:t0 10.8.0.1/30 -- b:t0 10.8.0.2/30 {{ mtu 1476 }}\n"
    )
    assert codes(text) == expected


@pytest.mark.parametrize("kind", ["sit", "ip6tnl"])
def test_without_a_mode_both_versions_are_carried(kind: str) -> None:
    """iproute2 leaves the inner protocol open then; tried on kernel 6.1."""
    link = f"{kind} a:t0 10.9.0.1/30 fd09::1/64 -- b:t0 10.9.0.2/30 fd09::2/64\n"
    assert codes(PAIR + link + "expect a:t0 -> 10.9.0.2\nexpect a:t0 -> fd09::2") == []
