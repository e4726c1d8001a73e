"""The checks, one file each, found by discovery."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from netc.discovery import modules_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from netc.checks.base import Check
    from netc.diagnostics import Findings
    from netc.topology.model import Topology


@lru_cache(maxsize=1)
def checks() -> Mapping[str, Check]:
    """Return every check by its code, sorted."""
    found = [module.CHECK for module in modules_of(__name__) if hasattr(module, "CHECK")]
    return {check.code: check for check in sorted(found, key=lambda check: check.code)}


def run_checks(topology: Topology, findings: Findings) -> None:
    """Run every check over a topology; those that need the whole lab only if the phases before found no error."""
    complete = not findings.failed
    for check in checks().values():
        if complete or not check.whole:
            findings.extend(check.run(check, topology))
