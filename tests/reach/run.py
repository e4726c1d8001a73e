"""Compares the model with the kernel over many random labs: `python -m tests.reach.run FIRST COUNT [WHICH]`.

WHICH is `routes` (generator.py), `tunnels` or, with L2TP and in UDP, `sockets` (tunnels.py), `peers` (peers.py), `vrfs`
(vrfs.py), `vrfs-SHAPE` for one of its shapes, `guards` or, with xfrm devices, `sealed` (guards.py), or what lies under
IP (wires.py): `wires` for the kinds that every kernel has, `machine` for those as well that only the kernels of the
tests' machines have.
A table at the end says how many of the labs that came up had which mechanism.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.kernel.world import World
from tests.reach import generator, guards, peers, tunnels, vrfs, wires
from tests.reach.mechanisms import mechanisms, table
from tests.reach.oracle import ask, read

TOGETHER = 10
DRAWS: dict[str, Callable[[int], str]] = {
    "routes": generator.draw,
    "tunnels": tunnels.draw,
    "sockets": lambda seed: tunnels.draw(seed, tunnels.IN_SOCKETS),
    "guards": lambda seed: guards.draw(seed, guards.HERE),
    "sealed": lambda seed: guards.draw(seed, guards.MACHINE),
    "peers": peers.draw,
    "vrfs": vrfs.draw,
    **{f"vrfs-{shape}": partial(vrfs.draw, shapes=(shape,)) for shape in vrfs.SHAPES},
    "wires": lambda seed: wires.draw(seed, wires.HERE),
    "machine": lambda seed: wires.draw(seed, wires.MACHINE),
}


def main(first: int, count: int, which: str = "routes") -> int:
    """Run the labs of `count` seeds from `first` on; print disagreements and a summary."""
    started = time.monotonic()
    totals: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wrong = 0
    with World() as world, tempfile.TemporaryDirectory(prefix="netc-reach-") as folder:
        Path(folder).chmod(0o755)
        for start in range(first, first + count, TOGETHER):
            cases = [
                read(f"seed {seed}", DRAWS[which](seed)) for seed in range(start, min(start + TOGETHER, first + count))
            ]
            ready = [case for case in cases if not case.refused]
            ask(world, ready, Path(folder))
            for case in cases:
                totals["labs refused" if case.refused else "labs"] += 1
                if case.refused.startswith("up.sh"):
                    print(f"{case.name}: {case.refused}", flush=True)
                if case.refused:
                    continue
                totals["pairs"] += len(case.asked)
                totals["unknown"] += len(case.pairs) - len(case.asked)
                totals["answered"] += sum(pair.ping.answered for pair in case.asked)
                totals.update(f"stop {p.ping.last.stop.name}" for p in case.asked if not p.ping.answered)
                assert case.topology is not None
                found.update(mechanisms(case.topology, (pair.ping for pair in case.asked)))
                for line in case.disagreements():
                    wrong += 1
                    print(line, flush=True)
    print(*table(totals["labs"], found), sep="\n")
    seconds = time.monotonic() - started
    print(f"seeds {first}..{first + count - 1}: {wrong} disagreements; {dict(totals)}; {seconds:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
