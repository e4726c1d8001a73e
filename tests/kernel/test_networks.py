"""Networks on a real kernel: how their packets travel between hosts, which is more than that they arrive."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel.labs import EXAMPLES, Lab
from tests.kernel.world import ROOT, World

Counts = dict[str, int]
PINGS = 5


def ping(world: World, device: str, source: str, target: str, size: int = 56) -> Counts:
    """Ping between namespaces of an emulated lab, and return what passed a device of its physical network.

    No packet is to be taken apart; `size` is that of its data, in octets.
    """
    once = f"ip netns exec {source} ping -n -q -c 1 -W 1 {target} >/dev/null"
    world.do(f"{once} || {once} || {once} || {once}")  # neighbours are found out before it counts
    listen = f"ip netns exec segments {sys.executable} -m tests.kernel.wire {device}"
    out = world.do(
        f"cd {shlex.quote(str(ROOT))}",
        f"{listen} >/run/wire & listening=$!",
        "until grep -q ready /run/wire; do sleep 0.01; done",
        f"ip netns exec {source} ping -n -q -c {PINGS} -i 0.05 -W 2 -M do -s {size} {target} >/dev/null",
        "kill -TERM $listening && wait $listening",
        "tail -n 1 /run/wire",
    )
    counts: Counts = json.loads(out)
    return counts


#: A service address that leads a namespace to itself, translated as the bridge passes the packet on.
ITSELF = """
lab itself
sysctl net.bridge.bridge-nf-call-iptables = 1
network pods bridge 10.88.0.0/16 {{ name lab-br0; {options} }}
join pods 10.88.1.0/24
nat dnat daddr 10.99.0.1 to 10.88.1.2
nat masquerade saddr 10.88.1.2 daddr 10.88.1.2
netns a {{ attach eth0 10.88.1.2 to pods }}
"""


@pytest.mark.parametrize(
    ("options", "passes"), [("hairpin on", True), ("hairpin off", False), ("hairpin on; isolated on", False)]
)
def test_who_sends_to_a_service_of_its_own_needs_a_hairpin(
    options: str, passes: bool, compiled: Callable[[str], Lab]
) -> None:
    lab = compiled(ITSELF.format(options=options))
    with lab.host() as world:
        lab.must(world, "up")
        lab.must(world, "status")
        answered = world.run("ip", "netns", "exec", "a", "ping", "-n", "-q", "-c", "1", "-W", "1", "10.99.0.1")
        assert (answered.status == 0) == passes, answered
        assert world.run("ip", "netns", "exec", "a", "ping", "-n", "-q", "-c", "1", "10.88.1.1").status == 0
        lab.must(world, "down")


@pytest.fixture
def emulated(built: Callable[[Path], list[Lab]]) -> Callable[[str], Lab]:
    """Return a function that gives an example with all its hosts on one machine."""

    def of(name: str) -> Lab:
        (path,) = (path for path in EXAMPLES if path.stem == name)
        lab = built(path)[-1]
        if (lack := lab.lacks()) is not None:
            pytest.skip(f"{name} {lack}")
        return lab

    return of


#: Example, device of the physical network, from, to: how the packets travel there, and how long they may be.
WAYS = [
    ("flannel-vxlan", "n1-eth0", "n1-a", "10.244.2.9", "vxlan", 1450),
    ("flannel-host-gw", "n1-eth0", "n1-a", "10.244.2.9", "plain", 1500),
    ("flannel-direct-routing", "n1-eth0", "n1-a", "10.244.2.9", "plain", 1450),
    ("flannel-direct-routing", "n1-eth0", "n1-a", "10.244.3.2", "vxlan", 1450),
    ("flannel-direct-routing", "router-eth1", "n1-a", "10.244.3.2", "vxlan", 1450),
    ("flannel-dual-stack", "n1-eth0", "n1-p1", "10.244.2.2", "vxlan", 1430),
    ("flannel-dual-stack", "n1-eth0", "n1-p1", "fd00:10:244:2::2", "vxlan", 1430),
    ("calico-cross-subnet", "n1-eth0", "n1-a", "192.168.100.129", "plain", 1430),
    ("calico-cross-subnet", "n1-eth0", "n1-a", "192.168.100.193", "vxlan", 1430),
    ("calico-cross-subnet", "n1-eth0", "n1-a", "fd00:100::c1", "vxlan", 1430),
    ("calico-ipip", "n1-eth0", "n1-a", "192.168.100.129", "ipip", 1480),
]


@pytest.mark.parametrize(("example", "device", "source", "target", "way", "mtu"), WAYS)
def test_packets_travel_as_the_network_says(
    example: str, device: str, source: str, target: str, way: str, mtu: int, emulated: Callable[[str], Lab]
) -> None:
    lab = emulated(example)
    headers = 48 if ":" in target else 28  # RFC 8200 and RFC 791, and the 8 octets of an echo (RFC 792, RFC 4443)
    with lab.host() as world:
        lab.must(world, "up")
        counts = ping(world, device, source, target, mtu - headers)
        assert counts == {"vxlan": 0, "plain": 0, "ipip": 0, "fragment": 0} | {way: 2 * PINGS}
        too_long = f"ip netns exec {source} ping -n -q -c 1 -W 1 -M do -s {mtu - headers + 1} {target}"
        assert world.run(*shlex.split(too_long)).status != 0


def test_what_stays_on_a_host_is_not_on_the_wire(emulated: Callable[[str], Lab]) -> None:
    lab = emulated("flannel-vxlan")
    with lab.host() as world:
        lab.must(world, "up")
        assert set(ping(world, "n1-eth0", "n1-a", "10.244.1.3").values()) == {0}


def test_who_leaves_the_network_is_masqueraded(emulated: Callable[[str], Lab]) -> None:
    lab = emulated("flannel-vxlan")
    seen = "nft add table ip seen; nft add chain ip seen in '{ type filter hook input priority 0; }';"
    seen += "nft add rule ip seen in icmp type echo-request ip saddr 192.168.50.11 counter"
    with lab.host() as world:
        lab.must(world, "up")
        world.do(f"ip netns exec n2 sh -c {shlex.quote(seen)}")
        world.do("ip netns exec n1-a ping -n -q -c 3 -i 0.1 192.168.50.12")
        assert "counter packets 3 " in world.do("ip netns exec n2 nft list table ip seen")
