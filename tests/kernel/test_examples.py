"""Every example on a real kernel: up, what it promises while it is up, down, and no trace."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.faults import Shims, in_dry_run
from tests.kernel.features import MACHINE
from tests.kernel.labs import Lab
from tests.kernel.state import State, alike, difference, names, steady
from tests.kernel.world import BASH, Job, World

ROUNDS = 3 if MACHINE in os.environ else 50 if os.environ.get("NETC_FAULTS") == "all" else 20
Compiled = Callable[[str], Lab]

PAIR = """
lab {name}
netns {name}1
netns {name}2
veth {name}1:eth0 10.{n}.0.1/24 -- {name}2:eth0 10.{n}.0.2/24
expect {name}1 <-> {name}2
"""
ROUTER = """
lab {name}
forward ipv4
netns {name}1 {{ veth eth0 10.{n}.1.2/24 -- host:{name}v1 10.{n}.1.1/24; route default via 10.{n}.1.1 }}
netns {name}2 {{ veth eth0 10.{n}.2.2/24 -- host:{name}v2 10.{n}.2.1/24; route default via 10.{n}.2.1 }}
expect {name}1 <-> {name}2 ttl 63
"""


def everything(world: World, lab: Lab) -> State:
    """Return the state of a host and of the lab's namespaces, as far as it keeps still while a lab is up."""
    return steady({**world.state(), **world.inside(lab.plan.netnses)})


def test_up_verify_status_down(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            before = world.state()
            up = lab.must(world, "up")
            assert up.out == "", "progress goes to standard error, and only there"
            while_up = world.state()
            gone = [line for line in difference(before, while_up).splitlines() if line.startswith("- ")]
            moved = {uplink.name for uplink in lab.plan.uplinks if uplink.moved}
            gone = [line for line in gone if not moved & set(re.split(r"[ \"]", line))]
            # The queue that the kernel gives to every device, with the handle 0:, steps aside for one of the lab's.
            assert [line for line in gone if not re.match(r"- qdisc qdisc \S+ 0: ", line)] == []
            assert set(lab.plan.netnses) <= names(while_up)
            status = lab.must(world, "status")
            assert all(line.startswith("ok ") for line in status.out.splitlines()[:-1]), status
            if lab.alone:
                verify = lab.must(world, "verify")
                assert len(verify.out.splitlines()) > len(lab.plan.probes), verify
            lab.must(world, "down")
            assert difference(before, world.state()) == ""


def test_verify_and_status_change_nothing(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            lab.must(world, "up")
            lab.run(world, "verify")
            before = everything(world, lab)
            lab.run(world, "verify")
            lab.must(world, "status")
            assert difference(before, everything(world, lab)) == ""


def test_status_of_a_lab_that_is_down(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            status = lab.run(world, "status")
            assert status.status == 1
            assert {line.partition(" ")[0] for line in status.out.splitlines()[:-1]} <= {"missing", "differs"}, status


def test_links_say_where_they_come_from(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            lab.must(world, "up")
            found = world.state()
            for device, origin in lab.plan.host_devices:
                assert found[f"link {device} ifalias"] == f'"netc {lab.name} {origin.span.place}"'


def test_up_twice(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            lab.must(world, "up")
            before = everything(world, lab)
            again = lab.must(world, "up")
            assert "is up already" in again.err
            assert difference(before, everything(world, lab)) == ""


def test_down_without_up(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            before = world.state()
            assert "is not up" in lab.must(world, "down").err
            assert difference(before, world.state()) == ""
            lab.must(world, "up")
            lab.must(world, "down")
            assert "is not up" in lab.must(world, "down").err
            assert difference(before, world.state()) == ""


def test_up_again_is_the_same(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            lab.must(world, "up")
            first = alike(everything(world, lab))
            lab.must(world, "down")
            lab.must(world, "up")
            assert difference(first, alike(everything(world, lab))) == ""


@pytest.mark.faults
def test_up_and_down_without_a_pause(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            before = world.state()
            rounds = -(-ROUNDS // len(hosts))  # the scripts of an example's hosts are much alike
            loop = f'for i in $(seq {rounds}); do "$0" "$1" -q && "$0" "$2" -q || exit; done; "$0" "$1" -q'
            argv = ("/bin/sh", "-c", loop, BASH, str(lab.path("up")), str(lab.path("down")))
            ran = world.run(*argv, timeout=300)
            assert (ran.status, ran.err) == (0, ""), ran
            lab.must(world, "status")
            lab.must(world, "down")
            assert difference(before, world.state()) == ""


def test_quiet(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            for script in ("up", "up", "down", "down"):
                ran = lab.must(world, script, "-q")
                assert (ran.out, ran.err) == ("", "")


def test_more_than_one_flag_is_refused(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            before = world.state()
            for flags in (("-q", "-n"), ("-n", "-q"), ("-x",), ("up",)):
                ran = lab.run(world, "up", *flags)
                assert ran.status == 2, flags
                assert "usage" in ran.err
            assert difference(before, world.state()) == ""


def test_dry_run_prints_what_runs_and_runs_nothing(hosts: list[Lab], tmp_path: Path) -> None:
    for lab in hosts:
        shims = Shims(tmp_path / lab.plan.machine, [lab.path("up"), lab.path("down")])
        with lab.host() as world:
            before = world.state()
            printed = in_dry_run(world, lab.path("up"))
            assert shims.calls(world, lab.path("up"), "-n") == []
            assert difference(before, world.state()) == ""
            steps = {step.argv[0] for step in lab.plan.steps}
            assert steps <= {word for line in printed for word in line.split()}
            ran = set(shims.calls(world, lab.path("up")))
            printed_here = {line for line in printed if "netns exec" not in line and "$" not in line}
            assert printed_here - ran == set()


def test_dry_run_needs_no_root(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            as_root = lab.must(world, "up", "-n")
            as_nobody = world.run("unshare", "--user", BASH, str(lab.path("up")), "-n")
            assert as_nobody == as_root


def test_two_at_the_same_moment(hosts: list[Lab]) -> None:
    for lab in hosts:
        with lab.host() as world:
            before = world.state()
            up, down = (Job((BASH, str(lab.path(script)))) for script in ("up", "down"))
            both = world.together(up, up)
            assert [ran.status for ran in both] == [0, 0], both
            assert sorted("already" in ran.err for ran in both) == [False, True], both
            lab.must(world, "status")
            both = world.together(down, down)
            assert [ran.status for ran in both] == [0, 0], both
            assert difference(before, world.state()) == ""
            mixed = world.together(up, down)
            assert [ran.status for ran in mixed] == [0, 0], mixed
            lab.must(world, "down")
            assert difference(before, world.state()) == ""


def test_two_labs_at_once(compiled: Compiled) -> None:
    one, two = (compiled(PAIR.format(name=name, n=n)) for name, n in (("one", 1), ("two", 2)))
    with one.host() as world:
        before = world.state()
        one.must(world, "up")
        with_one = everything(world, one)
        two.must(world, "up")
        for lab in (one, two):
            lab.must(world, "verify")
            lab.must(world, "status")
        two.must(world, "down")
        assert difference(with_one, everything(world, one)) == ""
        one.must(world, "down")
        assert difference(before, world.state()) == ""


def test_a_lab_beside_its_copy_with_a_prefix(compiled: Compiled) -> None:
    text = PAIR.format(name="one", n=1)
    one, two = compiled(text), compiled(text.replace("lab one", "lab one { name-prefix x- }"))
    with one.host() as world:
        before = world.state()
        one.must(world, "up")
        two.must(world, "up")
        one.must(world, "down")
        two.must(world, "verify")
        two.must(world, "down")
        assert difference(before, world.state()) == ""


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("already_on", [False, True])
def test_two_labs_that_share_a_sysctl(first: int, already_on: bool, compiled: Compiled) -> None:
    labs = [compiled(ROUTER.format(name=name, n=n)) for name, n in (("one", 1), ("two", 2))]
    with labs[0].host() as world:
        if already_on:
            world.do("sysctl -qw net.ipv4.ip_forward=1")
        before = world.state()
        for lab in labs:
            lab.must(world, "up")
        labs[first].must(world, "down")
        assert world.state()["sysctl net/ipv4/ip_forward"] == "1"
        labs[1 - first].must(world, "verify")
        labs[1 - first].must(world, "status")
        labs[1 - first].must(world, "down")
        assert difference(before, world.state()) == ""


def test_two_labs_that_want_a_sysctl_otherwise(compiled: Compiled) -> None:
    text = "lab {0}\nsysctl net.ipv4.ip_default_ttl = {1}\nnetns {0}"
    one, two = compiled(text.format("one", 70)), compiled(text.format("two", 80))
    with one.host() as world:
        one.must(world, "up")
        before = everything(world, one)
        refused = two.run(world, "up")
        assert refused.status != 0
        assert "ip_default_ttl" in refused.err
        assert difference(before, everything(world, one)) == ""


def test_another_version_of_the_file(compiled: Compiled) -> None:
    text = "lab one\nnetns {0}\nveth {0}:eth0 10.1.0.1/24 -- host:{0}v 10.1.0.2/24\nsysctl net.ipv4.ip_default_ttl = 70"
    old, new = compiled(text.format("a")), compiled(text.format("b"))
    with old.host() as world:
        before = world.state()
        old.must(world, "up")
        while_up = everything(world, old)
        refused = new.run(world, "up")
        assert refused.status != 0
        assert "run down.sh first" in refused.err
        assert difference(while_up, everything(world, old)) == ""
        new.must(world, "down")
        assert difference(before, world.state()) == "", "a lab goes down as it went up"


DRIFTS = {
    "ip -n one1 addr del 10.1.0.1/24 dev eth0": ("10.1.0.1/24", "missing|differs"),
    "ip -n one2 link del dev eth0": ("one1:eth0", "missing"),
    "ip -n one1 link set dev eth0 down": ("one1:eth0", "differs"),
    "ip link set dev port mtu 1400": ("port", "differs"),
    "ip link set dev port nomaster": ("port", "differs"),
    "ip link del dev sw": ("sw", "missing"),
    "ip netns del one2": ("one2", "missing"),
    "ip route del 10.5.0.0/16": ("10.5.0.0/16", "missing|differs"),
    "ip route replace 10.5.0.0/16 via 203.0.113.7": ("10.5.0.0/16", "missing|differs"),
    "ip rule del pref 500": ("500", "missing|differs"),
    "sysctl -qw net.ipv4.ip_default_ttl=71": ("ip_default_ttl", "differs"),
    "ip netns exec one1 sysctl -qw net.ipv4.ip_forward=0": ("ip_forward of one1", "differs"),
    "ip -n one1 link set dev up0 address 02:00:00:00:00:0b": ("one1:up0", "differs"),
    "ip -n one1 rule del pref 600; ip -n one1 rule add pref 600 from 10.9.0.0/16 lookup 78": ("rule 600", "differs"),
    "ip -n one1 route replace 10.6.0.0/16 via 10.1.0.2": ("10.6.0.0/16", "differs"),
    "ip -n one1 neigh del 10.1.0.77 dev eth0": ("10.1.0.77", "missing|differs"),
}
DRIFTING = (
    PAIR.format(name="one", n=1)
    + """
sysctl net.ipv4.ip_default_ttl = 70
bridge sw
veth one1:up0 { mac 02:00:00:00:00:0a } -- sw:port { mtu 1450 }
route 10.5.0.0/16 via 203.0.113.9
rule pref 500 from 10.9.0.0/16 lookup 77
in one1 {
  forward ipv4; neigh 10.1.0.77 lladdr 02:00:00:00:00:77 dev eth0
  rule pref 600 from 10.9.0.0/16 lookup 77; route 10.6.0.0/16 via 10.1.0.2 src 10.1.0.1
}
uplink nic0 203.0.113.2/24
"""
)


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift(drift: str, compiled: Compiled) -> None:
    what, said = DRIFTS[drift]
    lab = compiled(DRIFTING)
    with World() as world:
        world.do("ip link add name nic0 type bridge; ip addr add 203.0.113.2/24 dev nic0; ip link set dev nic0 up")
        before = world.state()
        lab.must(world, "up")
        lab.must(world, "status")
        world.do(drift)
        status = lab.run(world, "status")
        assert status.status == 1
        told = [line for line in status.out.splitlines() if line.startswith(tuple(said.split("|")))]
        assert any(what in line for line in told), status
        lab.must(world, "down")
        left = "" if "ip_default_ttl" not in drift else "~ sysctl net/ipv4/ip_default_ttl: 64 -> 71"
        left = "+ ipv4 10.5.0.0/16 via 203.0.113.7 dev nic0" if drift.startswith("ip route replace") else left
        assert difference(before, world.state()) == left


def test_verify_tells_what_does_not_hold(compiled: Compiled) -> None:
    lab = compiled(PAIR.format(name="one", n=1))
    with lab.host() as world:
        lab.must(world, "up")
        world.do("ip -n one2 addr del 10.1.0.2/24 dev eth0")
        ran = lab.run(world, "verify")
        assert ran.status == 1
        assert "FAIL" in ran.out
        assert "test.net:6" in ran.out
