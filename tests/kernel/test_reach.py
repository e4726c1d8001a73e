"""The forwarding model against the kernel: what it says of every pair, and what becomes of their pings.

A slice of the long run (`make reach`): the labs that once proved the model wrong, labs of fixed seeds, and labs of
fresh seeds, which the test prints so that they can be drawn again (NETC_SEED).
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from netc.reach.hop import Stop
from tests.compiled import ROOT
from tests.kernel.world import World
from tests.reach import guards, peers, tunnels, wires
from tests.reach.generator import draw
from tests.reach.oracle import Case, ask, read

FOUND = Path(__file__).parents[1] / "reach" / "found"
FRESH = int(os.environ.get("NETC_SEED", "0")) or random.SystemRandom().randrange(1 << 20, 1 << 30)
TOGETHER = 10


def compare(cases: list[Case], folder: Path) -> list[Case]:
    """Ask the kernel, and check that it agrees; return the labs that it took."""
    folder.chmod(0o755)
    ready = [case for case in cases if not case.refused]
    with World() as world:
        for start in range(0, len(ready), TOGETHER):
            ask(world, ready[start : start + TOGETHER], folder)
    wrong = [line for case in ready if not case.refused for line in case.disagreements()]
    assert not wrong, "\n".join([*wrong, *(case.text for case in ready if any(case.name in line for line in wrong))])
    return [case for case in ready if not case.refused]


def test_labs_that_proved_the_model_wrong(tmp_path: Path) -> None:
    prove_found(FOUND, tmp_path)


def test_labs_that_proved_the_model_wrong_on_a_machine(compiled: Callable[[str], object], tmp_path: Path) -> None:
    compiled(EVERY_WIRE)  # skips where the kernel lacks one of them
    prove_found(FOUND / "machine", tmp_path)


def prove_found(folder: Path, tmp_path: Path) -> None:
    cases = [read(path.stem, path.read_text()) for path in sorted(folder.glob("*.net"))]
    assert [case.refused for case in cases] == [""] * len(cases)
    assert len(compare(cases, tmp_path)) == len(cases) > 0
    assert all(len(case.asked) == len(case.pairs) > 0 for case in cases)


# Everything that a table may do to a ping, and next hops that come to the same or do not.
TABLES = """
netns a {
  veth e 10.1.0.2/24 fd01::2/64 -- r:a 10.1.0.1/24 fd01::1/64
  veth f 10.3.0.2/24 -- b:f 10.3.0.3/24
  route default via 10.1.0.1
  route default via fd01::1
}
netns b { veth e 10.2.0.2/24 fd02::2/64 -- r:b 10.2.0.1/24 fd02::1/64; route default via fd02::1 }
netns c { veth e 10.4.0.2/24 fd04::2/64 -- r:c 10.4.0.1/24 fd04::1/64; route default via 10.4.0.1 }
netns r {
  sysctl net.ipv6.conf.default.accept_dad = 0
  forward ipv4 ipv6
  address lo 10.9.9.1/32
  address lo 10.9.9.2/32
  address lo fd09::1/128
  nat dnat daddr 10.9.9.1 to 10.2.0.2
  nat dnat daddr 10.9.9.2 to 10.3.0.3
  nat dnat daddr fd09::1 to fd02::2
  masquerade 10.1.0.0/24 out b
  nat snat fd04::/64 out b to fd02::1
  filter forward accept established
  filter forward drop in b
  filter forward reject in c out a ipv4
  filter output drop daddr 10.4.0.0/24
  filter input drop in c icmpv6 nd-neighbor-solicit
  veth u 10.5.0.1/24 -- d:u 10.5.0.2/24
  veth v 10.6.0.1/24 -- d:v 10.6.0.2/24
  route 10.3.0.0/24 via 10.1.0.2
  route 10.8.0.1 nexthop via 10.5.0.2 nexthop via 10.6.0.2
}
netns d {
  address lo 10.8.0.1/32
  route 10.1.0.0/24 nexthop via 10.5.0.1 nexthop via 10.6.0.1
}
in a { forward ipv4 }
in b { route 10.1.0.0/24 via 10.3.0.2 }
"""


def test_tables_and_next_hops(tmp_path: Path) -> None:
    case = read("tables", TABLES)
    assert case.refused == ""
    assert compare([case], tmp_path) == [case]
    ways = [walk for pair in case.asked for walk in pair.ping.walks]
    assert {walk.rule.origin.title.split()[1] for walk in ways if walk.rule is not None} == {
        "forward",
        "output",
        "input",
    }
    assert sum(any(hop.changes for hop in walk.hops) for walk in ways) >= 10
    assert any(len(pair.ping.ways) > 1 and pair.ping.answered for pair in case.asked)


# Ports that keep frames back, each in its way.
PORTS = """
netns sw {
  bridge br0 10.0.0.1/24 { stp off }
  bridge br1 { stp off }
}
netns plain { veth e 10.0.0.2/24 -- sw:br0 }
netns waiting { veth e 10.0.0.3/24 -- sw:br0 { state learning } }
netns locked { veth e 10.0.0.4/24 -- sw:br0 { locked on; port-learning off } }
netns quiet { veth e 10.0.0.5/24 -- sw:br0 { bcast-flood off } }
netns known { veth e 10.0.0.6/24 -- sw:br0 { flood off; mcast-flood off } }
netns guest { veth e 10.0.0.7/24 -- sw:br0 { isolated on }; veth f 10.1.0.7/24 -- sw:br1 { locked on } }
netns other { veth e 10.0.0.8/24 -- sw:br0 { isolated on; hairpin on }; veth f 10.1.0.8/24 -- sw:br1 { flood off } }
netns last { veth f 10.1.0.9/24 -- sw:br1 { bcast-flood off; flood off } }
"""


def test_ports_that_keep_frames_back(tmp_path: Path) -> None:
    case = read("ports", PORTS)
    assert case.refused == ""
    assert compare([case], tmp_path) == [case]
    assert len(case.asked) == len(case.pairs)
    assert 20 < sum(pair.ping.answered for pair in case.asked) < len(case.asked) - 20


@pytest.mark.parametrize("seeds", ["fixed", "fresh"])
def test_random_labs(seeds: str, tmp_path: Path) -> None:
    first = 1 if seeds == "fixed" else FRESH
    cases = compare([read(f"seed {seed}", draw(seed)) for seed in range(first, first + 40)], tmp_path)
    pairs = [pair for case in cases for pair in case.pairs]
    asked = [pair for case in cases for pair in case.asked]
    print(f"seeds {first}..{first + 39}: {len(cases)} labs, {len(asked)} pairs")
    assert len(cases) >= 25
    assert len(asked) > 0.95 * len(pairs)
    assert 0.1 < sum(pair.ping.answered for pair in asked) / len(asked) < 0.95


def test_random_tunnels(compiled: Callable[[str], object], tmp_path: Path) -> None:
    """Every tunnel of IP packets or frames, right and wrong; the example has each kind, and skips where one is not."""
    compiled((ROOT / "examples" / "tunnels.net").read_text(encoding="utf-8"))
    cases = compare([read(f"tunnels, seed {seed}", tunnels.draw(seed)) for seed in range(1, 6)], tmp_path)
    asked = [pair for case in cases for pair in case.asked]
    assert len(cases) == 5
    assert len(asked) > 300
    assert {Stop.DELIVERED, Stop.LOST} <= {pair.ping.last.stop for pair in asked}


EVERY_SOCKET = """
netns a { veth e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 fd00::2/64; fou 5 ipproto 47; fou 6 gue ipv6 }
netns b { fou 5 ipproto 47; fou 6 gue ipv6 }
gre a:g -- b:g { encap fou; encap-dport 5 }
ip6gre a:h -- b:h { encap gue; encap-dport 6 }
l2tp a:l -- b:l { tunnel-id 1; session-id 1 }
"""


def test_random_tunnels_with_sockets(compiled: Callable[[str], object], tmp_path: Path) -> None:
    """L2TP, and tunnels in UDP."""
    compiled(EVERY_SOCKET)  # skips where the kernel lacks one of them
    drawn = (read(f"sockets, seed {seed}", tunnels.draw(seed, tunnels.IN_SOCKETS)) for seed in range(4, 7))
    asked = [pair for case in compare(list(drawn), tmp_path) for pair in case.asked]
    assert len(asked) > 200
    assert {Stop.DELIVERED, Stop.LOST} <= {pair.ping.last.stop for pair in asked}


def test_random_labs_of_what_lies_under_ip(tmp_path: Path) -> None:
    cases = compare([read(f"seed {seed}", wires.draw(seed, wires.HERE)) for seed in range(1, 25)], tmp_path)
    asked = [pair for case in cases for pair in case.asked]
    assert len(cases) >= 20
    assert 0.1 < sum(pair.ping.answered for pair in asked) / len(asked) < 0.95


EVERY_WIRE = """
netns a {
  veth e -- b:e
  veth f -- b:f
  bridge br { vlan-filtering on }
  vrf red { table 10 }
  bond bo { mode active-backup; miimon 100 }
  team te { mode roundrobin }
  ifb i
  nlmon n
  vlan v on e { id 5 }
  vxlan x on e { id 5; dstport 4789; group 239.1.1.1 }
}
netns b { ipvlan i on e; macvtap m on f }
"""


def test_random_labs_of_what_only_a_machine_has(compiled: Callable[[str], object], tmp_path: Path) -> None:
    compiled(EVERY_WIRE)  # skips where the kernel lacks one of them
    drawn = (read(f"seed {seed}", wires.draw(seed, wires.MACHINE - wires.HERE)) for seed in range(1, 13))
    cases = compare(list(drawn), tmp_path)
    asked = [pair for case in cases for pair in case.asked]
    assert len(cases) >= 10
    assert 0.1 < sum(pair.ping.answered for pair in asked) / len(asked) < 0.95


EVERY_PEER = """
netns a { veth e 10.0.0.1/24 -- b:e 10.0.0.2/24; filter output drop udp 5 }
netns b; netns r { bridge br }
wireguard a:w -- b:w
"""


def test_random_labs_of_tunnels_with_keys(compiled: Callable[[str], object], tmp_path: Path) -> None:
    compiled(EVERY_PEER)  # skips where the kernel lacks one of them
    cases = compare([read(f"seed {seed}", peers.draw(seed)) for seed in range(1, 7)], tmp_path)
    asked = [pair for case in cases for pair in case.asked]
    assert len(cases) == 6
    assert 0.1 < sum(pair.ping.answered for pair in asked) / len(asked) < 0.95
    assert any(pair.ping.last.stop is Stop.LOST for pair in asked)


EVERY_GUARD = """
netns a {
  veth e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 fd00::2/64
  ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 1 aead "rfc4106(gcm(aes))" auto 128
  ipsec state src 10.0.0.1 dst 10.0.0.2 proto ah spi 2 auth-trunc "hmac(sha256)" auto 128
}
netns b; netns r { bridge br }
vti a:v -- b:v { key 1 }
vti6 a:w -- b:w { key 2 }
"""


@pytest.mark.parametrize("kinds", ["vti", "xfrm"])
def test_random_labs_of_ipsec(kinds: str, compiled: Callable[[str], object], tmp_path: Path) -> None:
    more = "xfrm a:x on e -- b:x on e { if-id 3 }" if kinds == "xfrm" else ""
    compiled(EVERY_GUARD + more)  # skips where the kernel lacks one of them
    seeds, drawn = (range(1, 4), guards.MACHINE[-1:]) if more else (range(1, 9), guards.HERE)
    labs = [read(f"{kinds}, seed {seed}", guards.draw(seed, drawn)) for seed in seeds]
    good = [case for case in labs if not case.refused]  # seed 8 has the same tunnel twice
    cases = compare(good, tmp_path)
    asked = [pair for case in cases for pair in case.asked]
    assert len(cases) == len(good) >= len(seeds) - 1
    assert 0.1 < sum(pair.ping.answered for pair in asked) / len(asked) < 0.95
    assert any(pair.ping.last.stop is Stop.HELD for pair in asked)
