"""`pytest -m vm tests/vm -k WORD` chooses among the tests that run inside the machines, not among the machines."""

from __future__ import annotations

from pathlib import Path

import pytest

CHOSEN = pytest.StashKey[str]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take `-k` for the tests inside where there is nothing else to choose from."""
    here = Path(__file__).parent
    config.stash[CHOSEN] = ""
    if all(here in item.path.parents for item in items):
        config.stash[CHOSEN] = config.option.keyword
        config.option.keyword = ""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell at once why a machine failed: the others take long yet, and who stops the run should know."""
    if report.failed and report.nodeid.startswith("tests/vm/"):
        print(f"\n{report.nodeid}:\n{report.longreprtext}", flush=True)
