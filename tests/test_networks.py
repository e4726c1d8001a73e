"""Networks: what is read of them, the plain statements that they stand for, and that these say the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from netc.networks.base import drivers
from netc.pipeline import compile_lab, printed
from netc.render.render import BASH, files_of, render
from netc.source import Source
from tests.compiled import EXAMPLES, compile_file, compile_text, plans_of
from tests.test_cli import netc

TWO = """
lab pods
segment lan 192.168.50.0/24
network pods {driver}
host n1 {{ uplink eth0 192.168.50.11/24 on lan{uplink}; join pods {one}; netns a {{ attach eth0 to pods }} }}
host n2 {{ uplink eth0 192.168.50.12/24 on lan{uplink}; join pods {two}; netns b {{ attach eth0 to pods }} }}
"""


def two(driver: str, one: str = "", two: str = "", uplink: str = "") -> str:
    return TWO.format(driver=driver, one=one, two=two, uplink=uplink)


def plain(text: str, prefix: str | None = None) -> list[str]:
    """Return a lab as plain statements, without their places and indentation."""
    compiled = compile_text(text, prefix)
    assert not compiled.failed, [finding.message for finding in compiled.findings]
    return [line.strip() for line in printed(compiled).splitlines() if not line.strip().startswith("#")]


def faults(text: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in compile_text(text).findings]


# -- the same bytes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_what_expand_prints_compiles_to_the_same_bytes(example: Path) -> None:
    text = printed(compile_file(example))
    for emulated in (False, True):
        again = compile_lab(Source("another name", text), str, emulated=emulated)
        for one, two in zip(compile_file(example, emulated=emulated).plans, again.plans, strict=True):
            for file in files_of(BASH):
                assert render(one, file) == render(two, file)


@pytest.mark.parametrize(
    "text",
    [
        "exec a \"sh -c 'echo $${HOME} $$${x}'\"\nnetns a",
        "let n = 3\nfor i in 1..n { netns a${i} { forward ipv4 } }",
        "template pod(name) { netns ${name} { attach eth0 to p } }\nnetwork p ptp 10.0.0.0/24\njoin p\nuse pod(x)",
        'netns "a"\nlab "my-lab" { name-prefix x- }\nexec a "echo \\"q\\" \\\\ it"',
        "network p bridge 10.0.0.0/24\njoin p\nnetns a\nin a { attach eth0 to p }",
    ],
)
def test_odd_words_compile_to_the_same_bytes(text: str) -> None:
    (plan,) = compile_text(text).plans
    again = compile_lab(Source("stdin", printed(compile_text(text))), str)
    for file in files_of(BASH):
        assert render(plan, file) == render(again.plans[0], file)


def test_expand_and_build_in_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "lab.net").write_text(two("flannel 10.244.0.0/16"))
    expanded = netc("expand", "--name-prefix", "x-", "lab.net", folder=tmp_path)
    assert expanded.returncode == 0
    piped = netc("build", "--host", "n2", "-", text=expanded.stdout, folder=tmp_path)
    assert piped.stdout == netc("build", "--host", "n2", "--name-prefix", "x-", "lab.net", folder=tmp_path).stdout
    assert "lab.net:6  bridge cni0 10.244.2.1/24" in piped.stdout


def test_findings_are_told_where_the_text_stands() -> None:
    (finding,) = compile_text("#line elsewhere.net:70\nnetns a\nfoo").findings
    assert (finding.span.line, finding.span.place) == (3, "elsewhere.net:70")


def test_expand_prints_nothing_of_a_lab_with_an_error(tmp_path: Path) -> None:
    done = netc("expand", "-", text="network p nothing 10.0.0.0/8", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")


# -- flannel -------------------------------------------------------------------------------------------------


def test_flannel_vxlan_writes_neighbour_fdb_and_route_for_every_other_host() -> None:
    lines = plain(two("flannel 10.244.0.0/16"))
    (first, second) = (line for line in lines if line.startswith("vxlan flannel.1 "))
    mac = second.split("mac ")[1].split(";")[0]
    assert "10.244.1.0/32 on eth0 { id 1; local 192.168.50.11; dstport 8472; learning off; mac 02:" in first
    start = lines.index(first) + 1
    assert lines[start : start + 3] == [
        f"neigh 10.244.2.0 lladdr {mac} dev flannel.1",
        f"fdb {mac} dst 192.168.50.12 dev flannel.1",
        "route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink",
    ]


@pytest.mark.parametrize(
    ("driver", "uplink", "mtu"),
    [
        ("flannel 10.244.0.0/16", "", 1450),
        ("flannel 10.244.0.0/16", " { mtu 9000 }", 8950),
        ("flannel 10.244.0.0/16 { backend host-gw }", " { mtu 9000 }", 9000),
        ("flannel 10.244.0.0/16 { backend host-gw }", "", None),
        ("calico 10.244.0.0/16 { mode ipip }", "", 1480),
        ("calico 10.244.0.0/16 { mode vxlan }", "", 1450),
        ("calico 10.244.0.0/16", "", None),
    ],
)
def test_the_mtu_comes_from_the_uplink(driver: str, uplink: str, mtu: int | None) -> None:
    veths = [line for line in plain(two(driver, uplink=uplink)) if line.startswith("veth ")]
    assert len(veths) == 2
    assert all((f"mtu {mtu}" if mtu else "mtu") in line if mtu else "mtu" not in line for line in veths)


def test_over_ipv6_the_mtu_is_less() -> None:
    text = two("flannel 10.244.0.0/16 fd00:10:244::/56").replace("/24 on lan", "/24 fd00:50::1/64 on lan", 1)
    text = text.replace("192.168.50.12/24 on lan", "192.168.50.12/24 fd00:50::2/64 on lan")
    text = text.replace("segment lan 192.168.50.0/24", "segment lan 192.168.50.0/24 fd00:50::/64")
    lines = plain(text)
    assert sum("vxlan flannel-v6.1 " in line and "mtu 1430" in line for line in lines) == 2
    assert sum("vxlan flannel.1 " in line and "mtu 1450" in line for line in lines) == 2
    assert all("mtu 1430" in line for line in lines if line.startswith(("veth", "bridge")))


def test_direct_routing_is_decided_for_each_pair() -> None:
    compiled = compile_file(next(path for path in EXAMPLES if path.stem == "flannel-direct-routing"))
    routes = {
        (route.netns.machine, str(route.prefix), route.device.name if route.device else "")
        for route in compiled.topology.routes
        if route.prefix.prefixlen == 24 and str(route.prefix).startswith("10.244.")
    }
    assert routes == {
        ("n1", "10.244.2.0/24", "eth0"),
        ("n1", "10.244.3.0/24", "flannel.1"),
        ("n2", "10.244.1.0/24", "eth0"),
        ("n2", "10.244.3.0/24", "flannel.1"),
        ("n3", "10.244.1.0/24", "flannel.1"),
        ("n3", "10.244.2.0/24", "flannel.1"),
    }


def test_flannels_rules_stand_in_flannels_order() -> None:
    lines = plain(two("flannel 10.244.0.0/16 { masquerade on }"))
    rules = [line for line in lines if line.startswith(("nat", "filter"))]
    assert rules[:8] == [
        "nat return srcnat mark 0x4000/0x4000 ipv4",
        "nat return srcnat saddr 10.244.1.0/24 daddr 10.244.0.0/16",
        "nat return srcnat saddr 10.244.0.0/16 daddr 10.244.1.0/24",
        "nat return srcnat saddr not 10.244.0.0/16 daddr 10.244.1.0/24",
        "nat masquerade saddr 10.244.0.0/16 daddr not 224.0.0.0/4 fully-random",
        "nat masquerade saddr not 10.244.0.0/16 daddr 10.244.0.0/16 fully-random",
        "filter forward accept saddr 10.244.0.0/16",
        "filter forward accept daddr 10.244.0.0/16",
    ]


# -- bridge --------------------------------------------------------------------------------------------------


def test_ports_are_as_the_plugin_builds_them() -> None:
    text = "network p bridge 10.0.0.0/24 { OPTIONS }\njoin p\nnetns a { attach eth0 to p }"
    for options, port in (
        ("mtu 1400", "{ mtu 1400 }"),
        ("hairpin on; isolated off", "{ hairpin on }"),
        ("hairpin off; isolated on", "{ isolated on }"),
        ("vlan 10", "{ vlan 10 pvid untagged }"),
        ("vlan-trunk 20 30-39", "{ vlan 20 30-39; vlan 1 pvid untagged }"),
        ("vlan-trunk 9-11; vlan 10", "{ vlan 9-11; vlan 10 pvid untagged }"),
    ):
        assert f"veth eth0 10.0.0.2/24 -- cni0 {port}" in plain(text.replace("OPTIONS", options))


def test_networks_share_a_bridge_by_vlans() -> None:
    text = "network p bridge 10.1.0.0/16 { vlan 10; mtu 1400 }\nnetwork q bridge 10.2.0.0/16 { vlan 20; mtu 1400 }\n"
    lines = plain(text + "join p\njoin q")
    assert lines.count("bridge cni0 { mtu 1400; vlan-filtering on }") == 1
    assert "veth cni0.10 10.1.1.1/24 -- cni0 { mtu 1400; vlan 10 pvid untagged }" in lines
    assert "veth cni0.20 10.2.1.1/24 -- cni0 { mtu 1400; vlan 20 pvid untagged }" in lines


def test_a_vlan_without_a_gateway_is_ports_alone() -> None:
    lines = plain("network p bridge 10.1.0.0/16 { vlan 10; gateway off }\njoin p")
    assert lines == ["lab lab", "bridge cni0 { vlan-filtering on }"]


# -- calico --------------------------------------------------------------------------------------------------


def test_calico_names_the_hosts_ends_after_namespaces() -> None:
    text = "network p calico 10.0.0.0/24\njoin p\nnetns a-long-name-for-it { attach eth0 to p }\n"
    text += "netns a-long-name-for-another { attach eth0 to p }\nnetns short { attach e to p }"
    ends = [line.split()[4] for line in plain(text, "pre-") if line.startswith("veth")]
    assert ends[2] == "host:cali-fb7ab4"  # with the prefix it would have 16 bytes
    assert len(set(ends)) == 3
    assert all(len(end) <= len("host:") + 15 - len("pre-") for end in ends)


def test_calico_writes_the_route_that_proxy_arp_needs_once() -> None:
    text = "network p calico 10.0.0.0/24\nnetwork q calico 10.1.0.0/24\njoin p\njoin q\nnetns a { attach eth0 to p }"
    assert plain(text).count("route 169.254.1.1 dev lo") == 1


def test_a_block_of_one_address_has_no_blackhole() -> None:
    assert "route blackhole 10.0.0.0/26" in plain("network p calico 10.0.0.0/24\njoin p 10.0.0.0/26")
    assert not [line for line in plain("network p calico 10.0.0.0/24\njoin p 10.0.0.9/32") if "blackhole" in line]


# -- what is read --------------------------------------------------------------------------------------------


def test_subnets_and_addresses_are_the_next_free_ones() -> None:
    text = """
    network p flannel 10.244.0.0/16 { backend host-gw }
    segment lan
    host n1 { uplink e 192.168.0.1/24 on lan; join p; netns a { attach eth0 to p }; netns b { attach eth0 to p } }
    host n2 { uplink e 192.168.0.2/24 on lan; join p 10.244.1.0/24; netns c { attach eth0 10.244.1.2 to p } }
    host n3 { uplink e 192.168.0.3/24 on lan; join p; netns d { attach eth0 to p }; netns e { attach x auto to p } }
    """
    veths = [line.split()[2] for line in plain(text) if line.startswith("veth")]
    assert veths == ["10.244.2.2/24", "10.244.2.3/24", "10.244.1.2/24", "10.244.3.2/24", "10.244.3.3/24"]


def test_said_addresses_are_set_aside_first() -> None:
    text = "network p bridge 10.0.0.0/29\njoin p\nnetns a { attach x to p }\nnetns b { attach x 10.0.0.2 to p }"
    assert [line.split()[2] for line in plain(text) if line.startswith("veth")] == ["10.0.0.3/29", "10.0.0.2/29"]


def test_options_of_the_device_reach_the_veth() -> None:
    text = "network p bridge 10.0.0.0/24\njoin p\nnetns a { attach x to p { mac 02:00:00:00:00:09 } }"
    assert "veth x 10.0.0.2/24 { mac 02:00:00:00:00:09 } -- cni0" in plain(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("network p flanel 10.0.0.0/8", ("N006", "there is no network driver `flanel`")),
        ("network p flannel", ("N009", "the network's prefix is missing")),
        ("network p ptp 10.0.0.1/8", ("N005", "10.0.0.1/8 has bits set beyond its /8")),
        ("network p ptp 10.0.0.0/8 11.0.0.0/8", ("N005", "11.0.0.0/8 is a second IPv4 prefix")),
        ("network p ptp 10.0.0.0/8\nnetwork p ptp 11.0.0.0/8", ("N007", "the network p is said twice")),
        ("network p ptp 10.0.0.0/8 { mtv 1 }", ("N004", "`network p ptp` has no option `mtv`")),
        ("network p flannel 10.0.0.0/8 { backend udp }", ("N005", "`udp` is not possible here")),
        (
            "network p flannel 10.0.0.0/8 { backend host-gw { id 1 } }",
            ("N004", "`backend host-gw` has no option `id`"),
        ),
        ("network p bridge 10.0.0.0/8 { vlan 4095 }", ("N005", "4095 is out of range for a VLAN")),
        ("network p bridge 10.0.0.0/8 { vlan-trunk 1-x }", ("N005", "`x` is not a VLAN")),
        (
            "network p ptp 10.0.0.0/8\njoin p 11.0.0.0/24\nnetns a { attach x to p }",
            ("N005", "11.0.0.0/24 is no part of p, which is 10.0.0.0/8"),
        ),
        (
            "network p flannel 10.0.0.0/24\nhost n1 { uplink e 10.9.0.1/24; join p }\nhost n2 { join p }",
            ("N005", "p has no subnet left for this host: n1 has all of 10.0.0.0/24"),
        ),
        ("join q", ("N006", "there is no network `q`")),
        ("network p ptp 10.0.0.0/8\njoin p 11.0.0.0/24", ("N005", "11.0.0.0/24 is no part of p, which is 10.0.0.0/8")),
        ("network p ptp 10.0.0.0/8\njoin p on e", ("N006", "host has no uplink `e`")),
        ("network p ptp 10.0.0.0/8\njoin p\njoin p", ("N007", "that host joins p is said twice")),
        (
            "network p ptp 10.0.0.0/8\nuplink e\nuplink f\njoin p",
            ("N009", "host has several uplinks, and `join` does not say which"),
        ),
        ("network p ptp 10.0.0.0/8\nnetns a { attach x to p }", ("N009", "host has not joined the network p")),
        ("network p ptp 10.0.0.0/8\njoin p\nattach x to p", ("N009", "a device is attached in a namespace")),
        ("netns a { attach x to p }", ("N006", "there is no network `p`")),
        ("netns a { attach x }", ("N009", "`to NETWORK` is missing")),
        ("netns a { network p ptp 10.0.0.0/8 }", ("N009", "`network` cannot stand inside a")),
        ("host n1 { network p ptp 10.0.0.0/8 }", ("N009", "`network` cannot stand inside n1")),
        ("host n1 { segment p }", ("N009", "`segment` cannot stand inside n1")),
        ("host n1\nnetwork p ptp 10.0.0.0/8\njoin p", ("N009", "`join` stands on no host, and this lab has several")),
        (
            "network p ptp 10.0.0.0/24\njoin p\nnetns a { attach x 10.1.0.1 to p }",
            ("N005", "10.1.0.1 is outside host's subnet 10.0.0.0/24 of p"),
        ),
        (
            "network p ptp 10.0.0.0/30\njoin p\nnetns a { attach x to p; attach y to p }",
            ("N005", "10.0.0.0/30 has no free address left"),
        ),
    ],
)
def test_what_cannot_be_meant(text: str, fault: tuple[str, str]) -> None:
    assert faults(text) == [fault]


def test_a_finding_in_what_is_written_out_says_where_it_comes_from() -> None:
    text = "network p bridge 10.0.0.0/24\njoin p\nnetns a { attach eth0:x to p }"
    (finding,) = [finding for finding in compile_text(text).findings if finding.severity == "error"]
    assert [frame.text for frame in finding.span.frames] == [
        "in `veth eth0:x 10.0.0.2/24 -- cni0`, which `attach eth0:x to p` stands for"
    ]


def test_names_of_the_network_are_no_foreign_names() -> None:
    assert faults(two("flannel 10.244.0.0/16")) == []
    assert [code for code, _ in faults("bridge cni0")] == ["N107"]


@pytest.mark.parametrize("name", drivers())
def test_every_driver_has_a_page(name: str) -> None:
    page = drivers()[name].page
    assert "Source:" in page
    assert f" {name} " in page
    assert sys.modules[type(drivers()[name]).__module__].__name__ == f"netc.networks.{name}"


def test_a_tunnel_for_one_family_is_none_for_the_other() -> None:
    text = "segment east\nsegment west\nnetwork p calico 10.42.0.0/16 fd00:42::/48 { mode ipip }\n"
    text += "host n1 { uplink e 10.1.0.1/24 fd00:1::1/64 on east; join p }\n"
    text += "host n2 { uplink e 10.2.0.1/24 fd00:2::1/64 on west; join p }"
    assert faults(text) == [("N503", "p has no tunnel for IPv6, and n2 and n1 are not on the same segment")]


# -- size ----------------------------------------------------------------------------------------------------


def cluster(pods: int, others: int) -> str:
    """Return a flannel cluster of twelve hosts: `pods` namespaces on the first, `others` on each of the rest."""
    lines = ["lab big", "segment lan 192.168.0.0/16", "network pods flannel 10.0.0.0/8"]
    for number in range(1, 13):
        inside = range(pods if number == 1 else others)
        netnses = "; ".join(f"netns p{number}-{pod} {{ attach eth0 to pods }}" for pod in inside)
        lines.append(f"host n{number} {{ uplink eth0 192.168.1.{number}/16 on lan; join pods; {netnses} }}")
    return "\n".join(lines)


def test_scripts_do_not_grow_with_the_pods_of_other_hosts() -> None:
    few, many = (compile_text(cluster(2, others)).plans[0] for others in (1, 9))
    for file in files_of(BASH):
        assert render(few, file) == render(many, file)


def test_the_emulated_plan_has_every_host() -> None:
    assert len(plans_of(next(path for path in EXAMPLES if path.stem == "flannel-dual-stack"))["emulated"].netnses) == 11
