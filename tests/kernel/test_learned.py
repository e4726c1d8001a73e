"""Entries that the kernel has learned before up.sh gets to write its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kernel.labs import Lab
from tests.kernel.state import difference

LAB = """
netns h
netns sw {
  bridge br0 10.0.0.2/24
  veth q 10.0.2.2/24 -- h:q 10.0.2.3/24 { mac 02:00:00:00:00:0a }
  veth p { master br0 } -- h:e 10.0.0.1/24 { mac 02:00:00:00:00:09 }
  neigh 10.0.2.3 lladdr 02:00:00:00:00:0a dev q
  fdb 02:00:00:00:00:09 dev p master
}
"""
#: What h says before the first of the two entries is written: it pings sw, and asks for somebody behind the bridge.
TALK = "ip netns exec h ping -c 1 -W 2 {0} >/dev/null || {1}\n"


@pytest.mark.parametrize("learned", [False, True])
def test_a_learned_entry_gives_way(learned: bool, compiled: Callable[[str], Lab]) -> None:
    lab = compiled(LAB)
    up = lab.path("up")
    text = up.read_text()
    at = text.rindex("  ip -n sw neigh replace")
    look = "  ip -n sw neigh show to 10.0.2.3 dev q >&2; bridge -n sw fdb show dev p | grep :09 >&2\n"
    talk = "  " + TALK.format("10.0.2.2", "exit 9") + "  " + TALK.format("10.0.0.77", ":") + look
    up.write_text(text[:at] + (talk if learned else "") + text[at:])
    with lab.host() as world:
        before = world.state()
        ran = lab.must(world, "up")
        if learned:
            assert "lladdr 02:00:00:00:00:0a" in ran.err
            assert "02:00:00:00:00:09 master br0" in ran.err
        assert "PERMANENT" in world.do("ip -n sw neigh show to 10.0.2.3 dev q")
        assert "02:00:00:00:00:09 master br0 static" in world.do("bridge -n sw fdb show dev p")
        lab.must(world, "down")
        assert difference(before, world.state()) == ""
