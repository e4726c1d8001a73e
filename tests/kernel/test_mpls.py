"""MPLS on a kernel: what packets carry on their way, what goes wrong without it, and what the host gets back."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable

from tests.kernel.labs import EXAMPLES, Brought, Lab, Up, ping
from tests.kernel.state import difference

_SNIFF = """
import socket, struct, sys
listening = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x8847))
listening.bind((sys.argv[1], 0))
listening.settimeout(5)
print("ready", flush=True)
frame, labels, at = listening.recv(2048), [], 14
while True:
    (entry,) = struct.unpack_from("!I", frame, at)
    labels.append(str(entry >> 12))
    at += 4
    if entry & 0x100:
        break
print("/".join(labels))
"""
HOST = """
lab labels
netns a
netns b
forward ipv4
veth left 10.1.0.1/24 -- a:eth0 10.1.0.2/24
veth right 10.2.0.1/24 -- b:eth0 10.2.0.2/24
mpls 100 ttl-propagate disabled nexthop as 200 via 10.2.0.2 nexthop as 200 via 10.2.0.2 dev right
mpls 101 via 10.1.0.2
in a { route 10.9.0.2/32 encap mpls 100 via 10.1.0.1; address lo 10.9.0.1/32; route 10.2.0.0/24 via 10.1.0.1 }
in b { address lo 10.9.0.2/32; mpls 200 dev lo; route 10.9.0.1/32 encap mpls 101 via 10.2.0.1 }
in b { route 10.1.0.0/24 via 10.2.0.1 }
"""


def test_findings_of_labels(up: Up, bring: Callable[[str, str], Brought]) -> None:
    for code in ("N461", "N462"):
        for good in (True, False):
            _, world, ran = up(code, good)
            assert ran.status == 0, ran
            assert ping(world, "a", "10.2.0.2") == good
    _, _, ran = bring("N462", "netns a { sysctl net.mpls.platform_labels = 100; mpls 100 dev lo }")
    assert "Label >= configured maximum in platform_labels" in ran.err, ran
    _, _, ran = bring("N208", "netns a { veth e 10.0.0.1/24 -- a:f; mpls 100 via 10.7.0.1 }")
    assert ran.status not in {0, 1}, ran


def test_label_routes_of_the_host(compiled: Callable[[str], Lab]) -> None:
    """The host forwards by labels, and is as it was afterwards, parameters included."""
    lab = compiled(HOST)
    with lab.host() as world:
        world.do("[ -e /proc/sys/net/mpls ] || modprobe mpls_router")
        before = world.state()
        lab.must(world, "up")
        assert ping(world, "a", "10.9.0.2", "-I", "10.9.0.1")
        assert world.do("ip -f mpls route show").count("nexthop as to 200 via inet 10.2.0.2") == 2
        lab.must(world, "status")
        protocol = lab.plan.mark.protocol
        world.do("ip -f mpls route del 101", f"ip -f mpls route replace 100 as 200 via inet 10.2.0.2 proto {protocol}")
        status = lab.run(world, "status")
        assert [line.split()[0] for line in status.out.splitlines() if line[:2] != "ok"][:2] == ["differs", "missing"]
        lab.must(world, "down")
        assert difference(before, world.state()) == ""
        world.do("sysctl -qw net.mpls.platform_labels=1000", "ip -f mpls route add 900 dev lo")
        refused = lab.run(world, "up")
        assert refused.status == 1
        assert "net.mpls.platform_labels is more than" in refused.err
        world.do("sysctl -qw net.mpls.platform_labels=102", "ip -f mpls route add 100 dev lo")
        assert "a route for label 100" in lab.run(world, "up").err


def test_what_labels_packets_carry(compiled: Callable[[str], Lab]) -> None:
    """On each link of the example those that its comments say, there and back."""
    (path,) = (example for example in EXAMPLES if example.stem == "mpls")
    lab = compiled(path.read_text())
    sniff = f"{shlex.quote(sys.executable)} -c {shlex.quote(_SNIFF)}"
    places = {("core1", "edge"): "100", ("core2", "core"): "200/7000", ("edge2", "core"): "7000"}
    places |= {("core2", "edge"): "101", ("core1", "core"): "201"}
    with lab.host() as world:
        lab.must(world, "up")
        world.do(
            *(f"ip netns exec {netns} {sniff} {device} >/run/{netns}-{device} &" for netns, device in places),
            *(f"until [ -s /run/{netns}-{device} ]; do sleep 0.1; done" for netns, device in places),
            "ip netns exec a ping -n -c 1 -W 2 10.2.0.2 >/dev/null",
            "wait",
        )
        seen = {place: world.do(f"tail -n 1 /run/{'-'.join(place)}").strip() for place in places}
    assert seen == places
