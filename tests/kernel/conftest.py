"""What the kernel tests share: skips that say why, the examples, and the count of faults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel import labs, world
from tests.kernel.labs import EXAMPLES, GUEST, Lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and skip them where the kernel gives no throw-away hosts."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.kernel)
            if (missing := world.missing()) is not None:
                item.add_marker(pytest.mark.skip(reason=f"no throw-away hosts here: {missing}"))


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
    """Return the scripts of an example, for each host that it has; skip it where it needs what is not here."""
    found = built(request.param)
    lacks = [lack for lab in found if (lack := lab.lacks()) is not None]
    if lacks:
        pytest.skip(f"{request.param.name} {lacks[0]}")
    return found


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[str], Lab]:
    """Return a function that compiles a lab's text for one host."""
    made = 0

    def of(text: str) -> Lab:
        nonlocal made
        made += 1
        (lab,) = labs.build(text, "test.net", tmp_path / str(made))
        return lab

    return of
