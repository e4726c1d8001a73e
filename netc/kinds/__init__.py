"""The kinds of links and devices, one file each, found by discovery."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from netc.discovery import modules_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.kinds.base import Kind


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, Kind]:
    """Return every kind by its name, sorted."""
    found = [module.KIND for module in modules_of("netc.kinds") if hasattr(module, "KIND")]
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.name)}


@lru_cache(maxsize=1)
def port_option_names() -> Mapping[str, frozenset[str]]:
    """Return the names of the options that ports have, each with the kinds of masters that know it."""
    found: dict[str, set[str]] = {}
    for kind in kinds().values():
        for option in kind.port_options:
            found.setdefault(option.name, set()).add(kind.name)
    return {name: frozenset(masters) for name, masters in found.items()}
