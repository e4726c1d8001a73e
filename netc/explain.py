"""The pages of findings: those of the checks, and those of the language itself."""

from __future__ import annotations

from functools import lru_cache

from netc.checks import checks
from netc.language_pages import PAGES


def page(code_or_name: str) -> str | None:
    """Return the page of a finding by its code or its name, in Markdown, or None where there is none."""
    wanted = code_or_name.strip().lower()
    for entry in PAGES:
        if wanted in {entry.code.lower(), entry.name}:
            return entry.text
    for check in checks().values():
        if wanted in {check.code.lower(), check.name}:
            return check.page
    return None


def codes() -> list[tuple[str, str, str]]:
    """Return code, name and title of every finding, sorted by code."""
    language = [(entry.code, entry.name, entry.title) for entry in PAGES]
    return sorted([*language, *((check.code, check.name, check.title) for check in checks().values())])


def name_of(code: str) -> str:
    """Return the name of a finding by its code."""
    return _names()[code]


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {code: name for code, name, _ in codes()}
