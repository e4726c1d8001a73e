"""The forwarding model of VRFs against the kernel: labs that say one thing each, and random ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netc.reach.hop import Stop
from tests.kernel.test_reach import compare
from tests.reach import vrfs
from tests.reach.oracle import read

LABS = Path(__file__).parents[1] / "reach" / "found" / "vrf"
FOUND = sorted(LABS.glob("*.net"))
SHAPES = ("routed", "carried")
NEEDED = """
netns a {
  vrf red { table 10 }
  veth e 10.0.0.1/24 -- b:e 10.0.0.2/24
  rule pref 5 ipv4 l3mdev
  vxlan x { id 5; dstport 4789; remote 10.0.0.2 }
  geneve g { id 5; remote 10.0.0.2 }
  gretap t { local 10.0.0.1; remote 10.0.0.2 }
}
netns b
"""


def test_labs_with_vrfs(compiled: Callable[[str], object], tmp_path: Path) -> None:
    compiled(NEEDED)  # skips where the kernel lacks them
    cases = [read(path.stem, path.read_text()) for path in FOUND]
    cases += [read(f"vrfs, seed {seed}", vrfs.draw(seed, SHAPES)) for seed in range(1, 13)]
    taken = compare(cases, tmp_path)
    asked = [pair for case in taken for pair in case.asked]
    assert [case.refused for case in cases[: len(FOUND)]] == [""] * len(FOUND)
    assert len(taken) >= len(FOUND) + 8
    assert len(asked) > 0.9 * sum(len(case.pairs) for case in taken)
    assert 0.1 < sum(pair.ping.answered for pair in asked) / len(asked) < 0.95


def test_a_table_beside_vrfs(compiled: Callable[[str], object], tmp_path: Path) -> None:
    compiled("netns a { vrf red { table 10 }; veth e -- b:e; filter input drop icmp }\nnetns b")
    cases = [read(path.stem, path.read_text()) for path in sorted((LABS / "tables").glob("*.net"))]
    (case,) = compare(cases, tmp_path)
    assert len(case.asked) == len(case.pairs)
    assert sum(pair.ping.last.stop is Stop.FILTERED for pair in case.asked) >= 10
    assert sum(any(hop.changes for walk in pair.ping.walks for hop in walk.hops) for pair in case.asked) >= 5


def test_sockets_of_ports_beside_vrfs(compiled: Callable[[str], object], tmp_path: Path) -> None:
    labs = sorted((LABS / "udp").glob("*.net"))
    compiled(labs[0].read_text())
    cases = compare([read(path.stem, path.read_text()) for path in labs], tmp_path)
    assert len(cases) == len(labs) == 2
    assert all(len(case.asked) == len(case.pairs) for case in cases)
