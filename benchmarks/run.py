"""Times netc beside what people would use instead, in one run on one machine, and tells ratios.

`make benchmark`. Needs what `make test` needs; the labs come up in namespaces of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
STAR = """lab star
let lan = 10.0.0.0/16
bridge br0 {{ subnet ${{lan}} }}
for i in 1..{n} {{ netns h${{i}} {{ veth eth0 ${{lan[i]}}/16 -- br0:p${{i}} }} }}
"""


def best(command: Sequence[str], runs: int) -> float:
    """Return the shortest of several runs, in seconds: the one least disturbed by others."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return min(times)


def by_hand(number: int) -> str:
    """Return the same star as the usual tutorial sets it up: made on the host, moved, one command a line."""
    lines = ["set -e", "ip link add br0 type bridge", "ip link set br0 up"]
    for i in range(1, number + 1):
        lines += [
            f"ip netns add h{i}",
            f"ip link add p{i} type veth peer name h{i}-eth0",
            f"ip link set h{i}-eth0 netns h{i}",
            f"ip netns exec h{i} ip link set h{i}-eth0 up",
            f"ip netns exec h{i} ip addr add 10.0.{i // 256}.{i % 256}/16 dev h{i}-eth0",
            f"ip link set p{i} up",
            f"ip link set p{i} master br0",
        ]
    return "\n".join(lines)


def inside(script: Path) -> list[str]:
    """Return a command that runs a script in a throw-away host."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    start = 'mount -t tmpfs tmpfs /run && ip link set lo up && bash "$1"'
    return ["unshare", *user, "--net", "--mount", "--propagation", "private", "sh", "-c", start, "sh", str(script)]


def cold_start() -> None:
    """Print what one compilation costs beside an interpreter that does nothing."""
    nothing = best([PYTHON, "-c", "pass"], 20)
    for words in (["--version"], ["check", "examples/bridge.net"], ["build", "examples/bridge.net"]):
        taken = best([PYTHON, "-m", "netc", *words], 10)
        print(
            f"netc {' '.join(words):<30} {taken:6.3f} s  "
            f"{taken / nothing:5.1f} times `python -c pass` ({nothing:.3f} s)"
        )


def growth(folder: Path) -> None:
    """Print how compiling a star grows."""
    first = 0.0
    for number in (100, 1000, 4000):
        lab = folder / f"star{number}.net"
        lab.write_text(STAR.format(n=number), encoding="utf-8")
        taken = best([PYTHON, "-m", "netc", "build", str(lab)], 1)
        first = first or taken
        print(f"netc build, a star of {number:<5} {taken:10.2f} s  {taken / first:5.1f} times that of 100")


def setting_up(folder: Path, number: int) -> None:
    """Print what bringing a star up costs beside the tutorial's commands."""
    lab, script, hand = folder / "star.net", folder / "up.sh", folder / "hand.sh"
    lab.write_text(STAR.format(n=number), encoding="utf-8")
    script.write_bytes(
        subprocess.run([PYTHON, "-m", "netc", "build", str(lab)], capture_output=True, check=True, cwd=ROOT).stdout
    )
    hand.write_text(by_hand(number), encoding="utf-8")
    ours, theirs = best(inside(script), 3), best(inside(hand), 3)
    print(
        f"up.sh of a star of {number:<12} {ours:10.2f} s  "
        f"{ours / theirs:5.2f} times the tutorial's commands ({theirs:.2f} s)"
    )


def main() -> None:
    """Run all of it."""
    with tempfile.TemporaryDirectory() as name:
        cold_start()
        growth(Path(name))
        setting_up(Path(name), 100)


if __name__ == "__main__":
    main()
