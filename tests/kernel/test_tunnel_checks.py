"""The findings of tunnels and IPsec, asked of the kernel: the bad lab fails as its page says, and the good one works.

Labs with errors have no scripts: theirs are written here all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netc.checks import checks
from tests.kernel.labs import Brought, Lab, Up, ping
from tests.kernel.state import difference
from tests.kernel.world import World

Bring = Callable[[str, str], Brought]
REFUSED = {"N353": "File exists", "N358": "Address already in use", "N359": "File exists", "N362": "File exists"}


@pytest.mark.parametrize("code", REFUSED)
def test_refused(code: str, up: Up) -> None:
    _, _, ran = up(code, False)
    assert ran.status not in {0, 1}, ran
    assert REFUSED[code] in ran.err
    _, _, ran = up(code, True)
    assert ran.status == 0, ran


@pytest.mark.parametrize("code", ["N351", "N354"])
def test_unanswered(code: str, up: Up) -> None:
    for good in (True, False):
        _, world, ran = up(code, good)
        assert ran.status == 0, ran
        assert ping(world, "a", "10.9.0.2") == good
        if code == "N351" and not good:
            assert int(world.do("ip netns exec a cat /sys/class/net/t0/statistics/tx_carrier_errors")) > 0


#: Of WireGuard: a ping that works in the good lab alone, one from the other side and what it says, and all in which the
#: good lab differs. What has it is slow, so the bad lab becomes the good one.
PEERS = {
    "N355": ("a 10.9.0.1", "", {"hub": ["a allowed-ips 10.9.0.2", "b allowed-ips 10.9.0.3"]}),
    "N356": ("a 10.9.0.1", "hub 10.9.0.2 Required key not available", {"hub": ["a allowed-ips 10.9.0.2"]}),
    "N357": ("a 10.9.0.2", "a 10.9.0.2 Destination address required", {"b": ["a endpoint 10.0.0.1:51820"]}),
}


@pytest.mark.parametrize("code", PEERS)
def test_peers(code: str, up: Up) -> None:
    _, world, ran = up(code, False)
    assert ran.status == 0, ran
    asked, says, peers = PEERS[code]
    netns, target = asked.split()
    assert not ping(world, netns, target)
    if says:
        netns_said, target_said, message = says.split(maxsplit=2)
        assert message in said(world, netns_said, target_said)
    if code == "N355":
        assert ping(world, "b", "10.9.0.1"), "the last peer has the addresses"
    for at, changes in peers.items():
        for change in changes:
            peer, words = change.split(maxsplit=1)
            key = f"$(ip netns exec {peer} wg show wg0 public-key)"
            world.do(f"ip netns exec {at} wg set wg0 peer {key} {words}")
            if code == "N357":
                ping(world, at, "10.9.0.1")  # who has the endpoint begins
    assert ping(world, netns, target)


def said(world: World, source: str, target: str) -> str:
    """Return all that a ping says."""
    return world.do(f"ip netns exec {source} ping -n -c 1 -W 1 {target} 2>&1 || true")


def test_tunnel_ends(up: Up, bring: Bring) -> None:
    """A guess of the ends: each end is right by itself, both come up, and nothing gets through."""
    _, world, ran = up("N350", True)
    assert ran.status == 0, ran
    assert ping(world, "a", "10.9.0.2")
    bad = next(check for check in checks().values() if check.code == "N350").bad
    wires, _, _ = bad.partition("gre ")
    guess = "in a { gre t0 10.9.0.1/30 { local 10.0.0.1; remote 10.0.0.2 } }\n"
    guess += "in b { gre t0 10.9.0.2/30 { local 10.1.0.2; remote 10.1.0.1 } }\n"
    _, world, ran = bring("N350", wires + guess)
    assert ran.status == 0, ran
    assert not ping(world, "a", "10.9.0.2")


@pytest.mark.parametrize("good", [False, True])
def test_tunnel_mtu(good: bool, up: Up) -> None:
    """Packets as large as the tunnel's link takes pass only where the device below takes them wrapped as well."""
    _, world, ran = up("N352", good)
    assert ran.status == 0, ran
    assert ping(world, "a", "10.9.0.2")
    size = 1476 if good else 1500
    assert ping(world, "a", "10.9.0.2", f"-M do -s {size - 28}") == good
    assert ping(world, "a", "10.9.0.2", "-M do -s 1448"), "what fits passes either way"


def test_ipsec_no_state(up: Up) -> None:
    """Without a state nothing is sent; with one, packets go out encrypted."""
    wire = (
        "ip -n a link add name wire type veth peer name far netns other",
        "ip -n a addr add 10.0.0.1/24 dev wire",
        "ip -n a link set dev wire up",
        "ip -n other link set dev far up",
        "ip -n a neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev wire",
    )
    for good in (True, False):
        _, world, ran = up("N360", good)
        assert ran.status == 0, ran
        world.do("ip netns list | grep -qw other || ip netns add other", *wire)
        assert " 0 received" in said(world, "a", "10.0.0.2"), "the other end has no states"
        packets = world.do("ip netns exec a ip -s xfrm state list spi 0x101")
        assert ("1(packets)" in packets) == good, packets


def test_tunnels_in_udp_erspan_and_6rd(compiled: Callable[[str], Lab]) -> None:
    """All carry packets, and status.sh sees a port that is closed: without it, nobody takes the UDP header off."""
    lab = compiled(Path(__file__).with_name("tunnels.net").read_text())
    if (lack := lab.lacks()) is not None:
        pytest.skip(f"tunnels.net {lack}")
    with lab.host() as world:
        before = world.state()
        lab.must(world, "up")
        lab.must(world, "verify")
        world.do("ip -n a fou del port 5556")
        status = lab.run(world, "status", "-q")
        assert [line.split()[0] for line in status.out.splitlines()] == ["differs"], status  # and all else as declared
        assert "UDP port 5556 of a" in status.out
        assert world.run("ip", "netns", "exec", "b", "ping", "-c", "1", "-W", "1", "fd12::1").status == 1
        lab.must(world, "down")
        assert difference(before, world.state()) == ""
