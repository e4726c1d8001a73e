"""What every run tells at its end. It stands here, since a distributed run loads no deeper conftest at its centre."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import Any

import pytest

#: What of a test's name does not say which example it is about, if it is about one.
_EXAMPLE = re.compile(r"^.*::test_(up_verify|up_is_all|down_can_be)\w+\[|-(fail|TERM|INT|HUP|KILL)-.*$|\]$")


def _shown(report: Any) -> set[str]:
    """Return the codes of the checks whose failure a test has shown."""
    told = (text for name, text in report.user_properties if name == "check shown" and report.outcome != "failed")
    return {code for text in told for code in text.split()}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults the scripts survived, how many checks a kernel bears out; in a machine, what took long."""
    tried = survived = 0
    shown: set[str] = set()
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            found = dict(getattr(report, "user_properties", ()))
            if (when := getattr(report, "when", "")) == "call":
                shown |= _shown(report)
                tried += int(found.get("faults tried", 0))
                survived += int(found.get("faults survived", 0))
                if found.get("told"):
                    terminalreporter.write_line(f"{report.nodeid}:\n{found['told']}")
            if when in {"setup", "call", "teardown"}:  # a file that could not be collected took no time
                seconds[_EXAMPLE.sub("", report.nodeid)] += report.duration
    if shown:
        terminalreporter.write_line(f"checks: a kernel shows the failures of {len(shown)}")
        if "NETC_MACHINE" in os.environ:
            terminalreporter.write_line(f"shown: {' '.join(sorted(shown))}")
    if tried:
        terminalreporter.write_line(f"faults: {tried} tried, {survived} survived")
    if "NETC_MACHINE" in os.environ:
        for name, duration in seconds.most_common():
            if duration > 1:
                terminalreporter.write_line(f"  {duration:.0f} s  {name}")
