"""The documents say what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from netc.bind.statements import statements
from netc.kinds import kinds
from netc.kinds.base import Form
from netc.render.render import render
from netc.report import report
from tests.compiled import ROOT, compile_text

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def labs_of(path: Path) -> list[str]:
    """Return the whole labs that a document shows: fenced blocks marked `net`."""
    return re.findall(r"^```net\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_labs_in_documents_compile(path: Path) -> None:
    for lab in labs_of(path):
        assert not compile_text(lab).failed, (lab, [finding.message for finding in compile_text(lab).findings])


def test_every_statement_and_kind_has_a_page() -> None:
    for statement in statements().values():
        assert (sys.modules[statement.bind.__module__].__doc__ or "").strip(), statement.keyword
    for kind in kinds().values():
        assert "Source:" in kind.page, kind.name
        if kind.form is not Form.NONE:
            assert kind.name in kind.page


def test_every_dependency_has_a_line() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        name = re.match(r"[a-z0-9-]+", wanted)
        assert name
        assert f"**{name[0]}**" in text, wanted


def blocks(language: str) -> list[str]:
    """Return the README's fenced blocks of a language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [body for name, body in fences if name == language]


def test_the_readme_shows_what_netc_prints() -> None:
    lab = (ROOT / "examples" / "bridge.net").read_text(encoding="utf-8")
    assert blocks("net")[0] == lab
    (plan,) = compile_text(lab, name="bridge.net").plans
    script = render(plan, "up.sh").splitlines()
    (shown,) = blocks("bash")
    assert shown.splitlines()
    for line in shown.splitlines():
        assert line in script, line
    wrong = compile_text(lab.replace("1.1.1.2/24", "1.1.2.2/24"), name="bridge.net")
    assert report(wrong.findings) in blocks("")
