"""A device of the host that is given away: what is refused, and that it comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kernel.labs import Lab
from tests.kernel.state import difference, steady

LAB = "lab taken\nnetns c\nmove nic7 to c 10.7.0.1/24 fd07::1/64 { mtu 1500; proxy-arp on }\n"


def test_it_comes_back(compiled: Callable[[str], Lab]) -> None:
    lab = compiled(LAB)
    with lab.host() as world:
        before = world.state()
        for _ in range(2):
            lab.must(world, "up")
            assert world.run("ip", "link", "show", "dev", "nic7").status != 0, "it is gone from the host"
            assert "10.7.0.1/24" in world.do("ip -n c addr show dev nic7")
            lab.must(world, "status")
            lab.must(world, "down")
            assert difference(before, world.state()) == ""
        lab.must(world, "up")
        world.do('ip -n c link set dev nic7 netns "$PPID"', "ip netns del c")  # as the kernel returns a card
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


@pytest.mark.parametrize(
    ("comes", "named"),
    [
        ("ip link del nic7", "there is no device nic7"),
        ("ip link set dev nic7 mtu 1400", "nic7 has not the MTU 1500"),
        ("ip link set dev nic7 up", "nic7 is used"),
        ("ip link add name b type bridge; ip link set dev nic7 master b", "nic7 is used"),
        ("ip link set dev nic7 group 9", "nic7 is in a link group or has an alias"),
        ("ip link set dev nic7 alias mine", "nic7 is in a link group or has an alias"),
        ("ip addr add 10.7.0.9/24 dev nic7", "nic7 has addresses of the host"),
    ],
)
def test_what_is_used_is_refused(comes: str, named: str, compiled: Callable[[str], Lab]) -> None:
    lab = compiled(LAB)
    with lab.host() as world:
        world.do(comes)
        before = steady(world.state())
        up = lab.run(world, "up")
        assert up.status == 1
        assert named in up.err
        assert difference(before, steady(world.state())) == ""
