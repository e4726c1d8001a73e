"""The kernel tests that this machine's kernel lacks something for, on kernels that have it.

Each machine runs `pytest tests/kernel` in this very tree, and there those tests that no kernel before it could run
(see tests/kernel/features.py); as many at once as there are processors. `-k` chooses among the tests;
NETC_FAULTS is passed on.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest

from tests.compiled import EXAMPLES, compile_file
from tests.kernel import features
from tests.vm.conftest import CHOSEN
from tests.vm.machines import MACHINES, Machine, Running, Said

pytestmark = pytest.mark.vm

LIMIT = 2400.0
FAULTS = "1"  # of each kind, of each script, of each example
Having = Callable[[str], frozenset[str]]
HERE = "here"


class Fleet:
    """The machines of a run: each twin has a processor of its own, and they begin as those get free.

    Those that have no twins begin first: they take longest, and what can be shared out fills the end.
    """

    def __init__(self, chosen: list[Machine], inside: str, folder: Path) -> None:
        self._inside, self._folder = inside, folder
        self._has = {HERE: features.here()}
        self._running: dict[str, Running] = {}
        self._starting = Lock()
        self._pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)))
        self._jobs: dict[str, list[Future[Said]]] = {}
        for machine in sorted(chosen, key=lambda machine: machine.twins):
            twins = range(machine.twins)
            self._jobs[machine.name] = [self._pool.submit(self._job, machine, twin) for twin in twins]

    def _job(self, machine: Machine, twin: int) -> Said:
        with self._starting:
            environment = _environment(machine, self.having) | {features.SHARE: f"{twin}/{machine.twins}"}
            running = Running(machine, _argv(self._inside), environment, self._folder / f"{machine.name}-{twin}")
            self._running[f"{machine.name}-{twin}"] = running
        return running.wait(LIMIT)

    def having(self, name: str) -> frozenset[str]:
        """Return which features a machine has; `HERE` is this one.

        One that runs the tests tells before the first of them; another is asked.
        """
        if name not in self._has:
            machine = next(machine for machine in MACHINES if machine.name == name)
            if machine.lacking():
                return frozenset()
            if (running := self._running.get(f"{name}-0")) is None:
                argv, environment = [sys.executable, "-m", "tests.kernel.features"], {features.MACHINE: name}
                running = Running(machine, argv, environment, self._folder / f"asked-{name}")
                self._running[f"asked-{name}"] = running
            found = running.until(r"^has: (.*)\n", 600)
            self._has[name] = frozenset(json.loads(found[1]))
        return self._has[name]

    def said(self, machine: Machine) -> list[Said]:
        """Return what the kernel tests in a machine and its twins print."""
        return [one.result() for one in self._jobs[machine.name]]

    def stop(self) -> None:
        """End all that have not ended."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for one in self._running.values():
            one.stop()


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Fleet]:
    """Return the machines that the tests of this run are about, running."""
    names = {item.callspec.params["machine"].name for item in request.session.items if hasattr(item, "callspec")}
    chosen = [machine for machine in MACHINES if machine.name in names and not machine.lacking()]
    fleet = Fleet(chosen, request.config.stash[CHOSEN], tmp_path_factory.mktemp("machines"))
    yield fleet
    fleet.stop()


def _environment(machine: Machine, having: Having) -> dict[str, str]:
    before = [HERE, *(other.name for other in MACHINES[: MACHINES.index(machine)])]
    return {
        features.MACHINE: machine.name,
        features.ELSEWHERE: json.dumps([sorted(having(name)) for name in before]),
        "NETC_FAULTS": os.environ.get("NETC_FAULTS", FAULTS),
    }


def _argv(chosen: str) -> list[str]:
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rfE", "-q", "--color=no", "tests/kernel"]
    argv += ["--maxfail=3"]  # where the kernel itself hangs, so does every test from then on
    return [*argv, "-k", chosen] if chosen else argv


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: str(machine.name))
def test_machine(machine: Machine, fleet: Fleet, record_property: Callable[[str, object], None]) -> None:
    if missing := machine.lacking():
        pytest.skip(f"no machine {machine.name} here: it needs {', '.join(missing)}")
    said = fleet.said(machine)
    output = "\n".join(one.text for one in said)
    for what in ("tried", "survived"):
        record_property(f"faults {what}", sum(map(int, re.findall(rf"(\d+) {what}", output))))
    record_property("check shown", " ".join(re.findall(r"^shown: (.*)$", output, re.MULTILINE)))
    record_property("told", "\n".join(re.findall(r"^(?:  \d+ s  .*|\d+ passed.*)$", output, re.MULTILINE)))
    good = {0, 5}  # 5: nothing was chosen for it
    assert {one.status for one in said} <= good, output


def test_every_example_runs_somewhere(fleet: Fleet) -> None:
    present = [machine.name for machine in MACHINES if not machine.lacking()]
    if len(present) < len(MACHINES):
        pytest.skip("a machine is missing")
    for example in EXAMPLES:
        for plan in compile_file(example).plans:
            wants = features.needed(plan)
            assert any(wants <= fleet.having(name) for name in (HERE, *present)), (example.name, sorted(wants))
