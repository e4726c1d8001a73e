"""What statements add beside devices and routes, one file each, found by discovery.

A file holds the data of one sort (a frozen subclass of `netc.topology.model.Part`), and `steps`, a function that
yields the steps of all parts of that sort on one machine. The words of the statement are bound in
`netc/bind/statements/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from netc.discovery import modules_of

if TYPE_CHECKING:
    from netc.kinds.base import Making
    from netc.plan.step import Step

Planner: TypeAlias = "Callable[[Making, str], Iterator[Step]]"


@lru_cache(maxsize=1)
def planners() -> tuple[Planner, ...]:
    """Return what yields the steps of each sort of part, in the order of their files' names."""
    return tuple(module.steps for module in modules_of(__name__) if hasattr(module, "steps"))
