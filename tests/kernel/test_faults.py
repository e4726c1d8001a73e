"""Every example's scripts, put to every kind of fault at every command that they run.

`NETC_FAULTS=all` tries all of them, and `NETC_FAULTS=N` tries N of each host. Without it each test tries a few, shared
among the hosts of an example, whose scripts are much alike; the kinds together go over a script from end to end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kernel.faults import FAILURES, KINDS, Shims, Trial, in_dry_run, status_of
from tests.kernel.labs import Lab
from tests.kernel.state import State, alike, difference

pytestmark = pytest.mark.faults
FEW = 3
Record = Callable[[str, object], None]


class Bench:
    """One lab in one host, and what it looks like down and up."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.shims = Shims(folder, [lab.path("up"), lab.path("down")])
        self.world = lab.host()
        self.down = self.world.state()
        self.calls = {"up": self.shims.calls(self.world, lab.path("up"))}
        self.up = alike(self.everything())
        self.calls["down"] = self.shims.calls(self.world, lab.path("down"))
        assert all(self.calls.values())
        assert self.changed() == ""
        # What `exec` starts runs beside the script, and may come to its commands when the script is over.
        starts = [at for at, call in enumerate(self.calls["up"], 1) if call.startswith("setsid ")]
        self.beside = min(starts, default=len(self.calls["up"])) + 1
        self.steps = in_dry_run(self.world, lab.path("up"))
        self.last_step = max(at for at, call in enumerate(self.calls["up"], 1) if call in self.steps)

    def everything(self) -> State:
        """Return the state of the host and of the lab's namespaces."""
        return {**self.world.state(), **self.world.inside(self.lab.plan.netnses)}

    def changed(self) -> str:
        """Return what is not as it was before the lab came first."""
        return difference(self.down, self.world.state())

    def whole(self) -> str:
        """Return what is not as it is when the lab is up."""
        return difference(self.up, alike(self.everything()))

    def trial(self, script: str, kind: str, at: int) -> Trial:
        """Run a script with a fault."""
        return self.shims.run(self.world, self.lab.path(script), kind, at)

    def comes_up_as_ever(self) -> None:
        """Bring the lab up and down once more, without a fault."""
        self.lab.must(self.world, "up")
        assert self.whole() == "", f"after all the faults {self.lab.folder} is not as it was: {self.whole()}"
        self.lab.must(self.world, "down")

    def renew(self) -> None:
        """Take a fresh host in place of one that a script has left in disorder."""
        self.world.close()
        self.world = self.lab.host()
        self.down = self.world.state()


def chosen(kind: str, count: int, hosts: int) -> Iterator[int]:
    """Yield the commands, from 1, at which this run tries a kind of fault at one of an example's hosts."""
    said = os.environ.get("NETC_FAULTS", str(max(1, FEW // hosts)))
    few = count if said == "all" else min(int(said), count)
    first = KINDS.index(kind)
    return (1 + (first + number * len(KINDS)) * count // (few * len(KINDS)) for number in range(few))


@pytest.fixture(scope="module")  # before another file's tests have a host with virtual functions, of which there is one
def bench_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Lab], Bench]]:
    """Return a function that gives a lab its bench, the same one for all faults.

    When all faults have been tried, every lab has to come up as ever; once, since that costs as much as a fault.
    """
    benches: dict[Path, Bench] = {}

    def of(lab: Lab) -> Bench:
        if lab.folder not in benches:
            benches[lab.folder] = Bench(lab, tmp_path_factory.mktemp("shims"))
        return benches[lab.folder]

    yield of
    wrong = [problem for bench in benches.values() if (problem := _ended(bench))]
    assert not wrong, "\n\n".join(wrong)


def _ended(bench: Bench) -> str:
    try:
        bench.comes_up_as_ever()
    except AssertionError as problem:
        return str(problem)
    finally:
        bench.world.close()
    return ""


def try_all(benches: list[Bench], script: str, kind: str, record: Record) -> None:
    """Try a kind of fault at the chosen commands of a script, and tell of every one that it does not survive."""
    check = check_up if script == "up" else check_down
    tried, wrong = 0, []
    for bench in benches:
        for at in chosen(kind, len(bench.calls[script]), len(benches)):
            tried += 1
            try:
                check(bench, kind, at)
            except AssertionError as problem:
                wrong.append(f"{kind} at command {at} of {script}.sh: {problem}")
                bench.renew()
    record("faults tried", tried)
    record("faults survived", tried - len(wrong))
    assert not wrong, f"{len(wrong)} of {tried}\n" + "\n\n".join(wrong)


def check_up(bench: Bench, kind: str, at: int) -> None:
    """Put up.sh to a fault: the host is then as before, or the lab is whole."""
    trial = bench.trial("up", kind, at)
    if at >= bench.beside:
        bench.lab.must(bench.world, "down")
        assert bench.changed() == "", f"{bench.changed()}\n{trial}"
        return
    assert trial.hit, trial
    if kind.startswith("KILL"):
        assert trial.ran.status == 137, trial
        bench.lab.must(bench.world, "down")
    elif trial.ran.status == 0:
        heard = trial.hit not in bench.steps if kind in FAILURES else at >= bench.last_step
        assert heard, f"goes on {trial}"
        assert bench.whole() == "", f"ends well, but is not whole {trial}\n{bench.whole()}"
        bench.lab.must(bench.world, "down")
    elif kind in FAILURES:
        told = r"\S+\.net:\d+ " if trial.hit in bench.steps else r"\S"
        assert re.search(told, trial.ran.err), f"does not say where {trial}"
    else:
        assert trial.ran.status == status_of(kind), trial
    assert bench.changed() == "", f"{bench.changed()}\n{trial}"


def check_down(bench: Bench, kind: str, at: int) -> None:
    """Put down.sh to a fault: it says that it is not done, or is; run again, it is."""
    bench.lab.must(bench.world, "up", "-q")
    trial = bench.trial("down", kind, at)
    assert trial.hit, trial
    if kind.startswith("KILL"):
        assert trial.ran.status == 137, trial
    if trial.ran.status != 0:
        again = bench.lab.run(bench.world, "down")
        assert again.status == 0, f"{trial}\nand again: {again}"
    assert bench.changed() == "", f"{bench.changed()}\n{trial}"


@pytest.mark.parametrize("kind", KINDS)
def test_up_is_all_or_nothing(
    kind: str, hosts: list[Lab], bench_of: Callable[[Lab], Bench], record_property: Record
) -> None:
    try_all([bench_of(lab) for lab in hosts], "up", kind, record_property)


@pytest.mark.parametrize("kind", KINDS)
def test_down_can_be_finished(
    kind: str, hosts: list[Lab], bench_of: Callable[[Lab], Bench], record_property: Record
) -> None:
    try_all([bench_of(lab) for lab in hosts], "down", kind, record_property)
