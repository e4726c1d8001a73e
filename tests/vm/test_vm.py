"""The examples whose devices this machine's kernel cannot make, on a kernel that can: Debian's, in a virtual machine.

One boot runs them all; see CONTRIBUTING.md for what it needs. Under software emulation a boot takes half a minute.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from netc.plan.step import Plan
from netc.render.render import BASH, files_of, render
from tests.compiled import EXAMPLES, ROOT, compile_file

pytestmark = pytest.mark.vm

STEPS = ("up", "verify", "status", "down", "trace")
RUNNER = Path(__file__).with_name("run.sh")


def kernel() -> Path | None:
    """Return the newest of Debian's kernels whose modules are here."""
    found = [path for path in Path("/boot").glob("vmlinuz-*") if Path("/lib/modules", path.name[8:]).is_dir()]
    return max(found, default=None)


def lacking() -> list[str]:
    """Return what is missing to boot a machine."""
    commands = {"qemu-system-x86_64": "Debian: qemu-system-x86", "busybox": "Debian: busybox-static"}
    found = [f"{command} ({package})" for command, package in commands.items() if shutil.which(command) is None]
    if not Path(sys.executable).with_name("vng").exists():
        found.append("vng (PyPI: virtme-ng)")
    return found + ([] if kernel() else ["a kernel with its modules (Debian: linux-image-amd64)"])


def types_of(plan: Plan) -> set[str]:
    """Return the types of the devices that a lab makes."""
    adding = [step.argv for step in plan.steps if step.argv[:3] == ("ip", "link", "add")]
    return {argv[argv.index("type") + 1] for argv in adding}


@dataclass(frozen=True)
class Results:
    """The status of each step of each example, and where its scripts' output lies."""

    statuses: dict[tuple[str, str], int]
    folder: Path

    def log(self, example: str) -> str:
        """Return what the scripts of an example said."""
        path = self.folder / "labs" / example / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else "(no output)"


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Boot once, and run every example."""
    if missing := lacking():
        pytest.skip(f"no virtual machine here: {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("vm")
    folder.chmod(0o755)
    types: set[str] = set()
    for example in EXAMPLES:
        (plan,) = compile_file(example).plans
        types |= types_of(plan)
        (folder / "labs" / example.stem).mkdir(parents=True)
        for name in files_of(BASH):
            (folder / "labs" / example.stem / name).write_text(render(plan, name), encoding="utf-8")
    script = folder / "start.sh"
    script.write_text(f"#!/bin/bash\nexec bash {RUNNER} {folder}/labs {' '.join(sorted(types))}\n", encoding="utf-8")
    script.chmod(0o755)
    return Results(boot(script), folder)


def boot(script: Path) -> dict[tuple[str, str], int]:
    """Run a script as root of a machine that sees this one's files, and read the lines that it prints."""
    vng = Path(sys.executable).with_name("vng")
    found = kernel()
    assert found is not None
    options = ["--force-9p", "--disable-microvm", "--disable-kvm", "--user", "root", "--rwdir", str(script.parent)]
    environment = os.environ | {"PATH": f"{vng.parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        [str(vng), "-r", str(found), *options, "--exec", str(script)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    statuses = {(words[0], words[1]): int(words[2]) for words in lines if len(words) == 3 and words[1] in STEPS}
    assert statuses, f"the machine said nothing of the labs:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return statuses


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("example", [path.stem for path in EXAMPLES])
def test_example(example: str, step: str, results: Results) -> None:
    status = results.statuses.get((example, step))
    assert status == 0, f"{step} of {example} ended with status {status}:\n{results.log(example)}"
