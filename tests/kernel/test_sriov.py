"""Virtual functions: what comes back, and what is refused, on a NIC that QEMU emulates (Intel's igb)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.kernel.labs import Lab, Up
from tests.kernel.state import State, difference
from tests.kernel.world import World

LAB = """
lab functions
uplink nic9 { vfs 2 }
netns a { vf eth0 10.9.0.1/24 on nic9 { index 0; mac 02:00:00:00:09:01; vlan 100; qos 3; spoofchk on; trust on } }
netns b { vf eth0 10.9.0.2/24 on nic9 { index 1; mtu 1400 } }
"""
FUNCTION = "/sys/class/net/nic9/device/virtfn{}"
FILE = "/sys/class/net/nic9/device/sriov_numvfs"


@pytest.fixture
def lab(compiled: Callable[[str], Lab]) -> Lab:
    """Return the lab; it skips the test where no NIC has virtual functions."""
    return compiled(LAB)


@pytest.fixture
def world(lab: Lab) -> Iterator[World]:
    """Return a host for it."""
    with lab.host() as host:
        yield host


def functions(world: World) -> list[str]:
    """Return what the physical function says of its virtual ones, a line each."""
    lines = world.do("ip link show dev nic9").splitlines()
    return [" ".join(line.split()) for line in lines if line.strip().startswith("vf ")]


def name_of(world: World, index: int) -> str:
    """Return the name of a virtual function's device on the host."""
    return world.do(f"ls /sys/class/net/nic9/device/virtfn{index}/net").strip()


def made_before(world: World, number: int) -> None:
    """Give the NIC virtual functions before the lab comes, and wait for their devices; each has been up once."""
    for index in range(number):
        if index == 0:
            world.do(f"echo {number} >{FILE}")
        world.do(f"for i in $(seq 50); do ls {FUNCTION.format(index)}/net/* >/dev/null 2>&1 && break; sleep 0.1; done")
    world.do("udevadm settle || :")
    for index in range(number):
        bounce(world, index)


def bounce(world: World, index: int) -> None:
    """Set a device up and down: it takes the MAC that the physical function has for it, and gets its qdisc."""
    name = name_of(world, index)
    world.do(f"ip link set dev {name} up", f"ip link set dev {name} down")


def kept(world: World) -> State:
    """Return the state but for what a device loses in any move: its queueing discipline, and its multicast filter."""
    lost = re.compile(r"link \S+ qdisc|qdisc |fdb 33:33:")
    return {key: value for key, value in world.state().items() if not lost.match(key)}


def test_settings_are_seen_at_the_physical_function(lab: Lab, world: World) -> None:
    lab.must(world, "up")
    first, second = functions(world)
    assert "link/ether 02:00:00:00:09:01" in first
    assert re.search(r"vlan 100, qos 3\b", first)
    assert "trust on" in first
    assert "vlan" not in second
    assert "mtu 1400" in world.do("ip -n b link show dev eth0")
    lab.must(world, "down")
    assert functions(world) == []


def test_virtual_functions_that_were_there_come_back_as_they_were(lab: Lab, world: World) -> None:
    made_before(world, 2)
    name = name_of(world, 0)
    world.do(
        "ip link set dev nic9 vf 0 mac 02:00:00:00:aa:00 vlan 7 qos 1",
        "ip link set dev nic9 vf 1 spoofchk off",
        f"ip link set dev {name} mtu 1450 alias mine group 7",
    )
    bounce(world, 0)
    before, said = kept(world), functions(world)
    lab.must(world, "up")
    assert functions(world) != said
    lab.must(world, "status")
    lab.must(world, "down")
    assert functions(world) == said
    assert difference(before, kept(world)) == ""


def test_another_number_comes_back(lab: Lab, world: World) -> None:
    made_before(world, 3)
    lab.must(world, "up")
    assert world.do(f"cat {FILE}") == "2\n"
    lab.must(world, "down")
    assert world.do(f"cat {FILE}") == "3\n"


def test_a_deleted_namespace_returns_no_nic_under_its_own_name(lab: Lab, world: World) -> None:
    made_before(world, 2)
    before = kept(world)
    lab.must(world, "up")
    world.do(
        "ip netns del a", "for i in $(seq 50); do ls /sys/class/net/nic9/device/virtfn0/net/* && break; sleep 0.1; done"
    )
    lab.must(world, "down")
    assert difference(before, kept(world)) == ""


@pytest.mark.parametrize(
    ("comes", "named"),
    [
        ("ip link set dev nic9 down", "nic9 is down"),
        ("ip link set dev {name} up", "virtual function 1 of nic9 is used"),
        ("ip netns add far; ip link set dev {name} netns far", "virtual function 1 of nic9 is used"),
    ],
)
def test_what_is_used_is_refused(comes: str, named: str, lab: Lab, world: World) -> None:
    made_before(world, 2)
    world.do(comes.format(name=name_of(world, 1)))
    before = world.state()
    up = lab.run(world, "up")
    assert up.status == 1
    assert named in up.err
    assert difference(before, world.state()) == ""


def test_another_number_is_refused_while_one_is_used(lab: Lab, world: World) -> None:
    made_before(world, 3)
    world.do(f"ip link set dev {name_of(world, 2)} up")
    up = lab.run(world, "up")
    assert up.status == 1
    assert "another number of virtual functions" in up.err
    assert world.do(f"cat {FILE}") == "3\n"


def test_more_than_the_nic_can_have(compiled: Callable[[str], Lab]) -> None:
    lab = compiled(LAB.replace("vfs 2", "vfs 8"))
    with lab.host() as world:
        up = lab.run(world, "up")
        assert up.status == 1
        assert "nic9 cannot have 8 virtual functions" in up.err
        assert world.do(f"cat {FILE}") == "0\n"


def test_the_number_stays_where_others_use_one_meanwhile(compiled: Callable[[str], Lab]) -> None:
    lab = compiled(LAB.replace("vfs 2", "vfs 3"))
    with lab.host() as world:
        lab.must(world, "up")
        world.do(f"ip link set dev {name_of(world, 2)} up")
        down = lab.must(world, "down")
        assert "left at 3" in down.err
        assert world.do(f"cat {FILE}") == "3\n"


FINDINGS = ("N390", "N391", "N392", "N393", "N394")


@pytest.mark.parametrize("code", FINDINGS)
def test_findings_of_virtual_functions(code: str, up: Up) -> None:
    """The bad lab does not come up, and takes everything back."""
    _, world, ran = up(code, False)
    assert ran.status != 0, ran
    assert world.do("cat /sys/class/net/enp1s0/device/sriov_numvfs") == "0\n"
    if code == "N390":
        refused = world.run("ip", "link", "set", "dev", "enp1s0", "vf", "2", "vlan", "5")
        assert "Invalid argument" in refused.err
    if code == "N393":
        assert ran.status == 1, "up.sh refuses before it changes anything"
        assert "enp1s0v0" in ran.err


@pytest.mark.parametrize("code", FINDINGS)
def test_what_is_right_of_virtual_functions(code: str, up: Up) -> None:
    lab, world, ran = up(code, True)
    assert ran.status == 0, ran
    lab.must(world, "status")
    lab.must(world, "down")
    assert world.do("cat /sys/class/net/enp1s0/device/sriov_numvfs") == "0\n"
