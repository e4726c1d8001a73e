"""The findings of layer 2, asked of the kernel: the bad lab fails as promised, and the good one does not.

Labs with errors have no scripts: theirs are written here all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.labs import Brought, Lab, Up, ping
from tests.kernel.state import difference
from tests.kernel.world import World

REFUSED = {
    "N311": "Can not enslave a bridge to a bridge",
    "N312": "Device does not exist",
    "N322": "Device or resource busy",
    "N325": "Invalid argument",
    "N326": "Invalid argument",
    "N328": "Device or resource busy",
    "N334": "A VXLAN device with the specified VNI already exists",
    "N335": "Address already in use",
    "N337": "Invalid argument",
    "N338": "Invalid prefsrc address",
    "N339": "Nexthop has invalid gateway",
    "N340": "Invalid argument",
    "N342": "Operation not permitted",
    "N361": "Address already in use",
    "N363": "Cannot assign requested address",
}


@pytest.mark.parametrize("code", REFUSED)
def test_refused(code: str, up: Up) -> None:
    _, _, ran = up(code, False)
    assert ran.status not in {0, 1}, ran
    assert REFUSED[code] in ran.err
    _, _, ran = up(code, True)
    assert ran.status == 0, ran


@pytest.mark.parametrize("code", ["N310", "N315", "N316", "N323", "N324", "N330", "N332", "N333"])
@pytest.mark.parametrize("good", [False, True])
def test_expected_and_not_so(code: str, good: bool, up: Up) -> None:
    lab, world, ran = up(code, good)
    assert ran.status == 0, ran
    verify = lab.run(world, "verify")
    assert verify.status == (0 if good else 1), verify


#: A ping that works in the good lab alone: from where, to what, with which words of ping(8).
UNANSWERED = {
    "N317": ("a", "10.0.10.1", ""),
    "N318": ("a", "10.0.0.2", "-M do -s 5000"),
    "N321": ("a", "10.0.0.2", ""),
    "N331": ("h1", "10.9.0.2", ""),
    "N336": ("h1", "10.9.0.2", ""),
}


@pytest.mark.parametrize("code", UNANSWERED)
@pytest.mark.parametrize("good", [False, True])
def test_unanswered(code: str, good: bool, up: Up) -> None:
    netns, target, words = UNANSWERED[code]
    _, world, ran = up(code, good)
    assert ran.status == 0, ran
    assert ping(world, netns, target, words) == good
    if code == "N318":
        assert ping(world, netns, target), "small packets pass either way"


@pytest.mark.parametrize("good", [False, True])
def test_mtu_overlay(good: bool, up: Up) -> None:
    """Packets as large as the sender's link takes pass only where the VXLAN takes them as well."""
    _, world, ran = up("N319", good)
    assert ran.status == 0, ran
    assert ping(world, "a", "10.0.0.2")
    size = 1450 if good else 1500
    assert ping(world, "a", "10.0.0.2", f"-M do -s {size - 28}") == good


def test_vxlan_mtu_cap(up: Up) -> None:
    lab, world, ran = up("N320", False)
    assert ran.status == 0, ran
    assert " mtu 1450 " in world.do("ip -n a link show dev vx0")
    assert "differs" in lab.run(world, "status").out


@pytest.mark.parametrize("good", [False, True])
def test_vlan_unfiltered(good: bool, up: Up) -> None:
    _, world, ran = up("N314", good)
    assert ran.status == 0, ran
    world.do("ip -n a route add 10.0.20.0/24 dev eth0", "ip -n b route add 10.0.10.0/24 dev eth0")
    assert ping(world, "a", "10.0.20.1") != good


def test_ipvlan_mode_mix(up: Up) -> None:
    _, world, ran = up("N329", False)
    assert ran.status == 0, ran
    for netns in "ab":  # iproute2 prints two blanks before `mode`
        assert "ipvlan mode l3 " in " ".join(world.do(f"ip -d -n {netns} link show eth0").split())


def test_bond_delay_is_rounded(up: Up) -> None:
    """status.sh knows that it is: the lab is up as the finding says."""
    lab, world, ran = up("N341", False)
    assert ran.status == 0, ran
    assert " updelay 200 " in world.do("ip -d -n a link show bond0")
    lab.must(world, "status")


def test_children_with_one_mac(bring: Callable[[str, str], Brought]) -> None:
    child = "netns {0} {{ macvlan eth0 on wire {{ mode bridge; mac 02:00:00:00:00:01 }} }}\n"
    lab = "netns far\nveth wire -- far:eth0\n" + child.format("a") + child.format("b")
    _, _, ran = bring("N321", lab)
    assert "Address already in use" in ran.err, ran


def test_a_bridge_has_1023_ports(compiled: object, record_property: Callable[[str, object], None]) -> None:
    record_property("check shown", "N313")
    with World() as world:
        lines = ["link add name b type bridge"]
        lines += [f"link add name p{at} master b type veth peer name q{at}" for at in range(1023)]
        world.do("ip -batch - <<END", *lines, "END")
        refused = world.run("ip", "link", "add", "name", "more", "master", "b", "type", "veth", "peer", "name", "x")
        assert "Exchange full" in refused.err, refused


def test_the_mtu_of_a_bridge_is_kept(bring: Callable[[str, str], Brought]) -> None:
    lab, world, ran = bring("mtu", "bridge b { mtu 1400 }\nnetns a { veth e -- b:p; veth f -- b:q { mtu 9000 } }")
    assert ran.status == 0, ran
    lab.must(world, "status")
    world.do("ip link add name late master b type veth peer name x", "ip link set late mtu 1300")
    assert " mtu 1400 " in world.do("ip link show b"), "ports that join later do not change it"


@pytest.mark.parametrize("good", [False, True])
def test_options_are_seen_by_status(good: bool, bring: Callable[[str, str], Brought]) -> None:
    text = "bridge b { gro-max-size 4000; allmulticast off; txqueuelen 0 }\n"
    text += "netns a { veth e { arp off; multicast off; allmulticast on; promisc on; numtxqueues 3; numrxqueues 2 } "
    text += "-- b:p { isolated on; cost 7; port-group-fwd-mask 0x20; port-learning off; gso-max-size 512; state 2 } }\n"
    text += "fdb 02:00:00:00:00:01 dev p\n"
    text += "in a { vxlan v { external on; vnifilter on; dstport 4789; vni 9 20-30; vni 31-40 } }\n"
    lab, world, ran = bring("ports", text)
    assert ran.status == 0, ran
    if not good:
        world.do("ip link set dev p type bridge_slave isolated off", "bridge fdb del 02:00:00:00:00:01 dev p master")
        world.do("ip -n a link set dev e down", "ip -n a link set dev e up")  # the carrier comes, and the port forwards
        world.do("until ip -d link show p | grep -q 'state forwarding'; do sleep 0.1; done")
        world.do("ip link set dev b allmulticast on", "ip -n a link set dev e allmulticast off")
        world.do("bridge -n a vni delete dev v vni 9")
    status = lab.run(world, "status")
    told = [line.split()[0] for line in status.out.splitlines()[:-1]]
    assert "missing" not in told, status
    assert told.count("differs") == (0 if good else 6), status


def test_every_option(compiled: Callable[[str], Lab]) -> None:
    """The kernel takes each option, and shows it as the lab says."""
    lab = compiled(Path(__file__).with_name("options.net").read_text())
    if (lack := lab.lacks()) is not None:
        pytest.skip(f"options.net {lack}")
    with lab.host() as world:
        before = world.state()
        lab.must(world, "up")
        status = lab.must(world, "status")
        assert all(line.startswith("ok ") for line in status.out.splitlines()[:-1]), status
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


def test_a_child_on_the_host_of_a_device_in_a_namespace(compiled: Callable[[str], Lab]) -> None:
    text = "netns a { veth e 10.0.0.1/24 -- b:e 10.0.0.2/24 }\nnetns b\n"
    text += "macvlan mv 10.0.0.3/24 on a:e { mode bridge }\nexpect host <-> b\nexpect host -/> a\n"
    lab = compiled(text)
    with lab.host() as world:
        before = world.state()
        for _ in range(3):
            lab.must(world, "up")
            lab.must(world, "verify")
            lab.must(world, "status")
            lab.must(world, "down")
            assert difference(before, world.state()) == ""
