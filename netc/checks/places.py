"""Where in the text of a lab an edit adds a statement."""

from __future__ import annotations

import re

from netc.diagnostics import Edit
from netc.source import Span
from netc.topology.model import NetnsKey, Topology


def into_netns(topology: Topology, netns: NetnsKey, statement: str) -> list[Edit]:
    """Return the edit that puts a statement first in a namespace's block, or gives it a block.

    The host has none: what changes the machine itself is for its owner to write. Nor is there an edit where the block
    does not open on the line of the name.
    """
    if netns.is_root:
        return []
    name, whole = topology.netnses[netns].span, topology.netnses[netns].origin.span
    line = name.source.line(name.end_line)
    opens = re.match(r"\s*\{", line[name.end_column - 1 :])
    if opens is None:
        bare = (name.end_line, name.end_column) == (whole.end_line, whole.end_column)
        return [Edit(_point(name, name.end_line, name.end_column), f" {{ {statement} }}")] if bare else []
    column = name.end_column + opens.end()
    rest = line[column - 1 :].strip()
    if not rest or rest.startswith("#"):
        indent = line[: len(line) - len(line.lstrip())]
        return [Edit(_point(name, name.end_line + 1, 1), f"{indent}  {statement}\n")]
    return [Edit(_point(name, name.end_line, column), f" {statement} " if rest.startswith("}") else f" {statement};")]


def _point(near: Span, line: int, column: int) -> Span:
    return Span(near.source, line, column, line, column, near.frames)
