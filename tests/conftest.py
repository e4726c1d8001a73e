"""What every run tells at its end. It stands here, since a distributed run loads no deeper conftest at its centre."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults the scripts were put under, and how many they survived."""
    tried = survived = 0
    for reports in terminalreporter.stats.values():
        for report in reports:
            found = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", "") == "call":
                tried += int(found.get("faults tried", 0))
                survived += int(found.get("faults survived", 0))
    if tried:
        terminalreporter.write_line(f"faults: {tried} tried, {survived} survived")
