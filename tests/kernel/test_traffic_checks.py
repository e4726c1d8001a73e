"""The findings about packets on their way, asked of the kernel: the bad lab fails as promised, and the good one works.

Labs with errors have no scripts: theirs are written here all the same.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netc.checks import checks
from tests.kernel.labs import Lab, despite_findings, ping
from tests.kernel.world import World

Up = Callable[[str, str], "Iterator[World]"]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[[str, bool], World]]:
    """Return a function that brings a check's bad or good lab up, errors or not."""
    worlds: list[World] = []

    def of(code: str, good: bool) -> World:
        check = next(check for check in checks().values() if check.code == code)
        lab = despite_findings(check.good if good else check.bad, tmp_path / str(len(worlds)))
        if (lack := lab.lacks()) is not None:
            pytest.skip(f"{code} {lack}")
        world = lab.host()
        worlds.append(world)
        lab.must(world, "up")
        return world

    yield of
    for world in worlds:
        world.close()


@pytest.mark.parametrize("good", [False, True])
def test_nat_missing(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N430", good)
    assert ping(world, "client", "203.0.113.1") == good
    came = world.do("ip netns exec outside grep -E '^Icmp:' /proc/net/snmp").splitlines()[1].split()
    assert int(came[1]) >= 1, "the request arrives either way"


@pytest.mark.parametrize("good", [False, True])
def test_nat_double(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N431", good)
    world.do("ip -n r1 addr add 10.244.1.1/24 dev lo", "ip -n r2 addr add 10.244.2.1/24 dev lo")
    world.do("ip -n r2 route add 10.244.1.0/24 via 192.168.0.1")
    tracer = "ip netns exec r2 nft 'table inet seen { chain c { type filter hook input priority 0; ip protocol icmp "
    world.do(tracer + "ip saddr 10.244.1.1 counter; }; }'")
    assert ping(world, "r1", "10.244.2.1", "-I", "10.244.1.1")
    packets = re.search(r"counter packets (\d+)", world.do("ip netns exec r2 nft list table inet seen"))
    assert packets is not None
    assert (int(packets[1]) > 0) == good


@pytest.mark.parametrize("good", [False, True])
def test_nat_no_forward(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N443", good)
    world.do("ip -n client route add default via 10.0.0.1")
    assert ping(world, "client", "203.0.113.1") == good


def test_nft_not_final(up: Callable[[str, bool], World]) -> None:
    """What another table drops stays dropped, whatever the lab accepts, and whichever is asked first."""
    for priority in (-10, 10):
        world = up("N432", False)
        world.do("ip netns add x", "ip link add name p master br0 type veth peer name eth0 netns x", "ip link set p up")
        world.do("ip -n x link set eth0 up", "ip -n x addr add 10.0.0.2/24 dev eth0")
        world.do("ip -n x route add default via 10.0.0.1", "sysctl -qw net.ipv4.ip_forward=1")
        world.do("ip -n other addr add 203.0.113.7/24 dev wire0", "ip -n other route add 10.0.0.0/24 via 203.0.113.2")
        assert ping(world, "x", "203.0.113.7")
        world.do(f"nft 'table inet o {{ chain f {{ type filter hook forward priority {priority}; policy drop; }}; }}'")
        assert not ping(world, "x", "203.0.113.7")


@pytest.mark.parametrize("good", [False, True])
def test_brnf_drop(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N433", good)
    if not Path("/proc/sys/net/bridge").exists():
        pytest.skip("this kernel has no br_netfilter loaded")
    assert ping(world, "ns1", "10.0.0.2") == good
    assert "lladdr" in world.do("ip -n ns1 neigh show 10.0.0.2"), "ARP is answered either way"


@pytest.mark.parametrize("good", [False, True])
def test_brnf_per_bridge(good: bool, up: Callable[[str, bool], World]) -> None:
    if not Path("/proc/sys/net/bridge").exists():
        pytest.skip("this kernel has no br_netfilter loaded")
    world = up("N435", good)
    value = world.do("ip netns exec ns1 sysctl -n net.bridge.bridge-nf-call-iptables").strip()
    own = world.do("ip netns exec ns1 cat /sys/class/net/br1/bridge/nf_call_iptables").strip()
    assert (value, own) == ("0", "1" if good else "0"), "no bridge of the bad lab is filtered"


_ASK = """
import socket, struct
asking = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
asking.bind(("eth0", 0))
asking.settimeout(1)
own = asking.getsockname()[4]
frame = b"\\xff" * 6 + own + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1)
frame += own + socket.inet_aton("10.0.0.2") + bytes(6) + socket.inet_aton("10.0.0.1")
asking.send(frame)
heard = set()
try:
    while reply := asking.recv(2048):
        if reply[20:22] == b"\\x00\\x02":
            heard.add(reply[6:12].hex())
except TimeoutError:
    print(len(heard))
"""


@pytest.mark.parametrize("good", [False, True])
def test_arp_flux(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N436", good)
    heard = world.do(f"ip netns exec ns2 {shlex.quote(sys.executable)} -c {shlex.quote(_ASK)}")
    assert heard.strip() == ("1" if good else "2"), "so many MAC addresses answer for one IP address"


@pytest.mark.parametrize("good", [False, True])
def test_all_vs_default(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N437", good)
    key = "net.ipv6.conf.eth0.accept_ra"
    assert world.do(f"ip netns exec ns1 sysctl -n {key}").strip() == ("0" if good else "1")


KEYS = sorted(next(check for check in checks().values() if check.code == "N437").run.__globals__["_OWN"])


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_devices_do_not_take_from_all(key: str) -> None:
    with World() as world:
        world.do("ip link add name one type bridge", "ip link set one up")
        conf = "/proc/sys/net/ipv6/conf"
        before = world.do(f"cat {conf}/one/{key}").strip()
        other = str(int(before) + 1 if int(before) != 1 else 0)
        world.do(f"echo {other} >{conf}/all/{key}", "ip link add name two type bridge")
        assert world.do(f"cat {conf}/all/{key}").strip() == other
        assert world.do(f"cat {conf}/one/{key}").strip() == before
        assert world.do(f"cat {conf}/two/{key}").strip() == world.do(f"cat {conf}/default/{key}").strip()


@pytest.mark.parametrize("good", [False, True])
def test_rule_shadowed(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N438", good)
    connect = "import socket; socket.create_connection(('127.0.0.1', 22), timeout=1)"
    failed = world.run("ip", "netns", "exec", "ns1", sys.executable, "-c", connect)
    assert ("refused" in failed.err) == good, failed
    assert ("timed out" in failed.err) != good, failed


@pytest.mark.parametrize("good", [False, True])
def test_burst_small(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N441", good)
    assert ping(world, "ns1", "10.0.0.2")
    assert ping(world, "ns1", "10.0.0.2", "-s", "1400") == good


@pytest.mark.parametrize("good", [False, True])
def test_limit_small(good: bool, compiled: Callable[[str], Lab]) -> None:
    """A hundred packets at once: they fit the rate, and not the queue.

    What the queue dropped is its own count, not what ping missed: replies that ping does not read in time are lost in
    its socket, which holds 57 of this size, and that is no fault of the line.
    """
    check = next(check for check in checks().values() if check.code == "N442")
    lab = compiled(check.good if good else check.bad)
    with lab.host() as world:
        lab.must(world, "up")
        assert ping(world, "ns1", "10.0.0.2")
        world.run(*shlex.split("timeout -s INT 8 ip netns exec ns1 ping -n -q -l 100 -c 100 -s 1400 10.0.0.2"))
        queue = world.do("ip netns exec ns1 tc -s qdisc show dev eth0")
        dropped = re.search(r"Sent \d+ bytes (\d+) pkt \(dropped (\d+)", queue)
        assert dropped is not None
        sent, lost = int(dropped[1]), int(dropped[2])
        assert (sent >= 100 and lost == 0) if good else lost > 0, queue


@pytest.mark.parametrize("good", [False, True])
def test_filter_nd(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N444", good)
    world.do("ip netns exec ns1 ping -n -c 3 -i 0.2 -W 1 fd00::2 >/dev/null || :")
    assert ("lladdr" in world.do("ip -n ns1 neigh show fd00::2")) == good


@pytest.mark.parametrize("good", [False, True])
def test_mirror_loop(good: bool, up: Callable[[str, bool], World]) -> None:
    world = up("N439", good)
    sent = "ip netns exec ns2 cat /sys/class/net/eth1/statistics/rx_packets"
    before = int(world.do(sent))
    world.do("ip netns exec ns1 ping -n -c 10 -i 0.1 -W 1 10.0.0.2 >/dev/null || :")
    copies = int(world.do(sent)) - before
    assert (copies < 50) == good, copies  # ten requests and ten replies, each copied once, and some ARP
