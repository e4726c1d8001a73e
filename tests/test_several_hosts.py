"""Labs of several hosts: how names are found, what each host's plan holds, and all of them on one machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from netc.topology.model import Made, NetnsKey
from tests.compiled import compile_text, plans_of
from tests.labs import bound, told, topology_of
from tests.test_cli import netc

TWO = """
lab two
segment lan 192.168.50.0/24
host n1 {
  uplink eth0 192.168.50.11/24 on lan { mtu 9000 }
  forward ipv4
  module br_netfilter
  netns a { veth eth0 10.1.1.2/24 -- n1:to-a 10.1.1.1/24; route default via 10.1.1.1 }
  route 10.1.2.0/24 via 192.168.50.12
}
host n2 {
  uplink eth0 192.168.50.12/24 on lan { mtu 9000 }
  forward ipv4
  module br_netfilter
  netns a { veth eth0 10.1.2.2/24 -- n2:to-a 10.1.2.1/24; route default via 10.1.2.1 }
  route 10.1.1.0/24 via 192.168.50.11
}
expect n1/a <-> n2/a ttl 62 via n2
"""


def faults(text: str) -> list[tuple[str, str, str]]:
    _, findings = bound(text)
    return [(fault.code, fault.at, fault.message) for fault in told(findings)]


def steps(plan_text: str, machine: str) -> list[str]:
    compiled = compile_text(plan_text)
    (plan,) = (plan for plan in compiled.plans if plan.machine == machine)
    return [" ".join(step.argv) for step in plan.steps]


# -- names ---------------------------------------------------------------------------------------------------


def test_names_are_unique_on_each_machine() -> None:
    topology = topology_of(TWO)
    assert topology.machines == ("n1", "n2")
    assert list(topology.netnses) == [NetnsKey("n1", ""), NetnsKey("n1", "a"), NetnsKey("n2", ""), NetnsKey("n2", "a")]


def test_the_machine_at_hand_comes_first() -> None:
    topology = topology_of("host n1 { netns a; exec a sleep }\nhost n2 { netns a; exec a sleep }")
    assert [process.netns.machine for process in topology.processes] == ["n1", "n2"]


def test_a_bare_name_finds_the_only_one() -> None:
    topology = topology_of("host n1 { netns a }\nhost n2 { netns b }\nin b { sysctl net.ipv4.ip_default_ttl = 70 }")
    assert [sysctl.netns for sysctl in topology.sysctls] == [NetnsKey("n2", "b")]


def test_two_candidates_are_an_error_that_names_both() -> None:
    text = "host n1 { netns a }\nhost n2 { netns a }\nin a { forward ipv4 }"
    assert faults(text) == [("N008", "a", "`a` could be any of n1/a, n2/a")]
    assert faults(text.replace("in a", "in n2/a")) == []


def test_a_host_is_its_own_namespace() -> None:
    topology = topology_of("host n1 { netns n2 }\nhost n3\nin n3 { forward ipv4 }")
    assert [forward.netns for forward in topology.forwards] == [NetnsKey("n3", "")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("host n1\nhost n1", ("N007", "n1", "the host n1 is declared twice")),
        ("host n1 { netns a }\nhost n1 { netns a }", ("N007", "n1", "the host n1 is declared twice")),
        ("host n1\nnetns a", ("N009", "netns a", "this namespace is on no host, and the lab has several")),
        ("host n1\nbridge b", ("N009", "bridge b", "`bridge` stands on no host, and this lab has several")),
        ("host n1\nforward ipv4", ("N009", "forward ipv4", "`forward` stands on no host, and this lab has several")),
        ("host n1 { host n2 }", ("N009", "host n2", "`host` cannot stand inside n1")),
        ("host n1 { netns a { host n2 } }", ("N009", "host n2", "`host` cannot stand inside a")),
        ("host n1 { netns a { netns b } }", ("N009", "netns b", "`netns` cannot stand inside a")),
        ("host", ("N009", "host", "the host's name is missing")),
        ('host ""', ("N005", '""', "the name of a host is empty")),
        ("host n1 { uplink e on lan }", ("N006", "lan", "there is no segment `lan`")),
        ("segment lan\nsegment lan", ("N007", "lan", "the segment lan is declared twice")),
        ("segment lan 10.0.0.1/24", ("N005", "10.0.0.1/24", "10.0.0.1/24 has bits set beyond its /24")),
        ("uplink e { proxy-arp on }", ("N004", "proxy-arp", "`uplink` has no option `proxy-arp`")),
        (
            "host n1 { netns a; veth a:e -- n2:e }\nhost n2",
            ("N009", "n2:e", "a veth cannot lead from n1 to n2, another host"),
        ),
    ],
)
def test_what_cannot_be_meant(text: str, fault: tuple[str, str, str]) -> None:
    assert faults(text) == [fault]


def test_a_hosts_name_is_a_folder() -> None:
    assert [f.code for f in compile_text('host ".."').findings] == ["N108"]
    assert [f.code for f in compile_text('host "a/b"').findings] == ["N108"]


def test_addresses_are_held_against_the_segment() -> None:
    (finding,) = compile_text("segment lan 10.0.0.0/24\nuplink e 10.0.1.1/24 on lan").findings
    assert (finding.code, finding.message) == ("N201", "10.0.1.1/24 is outside lan's subnet 10.0.0.0/24")


def test_uplinks_of_one_segment_hear_each_other() -> None:
    text = "segment lan\nhost n1 { uplink e 10.0.0.1/24 on lan }\nhost n2 { uplink e 10.0.0.1/24 on lan }"
    assert [f.code for f in compile_text(text).findings] == ["N203"]
    apart = text.replace("segment lan", "segment lan\nsegment wan").replace("on lan }\n", "on wan }\n")
    assert not compile_text(apart).findings


# -- plans ---------------------------------------------------------------------------------------------------


def test_a_plan_holds_what_is_on_its_host() -> None:
    one, two = steps(TWO, "n1"), steps(TWO, "n2")
    assert any(step.startswith("ip route add 10.1.2.0/24 via 192.168.50.12 dev eth0") for step in one)
    assert not any("10.1.1.0/24" in step for step in one)
    assert any(step.startswith("ip route add 10.1.1.0/24 via 192.168.50.11 dev eth0") for step in two)


def test_marks_are_the_same_on_all_hosts() -> None:
    one, two = compile_text(TWO).plans
    assert one.mark == two.mark


def test_a_host_tests_what_starts_on_it() -> None:
    one, two = compile_text(TWO).plans
    assert [(probe.source.machine, str(probe.target)) for probe in one.probes] == [("n1", "10.1.2.2")]
    assert [(probe.source.machine, str(probe.target)) for probe in two.probes] == [("n2", "10.1.1.2")]


def test_preflight_looks_for_the_uplink_its_address_and_its_mtu(tmp_path: Path) -> None:
    (tmp_path / "lab.net").write_text(TWO)
    script = netc("build", "--host", "n2", "lab.net", folder=tmp_path).stdout
    assert "refuse 'the uplink eth0 has not the address 192.168.50.12/24: is this the host n2? (lab.net:12)'" in script
    assert "refuse 'the uplink eth0 has not the MTU 9000 (lab.net:12)'" in script
    assert "there is no uplink eth0 on this host: is this the host n2?" in script
    assert "192.168.50.11/24" not in script


# -- emulated ------------------------------------------------------------------------------------------------


def test_each_host_is_a_namespace_and_nothing_is_on_the_machine() -> None:
    compiled = compile_text(TWO, emulated=True)
    (plan,) = compiled.plans
    assert plan.netnses == ("n1", "n1-a", "n2", "n2-a", "segments")
    assert (plan.host_devices, plan.uplinks, plan.table[0].netns) == ((), (), "n1")
    assert plan.host_changes == ("modprobe br_netfilter  (lab.net:7)",)
    assert {step.netns.netns for step in plan.steps if step.argv[0] == "sysctl"} == {"n1", "n2"}
    assert all(device.made is not Made.OTHERS for device in compiled.topology.devices.values())
    adding = [" ".join(step.argv) for step in plan.steps if step.argv[-4:-2] == ("netns", "segments")]
    assert "ip link add name lan" in " ".join(" ".join(step.argv) for step in plan.steps)
    assert not adding or all("mtu 9000" in words for words in adding)


def test_uplinks_keep_their_mtu_at_both_ends() -> None:
    (plan,) = compile_text(TWO, emulated=True).plans
    (words,) = (" ".join(step.argv) for step in plan.steps if "n1-eth0" in step.argv and "add" in step.argv)
    assert words.count("mtu 9000") == 2
    assert "netns segments" in words


def test_what_is_expected_is_tested_by_the_one_machine() -> None:
    (plan,) = compile_text(TWO, emulated=True).plans
    assert [probe.source.netns for probe in plan.probes] == ["n1-a", "n2-a"]
    assert plan.probes[0].expectation.via == NetnsKey("host", "n2")


def test_names_that_would_be_the_same_get_numbers() -> None:
    text = "host segments { netns b }\nhost segments-b\nhost n { uplink a-very-long-one }"
    (plan,) = compile_text(text, emulated=True).plans
    assert plan.netnses == ("segments", "segments-b-2", "segments-b", "n", "segments-2")
    assert "port0" in [row.device for row in plan.table]


def test_the_prefix_goes_before_every_namespace() -> None:
    (plan,) = compile_text(TWO, prefix="x-", emulated=True).plans
    assert plan.netnses == ("x-n1", "x-n1-a", "x-n2", "x-n2-a", "x-segments")


def test_a_single_host_can_be_emulated() -> None:
    (plan,) = compile_text("uplink e 10.0.0.1/24\nforward ipv4\nnetns a", emulated=True).plans
    assert plan.netnses == ("host", "host-a", "segments")
    assert plan.host_changes == ()


VF = """
segment lan
host n1 { uplink e 10.0.0.1/24 on lan { vfs 2 }; netns a { vf e0 10.0.0.9/24 on e { index 0 } } }
host n2 { uplink e 10.0.0.2/24 on lan }
"""


def test_virtual_functions_are_not_emulated(tmp_path: Path) -> None:
    assert len(compile_text(VF).plans) == 2
    emulated = compile_text(VF, emulated=True)
    assert [(f.code, f.span.line, f.message) for f in emulated.findings] == [
        ("N009", 3, "a:e0 is a virtual function of n1:e, and cannot be emulated")
    ]
    assert not emulated.plans
    (tmp_path / "lab.net").write_text(VF)
    for command in (("build", "--emulate"), ("try",)):
        done = netc(*command, "lab.net", folder=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "cannot be emulated" in done.stderr


# -- the command line ----------------------------------------------------------------------------------------


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    (tmp_path / "two.net").write_text(TWO)
    return tmp_path


def test_build_wants_to_know_which_host(lab: Path) -> None:
    done = netc("build", "two.net", folder=lab)
    assert (done.returncode, done.stdout) == (2, "")
    assert "two.net has several hosts (n1, n2): -o DIR writes a folder for each" in done.stderr


def test_build_writes_a_folder_for_each_host(lab: Path) -> None:
    assert netc("build", "-o", "out", "two.net", folder=lab).returncode == 0
    names = [f"{host}/{script}.sh" for host in ("n1", "n2") for script in ("down", "status", "up", "verify")]
    assert sorted(str(path.relative_to(lab / "out")) for path in (lab / "out").glob("*/*")) == names
    assert (lab / "out/n2/up.sh").read_text() == netc("build", "--host", "n2", "two.net", folder=lab).stdout
    assert "up.sh brings up the lab two on the host n2;" in (lab / "out/n2/up.sh").read_text()


def test_build_writes_the_scripts_of_one_host(lab: Path) -> None:
    assert netc("build", "-o", "out", "--host", "n1", "two.net", folder=lab).returncode == 0
    assert sorted(path.name for path in (lab / "out").iterdir()) == ["down.sh", "status.sh", "up.sh", "verify.sh"]


def test_build_knows_its_hosts(lab: Path) -> None:
    done = netc("build", "--host", "n3", "two.net", folder=lab)
    assert done.returncode == 2
    assert "the lab has no host n3: there is `n1`, `n2`" in done.stderr


def test_build_emulates(lab: Path) -> None:
    done = netc("build", "--emulate", "two.net", folder=lab)
    assert done.returncode == 0
    assert "'two.net:8  netns a'\n  unshare --net" in done.stdout
    assert netc("build", "--emulate", "--host", "n1", "two.net", folder=lab).returncode == 2


def test_notes_name_the_host(lab: Path) -> None:
    err = netc("check", "two.net", folder=lab).stderr
    assert "note: on the host n1: sysctl net.ipv4.ip_forward=1  (two.net:6)" in err
    assert "note: on the host n2: sysctl net.ipv4.ip_forward=1  (two.net:13)" in err


def test_an_example_has_plans_for_each_host_and_for_all() -> None:
    names = plans_of(Path(__file__).parent.parent / "examples" / "two-hosts.net")
    assert list(names) == ["n1", "n2", "emulated"]
