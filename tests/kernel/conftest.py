"""What the kernel tests share: skips that say why, the examples, and the count of faults."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import pytest

from netc.checks import checks
from tests.kernel import features, labs, world
from tests.kernel.faults import KINDS
from tests.kernel.labs import EXAMPLES, GUEST, Brought, Lab, Up


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and skip them where the kernel gives no throw-away hosts."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.kernel)
            if (missing := world.missing()) is not None:
                item.add_marker(pytest.mark.skip(reason=f"no throw-away hosts here: {missing}"))
    if features.MACHINE in os.environ:
        items[:] = [item for item in items if _is_for_machines(item)]
        # A module brings devices and parameters to the namespaces that are there when it is loaded: before the first.
        told = features.told()
        if (terminal := config.pluginmanager.get_plugin("terminalreporter")) is not None:
            terminal.write_line(told)


_FAULTS = {"test_up_is_all_or_nothing", "test_down_can_be_finished"}
#: What is tried of the hosts of an example, each on a machine of its own.
_OF_CLUSTERS = {"test_hosts_agree_without_talking", "test_a_host_that_fails_or_comes_late_harms_no_other"}
#: In a machine every command costs: of what all examples go through, this alone, and a sixth of the kinds of faults.
_IN_MACHINES = {"test_up_verify_status_down", *_FAULTS}


def _is_for_machines(item: pytest.Item) -> bool:
    """Whether a test may need another kernel, and is in this machine's share of the examples."""
    share, shares = map(int, os.environ.get(features.SHARE, "0/1").split("/"))
    names = getattr(item, "fixturenames", ())
    callspec = getattr(item, "callspec", None)
    if "emulated" in names or getattr(item, "originalname", "") in _OF_CLUSTERS:
        turned = callspec is not None and callspec.params.get("turned", False)
        return crc32(item.name.encode()) % shares == share and not turned
    if "hosts" not in names or callspec is None:
        return "compiled" in names and crc32(item.name.encode()) % shares == share
    example: Path = callspec.params["hosts"]
    if [*EXAMPLES, GUEST].index(example) % shares != share:
        return False
    function = getattr(item, "originalname", "")
    kind = KINDS.index(callspec.params["kind"]) if function in _FAULTS else 0
    if os.environ.get("NETC_FAULTS") == "all":
        return True
    # The sixths differ, so that every kind is tried at some example; a new example changes none of the others'.
    return function in _IN_MACHINES and (function not in _FAULTS or (crc32(example.stem.encode()) + kind) % 6 == 0)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], list[Lab]]:
    """Return a function that compiles an example once and gives the scripts of each of its hosts."""
    folder = tmp_path_factory.mktemp("built")
    done: dict[Path, list[Lab]] = {}

    def of(example: Path) -> list[Lab]:
        if example not in done:
            done[example] = labs.build(example.read_text(), example.name, folder / example.stem)
        return done[example]

    return of


@pytest.fixture(params=[*EXAMPLES, GUEST], ids=lambda path: str(path.stem))
def hosts(request: pytest.FixtureRequest, built: Callable[[Path], list[Lab]]) -> list[Lab]:
    """Return the scripts of an example; skip it where it needs what is not here.

    Of one with several hosts, those of one host and those of all on one machine: test_hosts.py has the others.
    """
    found = built(request.param)
    found = found if len(found) == 1 else [found[0], found[-1]]
    lacks = [lack for lab in found if (lack := lab.lacks()) is not None]
    if lacks:
        pytest.skip(f"{request.param.name} {lacks[0]}")
    return found


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[str], Lab]:
    """Return a function that compiles a lab's text for one host; a lab that cannot run here skips the test."""
    made = 0

    def of(text: str) -> Lab:
        nonlocal made
        made += 1
        (lab,) = labs.build(text, "test.net", tmp_path / str(made))
        if (lack := lab.lacks()) is not None:
            pytest.skip(f"a lab of this test: {lack}")
        return lab

    return of


@pytest.fixture
def bring(tmp_path: Path, compiled: object) -> Iterator[Callable[[str, str], Brought]]:
    """Return a function that runs up.sh of a lab, errors or not; `compiled` lets the tests run in a machine, too."""
    worlds: list[world.World] = []

    def of(name: str, text: str) -> Brought:
        lab = labs.despite_findings(text, tmp_path / f"despite-{len(worlds)}")
        if (lack := lab.lacks()) is not None:
            pytest.skip(f"{name} {lack}")
        host = lab.host()
        worlds.append(host)
        return lab, host, lab.run(host, "up")

    yield of
    for host in worlds:
        host.close()


@pytest.fixture
def up(bring: Callable[[str, str], Brought], record_property: Callable[[str, object], None]) -> Up:
    """Return a function that runs up.sh of a check's bad or good lab."""

    def of(code: str, good: bool) -> Brought:
        check = next(check for check in checks().values() if check.code == code)
        brought = bring(code, check.good if good else check.bad)
        record_property("check shown", code)
        return brought

    return of
