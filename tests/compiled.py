"""Whole labs through the whole corridor, for tests: the examples, and small ones from a string."""

from __future__ import annotations

from pathlib import Path

from netc.pipeline import Compiled, compile_lab
from netc.plan.step import Plan
from netc.source import Source

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.net"))


def compile_file(path: Path, *, emulated: bool = False) -> Compiled:
    source = Source(path.name, path.read_text(encoding="utf-8"), str(path))
    return compile_lab(source, lambda name: (path.parent / name).read_text(encoding="utf-8"), emulated=emulated)


def plans_of(path: Path) -> dict[str, Plan]:
    """Return the plans of an example by name: one of a single host is called "", one of all hosts "emulated"."""
    plans = compile_file(path).plans
    if len(plans) == 1:
        return {"": plans[0]}
    (emulated,) = compile_file(path, emulated=True).plans
    return {**{plan.machine: plan for plan in plans}, "emulated": emulated}


def compile_text(text: str, prefix: str | None = None, name: str = "lab.net", *, emulated: bool = False) -> Compiled:
    def read(path: str) -> str:
        raise FileNotFoundError(2, "No such file", path)

    return compile_lab(Source(name, text), read, prefix, emulated)


def plan_of(text: str, prefix: str | None = None) -> Plan:
    compiled = compile_text(text, prefix)
    assert compiled.plans, [finding.message for finding in compiled.findings]
    return compiled.plans[0]
