"""The wheel carries the grammar and the templates: netc works away from its source tree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiled import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it into an empty folder; what it depends on comes from this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "-q",
        "-t",
        str(folder / "site"),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    return folder / "site"


def run(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "netc", *words]
    return subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True, check=False)


def test_it_is_the_installed_one(installed: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", "import netc; print(netc.__file__)"]
    done = subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(installed))


def test_build_writes_the_same_bytes(installed: Path) -> None:
    lab = str(ROOT / "examples" / "bridge.net")
    done = run(installed, "build", lab)
    here = subprocess.run(
        [sys.executable, "-m", "netc", "build", lab], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == here.stdout


def test_pages_travel_too(installed: Path) -> None:
    assert run(installed, "explain", "N201").stdout.startswith("# N201")
