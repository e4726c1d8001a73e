"""The statements beside the kinds, one file each, found by discovery."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from netc.discovery import modules_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.bind.statement import StatementKind


@lru_cache(maxsize=1)
def statements() -> Mapping[str, StatementKind]:
    """Return every statement by its keyword."""
    return {module.STATEMENT.keyword: module.STATEMENT for module in modules_of(__name__)}
