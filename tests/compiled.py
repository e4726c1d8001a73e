"""Whole labs through the whole corridor, for tests: the examples, and small ones from a string."""

from __future__ import annotations

from pathlib import Path

from netc.pipeline import Compiled, compile_lab
from netc.plan.step import Plan
from netc.source import Source

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.net"))


def compile_file(path: Path) -> Compiled:
    source = Source(path.name, path.read_text(encoding="utf-8"), str(path))
    return compile_lab(source, lambda name: (path.parent / name).read_text(encoding="utf-8"))


def compile_text(text: str, prefix: str | None = None, name: str = "lab.net") -> Compiled:
    def read(path: str) -> str:
        raise FileNotFoundError(2, "No such file", path)

    return compile_lab(Source(name, text), read, prefix)


def plan_of(text: str, prefix: str | None = None) -> Plan:
    compiled = compile_text(text, prefix)
    assert compiled.plans, [finding.message for finding in compiled.findings]
    return compiled.plans[0]
