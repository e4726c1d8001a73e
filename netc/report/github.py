"""Findings as workflow commands, which GitHub shows on the lines of a change.

Source: GitHub's documentation of workflow commands (`::error file=...,line=...::...`); what has to be escaped is in
actions/toolkit, packages/core, command.ts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.diagnostics import Severity
from netc.explain import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netc.diagnostics import Finding

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(findings: Sequence[Finding], _allowed: Sequence[Finding]) -> str:
    """Return a line for each finding; what the lab allows has no place in this form."""
    return "".join(f"{_annotation(finding)}\n" for finding in findings)


def _annotation(finding: Finding) -> str:
    span = finding.span
    properties = {"file": span.source.path or span.source.name, "line": str(span.line), "col": str(span.column)}
    if span.end_line == span.line:  # GitHub takes columns only within one line
        properties["endColumn"] = str(span.end_column)
    properties["title"] = f"{finding.code} {name_of(finding.code)}"
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    turns = [f"{frame.text} (line {frame.span.line})" for frame in span.frames]
    help = [f"help: {finding.help}"] if finding.help else []
    lines = [finding.message, *turns, *([finding.effect] if finding.effect else []), *help]
    return f"::{_COMMANDS[finding.severity]} {shown}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
