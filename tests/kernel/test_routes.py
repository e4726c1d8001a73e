"""Routes of the host with several next hops: marked, undone, and told where somebody has one already."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kernel.labs import Lab
from tests.kernel.state import difference

LAB = """
uplink nic0 203.0.113.2/24
veth host:h 10.0.0.1/24 -- a:e 10.0.0.2/24
netns a
route 10.5.0.0/16 nexthop via 203.0.113.9 dev nic0 weight 2 nexthop via 10.0.0.2
route 10.6.0.0/16 metric 9 nexthop via 10.0.0.2 nexthop via 10.0.0.3
route fd05::/64 nexthop via 2001:db8:ffff::9 dev nic0 nexthop via 2001:db8:ffff::8 dev nic0
route 10.7.0.0/16 via inet6 2001:db8:ffff::9 dev nic0
route 10.8.0.0/16 via 203.0.113.9 dev nic0 mtu lock 1400 advmss 1300
route 10.9.0.0/16 via 10.0.0.2 rto_min 1.5s rtt 5ms rttvar 7ms features ecn ssthresh 9 reordering 5 hoplimit 9
"""


def test_routes_of_the_host_come_and_go(compiled: Callable[[str], Lab]) -> None:
    lab = compiled(LAB)
    with lab.host() as world:
        before = world.state()
        lab.must(world, "up")
        status = lab.must(world, "status")
        assert "differ" not in status.out.splitlines()[0]
        assert "nexthop via 203.0.113.9 dev nic0 weight 2" in world.do("ip route show 10.5.0.0/16")
        world.do("ip route change 10.9.0.0/16 via 10.0.0.2 rto_min 1s")
        assert "without 'rto_min lock 1.5s' 'rtt 5ms'" in lab.run(world, "status").out
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


@pytest.mark.parametrize("stranger", ["10.5.0.0/16 via 203.0.113.9", "10.6.0.0/16 metric 9 via 203.0.113.9"])
def test_a_stranger_with_the_same_route_stays(stranger: str, compiled: Callable[[str], Lab]) -> None:
    lab = compiled(LAB)
    with lab.host() as world:
        world.do(f"ip route add {stranger} dev nic0")
        before = world.state()
        refused = lab.run(world, "up")
        assert refused.status == 1
        assert stranger.split(maxsplit=1)[0] in refused.err
        lab.must(world, "down")
        assert difference(before, world.state()) == ""
