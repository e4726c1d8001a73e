"""Ports, VLANs and segments: what a master's kind says of its ports, and which frames meet."""

from __future__ import annotations

import itertools

import pytest

from netc.kinds import kinds
from netc.kinds.common import COMMON
from netc.kinds.segments import segments_of
from netc.pipeline import compile_lab
from netc.source import Source
from tests.compiled import plan_of
from tests.labs import bound, device, told, topology_of


def faults(text: str) -> list[tuple[str, str]]:
    """Return the code and the covered text of what is told."""
    return [(one.code, one.at) for one in told(bound(text)[1])]


def commands(text: str, *starts: str) -> list[str]:
    """Return the commands of a lab that start with one of `starts`, each with its namespace before it."""
    lines = [(step.netns.label, " ".join(step.argv)) for step in plan_of(text).steps]
    return [f"{netns}: {line}" for netns, line in lines if line.startswith(starts)]


def together(text: str, *names: str) -> list[set[str]]:
    """Return which of the named devices (NETNS:DEVICE) share a segment."""
    found = [
        {device.key.label for device in segment.devices} & set(names) for segment in segments_of(topology_of(text))
    ]
    return sorted((group for group in found if group), key=sorted)


# -- options of ports -----------------------------------------------------------------------------------------


def test_options_of_ports_clash_with_no_option_of_a_device() -> None:
    """A device's block holds its own options and its port's: a name must not mean two things."""
    common = {option.name for option in COMMON}
    for master, port in itertools.product(kinds().values(), kinds().values()):
        names = {option.name for option in master.port_options}
        assert not names & common
        if port.name == "vf":  # its `vlan` is its NIC's: as a port it says no VLANs
            names.discard("vlan")
        if port is not master:  # a bridge is no bridge's port, nor a bond a bond's
            assert not names & {option.name for option in port.options}, f"a {port.name} in a {master.name}"


def test_options_of_ports_go_to_the_end_that_has_the_master() -> None:
    lab = "bridge b\nnetns a { veth e -- b:p { isolated on; hairpin off; port-priority 3 }; bridge c; "
    lab += "vxlan v { id 1; dstport 4789; learning off; port_learning off; master c } }"
    assert commands(lab, "ip link set dev p type", "ip link set dev v type") == [
        "host: ip link set dev p type bridge_slave priority 3 hairpin off isolated on",
        "a: ip link set dev v type bridge_slave learning off",
    ]
    assert any(line.endswith("nolearning") for line in commands(lab, "ip link add name v"))


@pytest.mark.parametrize(
    ("lab", "wanted", "message"),
    [
        ("netns a; veth a:e { isolated on } -- a:f", "isolated", "an option of the ports of a bridge, and a:e has no"),
        ("bridge b\nnetns a { veth e { isolated on } -- b }", "isolated", "an option of the ports of a bridge"),
        ("vrf r { table 7 }\nnetns a { veth e -- r:p { isolated on } }", "isolated", "host:p belongs to r, a vrf"),
        ("bridge b\nnetns a { veth e -- b:p { queue-id 3 } }", "queue-id", "ports of a bond, and host:p belongs to b"),
        ("bridge b\nnetns a { veth e -- b:p { isolatet on } }", "isolatet", "`veth` has no option `isolatet`"),
        ("bridge b { isolated on }", "isolated", "host:b has no master"),
    ],
)
def test_options_of_ports_where_they_mean_nothing(lab: str, wanted: str, message: str) -> None:
    (fault,) = told(bound(lab)[1])
    assert (fault.code, fault.at) == ("N004", wanted)
    assert message in fault.message


def test_help_names_the_end_that_was_meant() -> None:
    (finding,) = bound("bridge b\nnetns a { veth e { isolated on } -- b:p }")[1]
    assert finding.help == "a block belongs to the end that it follows: write it after that of host:p"
    (finding,) = bound("bridge b\nnetns a { veth e -- b:p { isolatet on } }")[1]
    assert finding.help == "did you mean `isolated`?"


def test_a_misspelt_master_is_one_fault() -> None:
    assert faults("netns a { bridge b; veth e { master c; isolated on } -- a:f }") == [("N006", "c")]


def test_options_that_name_devices_take_the_prefix() -> None:
    lab = "lab x { name-prefix p- }\nbond b { mode active-backup; primary e; miimon 100 }\n"
    lab += "netns a; veth e { master b; queue-id 2 } -- a:x; veth f { master b } -- a:y"
    assert commands(lab, "ip link set dev p-b type", "ip link set dev p-e type") == [
        "host: ip link set dev p-e type bond_slave queue_id 2",
        "host: ip link set dev p-b type bond primary p-e",
    ]
    assert faults(lab.replace("primary e", "primary g")) == [("N006", "g")]


# -- options of `ip link` that every device has ---------------------------------------------------------------


def test_link_options_are_said_when_the_device_comes_up() -> None:
    lab = "netns a { veth e { arp off; txqueuelen 0; gso_max_size 4000; numtxqueues 2 } -- a:f { numrxqueues 3 } }"
    (made,) = commands(lab, "ip link add")
    assert "name e numtxqueues 2 group" in made
    assert "peer name f numrxqueues 3 group" in made
    first, second = commands(lab, "ip link set dev")
    assert first.endswith(" arp off txqueuelen 0 gso_max_size 4000 up")
    assert "arp" not in second


@pytest.mark.parametrize(
    ("lab", "fault"),
    [
        ("uplink e { promisc on }", ("N004", "promisc")),
        ("netns a\nmove e to a { arp off }", ("N004", "arp")),
        ("uplink e { vfs 1 }\nnetns a { vf v on e { index 0; txqueuelen 9 } }", ("N004", "txqueuelen")),
        ("netns a { tap t { numtxqueues 2 } }", ("N004", "numtxqueues")),
        ("bridge b { arp maybe }", ("N005", "maybe")),
        ("bridge b { txqueuelen many }", ("N005", "many")),
        ("bridge b { gso-max-size 511 }", ("N005", "511")),
        ("bridge b { gso-max-size 524281 }", ("N005", "524281")),
        ("bridge b { gso-max-segs 65536 }", ("N005", "65536")),
        ("bridge b { numrxqueues 0 }", ("N005", "0")),
        ("bridge b { numrxqueues 4097 }", ("N005", "4097")),
        ("bridge b\nnetns a { veth e -- b:p { state blocking } }", ("N005", "blocking")),
        ("bridge b\nnetns a { veth e -- b:p { state 4 } }", ("N005", "4")),
        ("bridge b\nnetns a { veth e -- b:p { state on } }", ("N005", "on")),
        ("bridge b\nnetns a { veth e -- b:p { tunnel-info 5 6 } }", ("N009", "5 6")),
        ("bridge b\nnetns a { veth e -- b:p { vlan-tunnel on; tunnel-info 5-6 7 } }", ("N005", "7")),
        ("bridge b\nnetns a { veth e -- b:p { vlan-tunnel on; tunnel-info 5 0 } }", ("N005", "0")),
        ("bridge b\nnetns a { veth e -- b:p { vlan-tunnel on; tunnel-info 5 } }", ("N004", "tunnel-info 5")),
        ("bridge b { stp on }\nnetns a { veth e -- b:p { state learning } }", ("N009", "learning")),
    ],
)
def test_link_options_that_cannot_be(lab: str, fault: tuple[str, str]) -> None:
    assert faults(lab) == [fault]


# -- VLANs of bridges -----------------------------------------------------------------------------------------


def test_vlans_of_ports_take_the_place_of_the_default() -> None:
    lab = "netns sw {{ bridge b {{ vlan-filtering on; {0} }} }}\nnetns a {{ veth e -- sw:b:p {{ {1} }} }}"
    assert commands(lab.format("", "vlan 10 pvid untagged; vlan 20 30-39"), "bridge ") == [
        "sw: bridge vlan del dev p vid 1",
        "sw: bridge vlan add dev p vid 10 pvid untagged",
        "sw: bridge vlan add dev p vid 20",
        "sw: bridge vlan add dev p vid 30-39",
    ]
    assert commands(lab.format("", "vlan 1-4 untagged"), "bridge ") == ["sw: bridge vlan add dev p vid 1-4 untagged"]
    assert commands(lab.format("vlan-default-pvid 0", "vlan 7"), "bridge ") == ["sw: bridge vlan add dev p vid 7"]
    assert commands(lab.format("vlan-default-pvid 9; vlan 7", ""), "bridge ") == [
        "sw: bridge vlan del dev b vid 9 self",
        "sw: bridge vlan add dev b vid 7 self",
    ]


@pytest.mark.parametrize(
    ("words", "code", "at"),
    [
        ("vlan", "N004", "vlan"),
        ("vlan pvid", "N004", "vlan pvid"),
        ("vlan 10 pvid pvid", "N004", "vlan 10 pvid pvid"),
        ("vlan 0", "N005", "0"),
        ("vlan 4095", "N005", "4095"),
        ("vlan 1-4095", "N005", "1-4095"),
        ("vlan 9-3", "N005", "9-3"),
        ("vlan ten", "N005", "ten"),
        ("vlan 10 20 pvid", "N005", "20"),
        ("vlan 10-20 pvid", "N005", "10-20"),
        ("vlan 10 tagged", "N005", "tagged"),
    ],
)
def test_faults_of_vlans(words: str, code: str, at: str) -> None:
    assert faults(f"bridge b {{ vlan-filtering on }}\nnetns a {{ veth e -- b:p {{ {words} }} }}") == [(code, at)]


def test_a_bridge_with_vlans_asks_for_a_kernel_that_knows_them() -> None:
    assert [need.refusal for step in plan_of("bridge b { vlan-filtering on }").steps for need in step.needs] == [
        "this kernel's bridges know no VLANs"
    ]
    assert not [step.needs for step in plan_of("bridge b { vlan-filtering off }").steps if step.needs]


def test_the_mtu_of_a_bridge_is_given_when_its_ports_are_there() -> None:
    lab = "bridge b { mtu 1400 }\nnetns a { veth e -- b:p }"
    assert commands(lab, "ip link set dev b ")[-1] == "host: ip link set dev b mtu 1400 up"


def test_what_stands_on_a_bridge_comes_up_after_it() -> None:
    lab = "bridge b\nvlan v on b { id 5 }\nvlan w on v { id 6 }\nnetns a { veth e -- b:p; vlan x on e { id 5 } }"
    ups = [line.split()[5] for line in commands(lab, "ip link set") if line.endswith(" up")]
    assert ups[-3:] == ["b", "v", "w"]
    assert ups.index("x") < ups.index("b")


# -- segments -------------------------------------------------------------------------------------------------

SWITCH = """
netns s {{ bridge b {{ vlan-filtering on; {0} }}; {1} }}
netns t {{ bridge b {{ vlan-filtering on }} }}
veth s:b:x {{ vlan 10 20 }} -- t:b:x {{ vlan 10 20 }}
netns a {{ veth e -- s:b {{ vlan 10 pvid untagged }} }}
netns b {{ veth e -- t:b {{ vlan 10 pvid untagged }} }}
netns c {{ veth e -- t:b {{ vlan 20 pvid untagged }} }}
netns d {{ veth e -- s:b {{ vlan 10 pvid untagged; vlan 20 }}; vlan e.20 on e {{ id 20 }} }}
netns f {{ veth e -- s:b }}
"""


def test_a_switch_is_a_segment_for_each_vlan() -> None:
    ends = ("a:e", "b:e", "c:e", "d:e", "d:e.20", "f:e", "s:b", "s:b.10")
    plain = SWITCH.format("", "")
    assert together(plain, *ends) == [{"a:e", "b:e", "d:e"}, {"c:e", "d:e.20"}, {"f:e", "s:b"}]
    own = SWITCH.format("vlan 10; vlan 20 pvid untagged", "vlan b.10 on b { id 10 }")
    assert together(own, *ends) == [{"a:e", "b:e", "d:e", "s:b.10"}, {"c:e", "d:e.20", "s:b"}, {"f:e"}]
    unfiltered = plain.replace("vlan-filtering on", "vlan-filtering off")
    assert together(unfiltered, "a:e", "c:e", "f:e") == [{"a:e", "c:e", "f:e"}]


def test_a_port_that_takes_untagged_and_gives_tagged_is_on_no_segment_untagged() -> None:
    lab = "bridge b { vlan-filtering on }\nnetns a { veth e -- b { vlan 10 pvid } }\n"
    lab += "netns c { veth e -- b { vlan 10 pvid untagged } }"
    assert together(lab, "a:e", "c:e") == [{"a:e"}, {"c:e"}]


def test_tags_pass_what_does_not_look_at_them() -> None:
    lab = "bridge b\nnetns a { veth e -- b; vlan v on e { id 5 }; vlan w on v { id 6 } }\n"
    lab += "netns c { veth e -- b; vlan v on e { id 5 }; vlan w on v { id 6 }; vlan o on e { id 6 } }"
    assert together(lab, "a:e", "c:e", "a:v", "c:v", "a:w", "c:w", "c:o") == [
        {"a:e", "c:e"},
        {"a:v", "c:v"},
        {"a:w", "c:w"},
        {"c:o"},
    ]
    other = lab.replace(
        "c { veth e -- b; vlan v on e { id 5 }", "c { veth e -- b; vlan v on e { id 5; protocol 802.1ad }"
    )
    assert together(other, "a:v", "c:v") == [{"a:v"}, {"c:v"}]


def test_a_providers_tag_keeps_customers_apart() -> None:
    lab = "bridge p { vlan-filtering on; vlan-protocol 802.1ad; vlan-default-pvid 0 }\n"
    lab += "bridge q { vlan-filtering on; vlan-protocol 802.1ad }\nveth p:x { vlan 100 200 } -- q:y { vlan 100 200 }\n"
    for name, at, outer in (("a", "p", 100), ("b", "q", 100), ("c", "q", 200)):
        lab += f"netns {name} {{ veth e -- {at} {{ vlan {outer} pvid untagged }}; vlan v on e {{ id 7 }} }}\n"
    assert together(lab, "a:e", "b:e", "c:e", "a:v", "b:v", "c:v") == [
        {"a:e", "b:e"},
        {"a:v", "b:v"},
        {"c:e"},
        {"c:v"},
    ]


def test_the_same_address_in_two_vlans_is_no_duplicate() -> None:
    lab = "bridge b { vlan-filtering on }\n"
    for name, vid in (("a", 10), ("c", 20)):
        lab += f"netns {name}1 {{ veth e 10.0.0.1/24 -- b {{ vlan {vid} pvid untagged }} }}\n"
        lab += f"netns {name}2 {{ veth e auto -- b {{ vlan {vid} pvid untagged }} }}\n"
    assert [str(device(topology_of(lab), f"{name}2", "e").addresses[0].interface) for name in "ac"] == [
        "10.0.0.2/24",
        "10.0.0.3/24",
    ]


# -- FDB ------------------------------------------------------------------------------------------------------

FDB = """
netns a {{
  bridge b
  veth p {{ master b }} -- c:e
  vxlan v {{ id 1; dstport 4789 }}
  vxlan w {{ id 2; dstport 4789; master b }}
  {0}
}}
netns c
uplink eth9
"""


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("02:00:00:00:00:0A dev v dst 10.0.0.2", "replace 02:00:00:00:00:0a dev v dst 10.0.0.2 self permanent"),
        ("default dev v dst fd00::2", "append 00:00:00:00:00:00 dev v dst fd00::2 self permanent"),
        (
            "default dev v vni 7 port 8472 dst 10.0.0.2",
            "append 00:00:00:00:00:00 dev v dst 10.0.0.2 port 8472 vni 7 self permanent",
        ),
        ("01:00:5e:00:00:01 dev v dst 10.0.0.2", "append 01:00:5e:00:00:01 dev v dst 10.0.0.2 self permanent"),
        ("02:00:00:00:00:01 dev p", "replace 02:00:00:00:00:01 dev p master static"),
        ("02:00:00:00:00:01 dev p local vlan 5", "replace 02:00:00:00:00:01 dev p master local vlan 5"),
        ("02:00:00:00:00:01 dev w master", "replace 02:00:00:00:00:01 dev w master static"),
        ("02:00:00:00:00:01 dev w dst 10.0.0.2", "replace 02:00:00:00:00:01 dev w dst 10.0.0.2 self permanent"),
    ],
)
def test_fdb(words: str, wanted: str) -> None:
    assert commands(FDB.format(f"fdb {words}"), "bridge fdb") == [f"a: bridge fdb {wanted}"]


@pytest.mark.parametrize(
    ("words", "code", "at"),
    [
        ("", "N009", "fdb"),
        ("02:00:00:00:00:01", "N009", "fdb 02:00:00:00:00:01"),
        ("02:00:00:00:01 dev v", "N005", "02:00:00:00:01"),
        ("default dev v", "N009", "default"),
        ("02:00:00:00:00:01 dev x dst 10.0.0.2", "N006", "x"),
        ("02:00:00:00:00:01 dev v dst 10.0.0", "N005", "10.0.0"),
        ("02:00:00:00:00:01 dev v dst 10.0.0.2 dst 10.0.0.3", "N007", "dst"),
        ("02:00:00:00:00:01 dev v dst 10.0.0.2 master", "N009", "fdb 02:00:00:00:00:01 dev v dst 10.0.0.2 master"),
        ("02:00:00:00:00:01 dev p self master", "N009", "fdb 02:00:00:00:00:01 dev p self master"),
        ("02:00:00:00:00:01 dev v dts 10.0.0.2", "N009", "dts"),
        ("02:00:00:00:00:01 dev lo", "N009", "fdb 02:00:00:00:00:01 dev lo"),
    ],
)
def test_faults_of_fdb(words: str, code: str, at: str) -> None:
    assert faults(FDB.format(f"fdb {words}".strip())) == [(code, at)]


@pytest.mark.parametrize(
    ("one", "other", "refused"),
    [
        ("dev v dst 10.0.0.2", "dev v dst 10.0.0.3", True),
        ("dev p", "dev w master", True),
        ("dev p vlan 5", "dev p", False),
        ("dev p self", "dev p", False),
        ("dev v dst 10.0.0.2", "dev w dst 10.0.0.2", False),
    ],
)
def test_a_mac_address_is_in_one_place(one: str, other: str, refused: bool) -> None:
    other = f"fdb 02:00:00:00:00:01 {other}"
    assert faults(FDB.format(f"fdb 02:00:00:00:00:01 {one}; {other}")) == ([("N007", other)] if refused else [])
    assert not faults(FDB.format("fdb default dev v dst 10.0.0.2; fdb default dev v dst 10.0.0.3"))


def test_an_uplink_has_no_fdb_entries_of_a_lab() -> None:
    lab = FDB.format("") + "fdb 02:00:00:00:00:01 dev eth9 dst 10.0.0.2"
    assert faults(lab) == [("N009", "fdb 02:00:00:00:00:01 dev eth9 dst 10.0.0.2")]


def test_the_vlan_of_a_virtual_function_is_none_of_the_bridge() -> None:
    """It is the NIC's affair: the port stays in the bridge's default VLAN, and the model has to walk past it."""
    lab = "uplink nic9 { vfs 2 }\nnetns b\nnetns a { bridge br0 10.0.0.2/24 { vlan-filtering on }\n"
    lab += "vf v0 on nic9 { index 0; vlan 5; master br0 }\nveth p { master br0 } -- b:e 10.0.0.1/24 }\nexpect b -> a\n"
    assert compile_lab(Source("lab.net", lab), str).plans
