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

LIMIT = 3600.0
FAULTS = "1"  # of each kind, of each script, of each example
Having = Callable[[str], frozenset[str]]
Run = Callable[[Machine], list[Said]]
HERE = "here"


@pytest.fixture(scope="session")
def having(tmp_path_factory: pytest.TempPathFactory) -> Having:
    """Return a function that says which features a machine has; `HERE` is this one."""
    known: dict[str, frozenset[str]] = {HERE: features.here()}
    by_name = {machine.name: machine for machine in MACHINES}

    def of(name: str) -> frozenset[str]:
        if name not in known:
            known[name] = _ask(by_name[name], tmp_path_factory.mktemp("ask") / name)
        return known[name]

    return of


def _ask(machine: Machine, folder: Path) -> frozenset[str]:
    if machine.lacking():
        return frozenset()
    environment = {features.MACHINE: machine.name}
    said = Running(machine, [sys.executable, "-m", "tests.kernel.features"], environment, folder).wait(300)
    found = re.search(r"^has: (.*)$", said.text, re.MULTILINE)
    assert found, f"the machine {machine.name} does not say what it has:\n{said.text[-3000:]}"
    return frozenset(json.loads(found[1]))


@pytest.fixture(scope="session")
def run(having: Having, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Run]:
    """Return a function that says what the kernel tests in a machine print: each twin of it has a processor of its own.

    All machines are asked for at once, and begin in their order as processors get free.
    """
    inside = request.config.stash[CHOSEN]
    chosen = {item.callspec.params["machine"].name for item in request.session.items if hasattr(item, "callspec")}
    asking, running = Lock(), list[Running]()

    def job(machine: Machine, twin: int, folder: Path) -> Said:
        with asking:
            environment = _environment(machine, having) | {features.SHARE: f"{twin}/{machine.twins}"}
            running.append(Running(machine, _argv(inside), environment, folder / str(twin)))
            mine = running[-1]
        return mine.wait(LIMIT)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        jobs: dict[str, list[Future[Said]]] = {}
        for machine in MACHINES:
            if machine.name in chosen and not machine.lacking():
                folder = tmp_path_factory.mktemp(machine.name)
                jobs[machine.name] = [pool.submit(job, machine, twin, folder) for twin in range(machine.twins)]
        yield lambda machine: [one.result() for one in jobs[machine.name]]
        pool.shutdown(wait=False, cancel_futures=True)
        for one in running:
            one.stop()


def _environment(machine: Machine, having: Having) -> dict[str, str]:
    before = [HERE, *(other.name for other in MACHINES[: MACHINES.index(machine)])]
    return {
        features.MACHINE: machine.name,
        features.ELSEWHERE: json.dumps([sorted(having(name)) for name in before]),
        "NETC_FAULTS": os.environ.get("NETC_FAULTS", FAULTS),
    }


def _argv(chosen: str) -> list[str]:
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rfE", "-q", "--color=no", "tests/kernel"]
    return [*argv, "-k", chosen] if chosen else argv


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: str(machine.name))
def test_machine(machine: Machine, run: Run, record_property: Callable[[str, object], None]) -> None:
    if missing := machine.lacking():
        pytest.skip(f"no machine {machine.name} here: it needs {', '.join(missing)}")
    said = run(machine)
    output = "\n".join(one.text for one in said)
    for what in ("tried", "survived"):
        record_property(f"faults {what}", sum(map(int, re.findall(rf"(\d+) {what}", output))))
    record_property("check shown", " ".join(re.findall(r"^shown: (.*)$", output, re.MULTILINE)))
    record_property("told", "\n".join(re.findall(r"^(?:  \d+ s  .*|\d+ passed.*)$", output, re.MULTILINE)))
    good = {0, 5}  # 5: nothing was chosen for it
    assert {one.status for one in said} <= good, output


def test_every_example_runs_somewhere(having: Having) -> None:
    present = [machine.name for machine in MACHINES if not machine.lacking()]
    if len(present) < len(MACHINES):
        pytest.skip("a machine is missing")
    for example in EXAMPLES:
        for plan in compile_file(example).plans:
            wants = features.needed(plan)
            assert any(wants <= having(name) for name in (HERE, *present)), (example.name, sorted(wants))
