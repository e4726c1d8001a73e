"""The forwarding model against the kernel: what it says of every pair, and what becomes of their pings.

A slice of the long run (`make reach`): the labs that once proved the model wrong, labs of fixed seeds, and labs of
fresh seeds, which the test prints so that they can be drawn again (NETC_SEED).
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.kernel.world import World
from tests.reach.generator import draw
from tests.reach.oracle import Case, ask, read

FOUND = sorted((Path(__file__).parents[1] / "reach" / "found").glob("*.net"))
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
    cases = [read(path.stem, path.read_text()) for path in FOUND]
    assert [case.refused for case in cases] == [""] * len(cases)
    assert len(compare(cases, tmp_path)) == len(FOUND)
    assert all(len(case.asked) == len(case.pairs) > 0 for case in cases)


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
