"""The forms of findings that other tools read, by the names that `netc check --format` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.report.github import github
from netc.report.plain_json import plain_json
from netc.report.sarif import sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from netc.diagnostics import Finding

#: Each takes what is told, and what the lab allows, each with its reason.
FORMS: Mapping[str, Callable[[Sequence[Finding], Sequence[Finding]], str]] = {
    "json": plain_json,
    "sarif": sarif,
    "github": github,
}
