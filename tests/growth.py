"""How the work grows with the input, in lines of Python that ran: the same on every machine, however busy it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(work: Callable[[], object]) -> int:
    """Return how many lines of Python `work` ran; a loop in one line counts once a turn."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def grows_with(work: Callable[[int], Callable[[], object]], small: int) -> float:
    """Return how many times the lines that `work(4 * small)()` runs are those of `work(small)()`: 4, or 16 if squared.

    What `work(SIZE)` itself does is not counted, and a first run fills what is kept once and for all.
    """
    work(small)()
    return lines_run(work(4 * small)) / lines_run(work(small))
