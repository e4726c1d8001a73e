"""Findings as SARIF 2.1.0, which services of code review read.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 plus Errata 01.
"""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING
from urllib.parse import quote

from netc import __version__
from netc.diagnostics import Severity
from netc.explain import codes, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netc.diagnostics import Finding
    from netc.source import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(findings: Sequence[Finding], allowed: Sequence[Finding]) -> str:
    """Return one run with its rules and results; what the lab allows is a result that is suppressed."""
    found = sorted((*findings, *allowed), key=lambda finding: finding.sort_key())
    rules = sorted({finding.code for finding in found})
    driver = {"name": "netc", "version": __version__, "rules": [_rule(code, found) for code in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.code)) for finding in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str, found: list[Finding]) -> dict[str, object]:
    name, title = next((name, title) for known, name, title in codes() if known == code)
    text = page(code) or title
    level = _LEVELS[next(finding.severity for finding in found if finding.code == code)]
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": f"{title}."},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": level},
    }


def _result(finding: Finding, index: int) -> dict[str, object]:
    turns = [f"({frame.text}, line {frame.span.line})" for frame in finding.span.frames]
    help = [f"Help: {finding.help}."] if finding.help else []
    sentences = [f"{finding.message}.", *turns, *([f"{finding.effect}."] if finding.effect else []), *help]
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": " ".join(sentences)},
        "locations": [{"physicalLocation": _location(finding.span)}],
    }
    labels = [(label.span, label.text) for label in finding.labels]
    labels += [(frame.span, frame.text) for frame in finding.span.frames]
    if labels:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _location(span), "message": {"text": text}}
            for number, (span, text) in enumerate(labels, 1)
        ]
    if finding.edits:
        result["fixes"] = [{"description": {"text": finding.help}, "artifactChanges": _changes(finding)}]
    if finding.allowed:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.allowed}]
    return result


def _changes(finding: Finding) -> list[dict[str, object]]:
    files: dict[str, list[dict[str, object]]] = {}
    for edit in finding.edits:
        change = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        files.setdefault(_uri(edit.span), []).append(change)
    return [{"artifactLocation": {"uri": uri}, "replacements": changes} for uri, changes in files.items()]


def _location(span: Span) -> dict[str, object]:
    return {"artifactLocation": {"uri": _uri(span)}, "region": _region(span)}


def _region(span: Span) -> dict[str, object]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(span: Span) -> str:
    """Return a file's path as a URI reference: as it was typed, relative to where netc ran."""
    path = posixpath.normpath(span.source.path or span.source.name)
    if path == "<stdin>":
        return "stdin"
    first = path.partition("/")[0]
    shown = quote(path, errors="surrogateescape")
    # A colon in the first part would read as a scheme (RFC 3986, section 4.2).
    return f"file://{shown}" if path.startswith("/") else f"./{shown}" if ":" in first else shown
