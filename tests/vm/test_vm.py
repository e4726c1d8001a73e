"""The kernel tests that this machine's kernel lacks something for, on kernels that have it.

Each machine runs `pytest tests/kernel` in this very tree, and there those tests that no kernel before it could run
(see tests/kernel/features.py); as many machines at once as there are processors. `-k` chooses among the tests;
NETC_FAULTS is passed on.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.compiled import EXAMPLES, compile_file
from tests.kernel import features
from tests.vm.conftest import CHOSEN
from tests.vm.machines import MACHINES, Machine, Running

pytestmark = pytest.mark.vm

LIMIT = 3600.0
FAULTS = "1"  # of each kind, of each script, of each example
Having = Callable[[str], frozenset[str]]
Run = Callable[[Machine], list[Running]]
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


def rounds(machines: tuple[Machine, ...], processors: int) -> list[list[Machine]]:
    """Return the machines in the order of their running, those together that have a processor each."""
    found: list[list[Machine]] = []
    for machine in machines:
        if found and sum(other.twins for other in found[-1]) + machine.twins <= processors:
            found[-1].append(machine)
        else:
            found.append([machine])
    return found


@pytest.fixture(scope="session")
def run(having: Having, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Run]:
    """Return a function that runs the kernel tests in a machine, beside those in other machines of its round."""
    chosen = {item.callspec.params["machine"].name for item in request.session.items if hasattr(item, "callspec")}
    together = rounds(tuple(m for m in MACHINES if m.name in chosen and not m.lacking()), len(os.sched_getaffinity(0)))
    running: dict[str, list[Running]] = {}
    chosen_inside = request.config.stash[CHOSEN]

    def of(machine: Machine) -> list[Running]:
        if machine.name not in running:
            beside = next(each for each in together if machine in each)
            environments = [_environment(other, having) for other in beside]
            for other, environment in zip(beside, environments, strict=True):
                running[other.name] = _start(other, environment, chosen_inside, tmp_path_factory.mktemp(other.name))
        return running[machine.name]

    yield of
    for twin in itertools.chain(*running.values()):
        twin.stop()


def _environment(machine: Machine, having: Having) -> dict[str, str]:
    before = [HERE, *(other.name for other in MACHINES[: MACHINES.index(machine)])]
    return {
        features.MACHINE: machine.name,
        features.ELSEWHERE: json.dumps([sorted(having(name)) for name in before]),
        "NETC_FAULTS": os.environ.get("NETC_FAULTS", FAULTS),
    }


def _start(machine: Machine, environment: dict[str, str], chosen: str, folder: Path) -> list[Running]:
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rfE", "-q", "--color=no", "tests/kernel"]
    argv += ["-k", chosen] if chosen else []
    return [
        Running(machine, argv, environment | {features.SHARE: f"{twin}/{machine.twins}"}, folder / str(twin))
        for twin in range(machine.twins)
    ]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: str(machine.name))
def test_machine(machine: Machine, run: Run, record_property: Callable[[str, object], None]) -> None:
    if missing := machine.lacking():
        pytest.skip(f"no machine {machine.name} here: it needs {', '.join(missing)}")
    said = [twin.wait(LIMIT) for twin in run(machine)]
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
