"""Finds the one-file-each parts of netc: kinds, statements, checks, targets."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def modules_of(package: str) -> Iterator[ModuleType]:
    """Yield the modules that lie directly in `package`, imported, sorted by name."""
    parent = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(parent.__path__), key=lambda info: info.name):
        yield importlib.import_module(f"{package}.{info.name}")
