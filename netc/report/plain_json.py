"""Findings as JSON; docs/findings.schema.json is its schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from netc import __version__
from netc.diagnostics import Severity
from netc.explain import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netc.diagnostics import Finding
    from netc.source import Span

FORM = 1  # goes up when something is renamed or removed; what is only added leaves it as it is


def plain_json(findings: Sequence[Finding], allowed: Sequence[Finding]) -> str:
    """Return the findings, those that the lab allows beside them, and how many there are of each severity."""
    told = {
        "form": FORM,
        "netc": __version__,
        "counts": {severity.value: sum(f.severity is severity for f in findings) for severity in Severity},
        "findings": [_finding(finding) for finding in findings],
        "allowed": [{**_finding(finding), "reason": finding.allowed} for finding in allowed],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": name_of(finding.code),
        "severity": finding.severity.value,
        "message": finding.message,
        "effect": finding.effect,
        "help": finding.help,
        "place": _place(finding.span),
        "turns": [{"text": frame.text, "place": _place(frame.span)} for frame in finding.span.frames],
        "labels": [{"text": label.text, "place": _place(label.span)} for label in finding.labels],
        "edits": [{"place": _place(edit.span), "text": edit.text} for edit in finding.edits],
    }


def _place(span: Span) -> dict[str, object]:
    return {
        "file": span.source.path or span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
