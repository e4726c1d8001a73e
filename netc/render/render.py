"""Plan to files: a target is a folder of templates, one for each file; those that start with `_` are parts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from netc import resources
from netc.plan.step import Plan
from netc.render.context import context_of
from netc.render.quote import framed

SUFFIX = ".j2"
BASH = "bash"


def targets() -> tuple[str, ...]:
    """Return the names of all targets, sorted."""
    return tuple(sorted(path.name for path in resources.folder("templates").iterdir() if path.is_dir()))


def files_of(target: str) -> tuple[str, ...]:
    """Return the names of the files that a target writes for a host, sorted."""
    found = (resources.folder("templates") / target).glob(f"[!_]*{SUFFIX}")
    return tuple(sorted(path.name.removesuffix(SUFFIX) for path in found))


def render(plan: Plan, file: str, target: str = BASH) -> str:
    """Return the text of one of a target's files."""
    return _environment(target).get_template(file + SUFFIX).render(_context(plan), script=file)


@lru_cache(maxsize=1)
def _context(plan: Plan) -> Mapping[str, Any]:
    return context_of(plan)


@lru_cache
def _environment(target: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resources.folder("templates") / target),
        comment_start_string="<!--",  # bash writes {# itself, in ${#array[@]}
        comment_end_string="-->",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # it is bash that is written; every word comes quoted from the context
    )
    environment.filters["framed"] = framed
    return environment
