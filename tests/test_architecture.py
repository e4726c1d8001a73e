"""The house rules, read from the code: who may import whom, sizes, and one new file for a new thing."""

from __future__ import annotations

import ast
import importlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import netc.checks
import netc.kinds
from netc import resources
from netc.render import render
from tests.compiled import ROOT, compile_text, plan_of

PACKAGE = ROOT / "netc"

# Each room and the rooms that it may import; the longest matching name counts. A room may always import itself.
MAY_IMPORT: dict[str, set[str]] = {
    "source": set(),
    "resources": set(),
    "discovery": set(),
    "diagnostics": {"source"},
    "syntax.tree": {"source"},
    "syntax": {"syntax.tree", "source", "diagnostics", "resources"},
    "unroll": {"syntax", "syntax.tree", "source", "diagnostics"},
    "topology": {"syntax.tree", "source", "diagnostics"},
    "plan.step": {"topology"},
    "plan.mark": {"plan.step"},
    "kinds": {"plan.step", "plan.mark", "topology", "syntax.tree", "source", "discovery"},
    "parts": {"kinds", "plan.step", "plan.mark", "topology", "source", "discovery"},
    "bind.cursor": {"topology", "syntax.tree", "source", "diagnostics"},
    "networks": {"bind.cursor", "plan.mark", "topology", "syntax.tree", "source", "diagnostics", "discovery"},
    "bind": {"bind.cursor", "parts", "kinds", "topology", "syntax.tree", "source", "diagnostics", "discovery"},
    "reach": {"parts", "kinds", "topology", "source", "diagnostics"},
    "checks": {"reach", "parts", "kinds", "topology", "source", "diagnostics", "discovery"},
    "routing": {"reach", "networks", "topology", "syntax.tree"},
    "plan": {"plan.step", "plan.mark", "parts", "kinds", "topology", "source"},
    "render": {"plan.step", "topology", "resources"},
    "allow": {"checks", "syntax.tree", "diagnostics"},
    "emulate": {"kinds", "topology", "source", "diagnostics"},
    "pipeline": {
        "allow",
        "checks",
        "emulate",
        "bind",
        "networks",
        "routing",
        "unroll",
        "syntax",
        "syntax.tree",
        "plan",
        "plan.step",
        "topology",
        "diagnostics",
        "source",
    },
    "report": {"explain", "diagnostics", "source", ""},
    "fix": {"diagnostics", "source"},
    "language_pages": set(),
    "explain": {"checks", "language_pages"},
    "trial": {"plan.step", "render"},
    "cli_reach": {"reach", "topology"},
    "files": set(),
    "cli": {
        "pipeline",
        "fix",
        "report",
        "render",
        "trial",
        "cli_reach",
        "files",
        "explain",
        "syntax",
        "source",
        "diagnostics",
        "plan.step",
        "topology",
        "",
    },
    "__main__": {"cli"},
    "": set(),
}
ONLY_IMPORTER = {"lark": "syntax", "jinja2": "render", "click": "cli"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def room_of(module: str) -> str:
    parts = module.split(".") if module else []
    names = [".".join(parts[:length]) for length in range(len(parts), -1, -1)]
    return next(name for name in names if name in MAY_IMPORT and (name or not parts))


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            for alias in node.names:
                if (PACKAGE.parent / (node.module or "").replace(".", "/") / f"{alias.name}.py").exists():
                    yield f"{node.module}.{alias.name}"


@pytest.mark.parametrize(("name", "tree"), list(modules()), ids=[name or "netc" for name, _ in modules()])
def test_imports_run_one_way(name: str, tree: ast.Module) -> None:
    own = room_of(name)
    for imported in imports_of(tree):
        top = imported.partition(".")[0]
        if top in ONLY_IMPORTER:
            assert own.startswith(ONLY_IMPORTER[top]), f"{top} is for {ONLY_IMPORTER[top]} alone"
        if top == "netc" and imported != "netc":
            room = room_of(imported.removeprefix("netc."))
            assert room == own or room in MAY_IMPORT[own], f"{own or 'netc'} may not import {imported}"


def test_nobody_names_a_kind_or_a_check() -> None:
    """Only discovery finds them: no module imports the file of one kind, statement or check."""
    shared = {
        "base",
        "bonding",
        "common",
        "files",
        "guarded",
        "handshake",
        "link",
        "order",
        "overlay",
        "peers",
        "programs",
        "segments",
        "sharing",
        "virtual",
    }
    for name, tree in modules():
        for imported in imports_of(tree):
            for folder in ("netc.kinds.", "netc.checks.", "netc.bind.statements."):
                if imported.startswith(folder) and not name.startswith(folder.removeprefix("netc.").rstrip(".")):
                    assert imported.removeprefix(folder) in shared, f"{name} names {imported}"


def test_files_and_functions_stay_small() -> None:
    lengths = []
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 420, f"{path} is long"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                lengths.append((node.end_lineno - node.lineno + 1, f"{path.name}:{node.name}"))
    lengths.sort()
    assert lengths[-1][0] <= 70, lengths[-1]
    assert lengths[len(lengths) * 9 // 10][0] <= 40


def test_templates_hold_no_lab_command() -> None:
    """Templates are frames: commands that change a network come from the plan alone."""
    for path in (ROOT / "templates").rglob("*.j2"):
        for line in path.read_text(encoding="utf-8").splitlines():
            code = line.partition("#")[0]
            for word in ("link set", "addr add", "route add", "netns add", "netns del", "link del", "sysctl -", "nft "):
                assert word not in code, f"{path.name}: {line}"
            assert "ip link add" not in code or "unshare --net ip link add name probe" in code


@pytest.fixture
def extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str, str], None]]:
    """Put one more file into a package for the length of a test."""

    def add(package: str, name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        module = importlib.import_module(package)
        monkeypatch.setattr(module, "__path__", [*module.__path__, str(tmp_path)])
        importlib.invalidate_caches()
        netc.kinds.kinds.cache_clear()
        netc.checks.checks.cache_clear()

    yield add
    monkeypatch.undo()
    netc.kinds.kinds.cache_clear()
    netc.checks.checks.cache_clear()


KIND = '''
"""A device that swallows what it is given."""
from netc.kinds.base import Form, Kind

class Sink(Kind):
    name = "sink"
    form = Form.DEVICE

    def type_words(self, device, making):
        return ("dummy",)

KIND = Sink()
'''


def test_a_kind_is_one_file(extra: Callable[[str, str, str], None]) -> None:
    extra("netc.kinds", "sink", KIND)
    steps = [" ".join(step.argv) for step in plan_of("netns a { sink s0 10.0.0.1/24 { mtu 1400 } }").steps]
    assert any(step.startswith("ip link add name s0 mtu 1400") and step.endswith("type dummy") for step in steps)
    assert any(step.startswith("ip addr add 10.0.0.1/24") for step in steps)


CHECK = '''
"""No namespace is called Tuesday.

## What it does

Looks at names.

## What happens at run time

Confusion.
"""
from netc.checks.base import Check
from netc.diagnostics import Severity

def _run(check, topology):
    for netns in topology.netnses.values():
        if netns.key.netns == "Tuesday":
            yield check.find(netns.span, "it is not Tuesday", effect="confusion", help="wait")

CHECK = Check("N999", "tuesday", Severity.ERROR, _run, "netns Tuesday", "netns Monday")
'''


def test_a_check_is_one_file(extra: Callable[[str, str, str], None]) -> None:
    extra("netc.checks", "tuesday", CHECK)
    assert [finding.code for finding in compile_text("netns Tuesday").findings] == ["N999"]
    assert not compile_text("netns Monday").findings


def test_a_target_is_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of("netns a; netns b")  # which reads the grammar, before there is another place for it
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (tmp_path / "templates" / "list").mkdir()
    (tmp_path / "templates" / "list" / "names.txt.j2").write_text("{{ netnses }}\n", encoding="utf-8")
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / name)
    assert render.targets() == ("bash", "list")
    assert render.files_of("list") == ("names.txt",)
    assert render.render(plan, "names.txt", "list") == "a b\n"
