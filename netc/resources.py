"""Finds the grammar and the templates: in the installed package, or else in the source tree."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder `grammar` or `templates`.

    A wheel carries both under `netc/_data` (hatchling's force-include); an editable install and a plain
    checkout have them beside the package.
    """
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
