"""`netc try`: a lab in a host of its own, tested, and nothing left of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiled import ROOT
from tests.kernel.world import PATH

PAIR = """lab pair
netns a
netns b
veth a:e 10.0.0.1/24 -- b:e 10.0.0.2/24
expect a <-> b ttl 64
"""


def netc_try(text: str, folder: Path, *flags: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    lab = folder / "lab.net"
    lab.write_text(text, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PATH": PATH}
    command = [sys.executable, "-m", "netc", "try", *flags, str(lab)]
    return subprocess.run(
        command, input=stdin, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


def host() -> tuple[str, list[str]]:
    """Return what a try must not change: this host's links, and its named namespaces."""
    links = subprocess.run(
        ["ip", "-o", "link"], env=os.environ | {"PATH": PATH}, capture_output=True, text=True, check=True
    )
    names = Path("/run/netns")
    return links.stdout, sorted(path.name for path in names.iterdir()) if names.is_dir() else []


def test_it_tests_and_leaves_nothing(tmp_path: Path) -> None:
    before = host()
    done = netc_try(PAIR, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "ok    lab.net:5  a -> b (10.0.0.2) ttl 64",
        "ok    lab.net:5  b -> a (10.0.0.1) ttl 64",
        "2 hold, 0 do not",
    ]
    assert host() == before


def test_what_does_not_hold_ends_with_1(tmp_path: Path) -> None:
    wrong = PAIR.replace("expect", "# netc: allow expect-ttl -- to see it on the kernel\nexpect").replace("64", "63")
    done = netc_try(wrong, tmp_path)
    assert done.returncode == 1
    assert "FAIL  lab.net:6  a -> b (10.0.0.2) ttl 63" in done.stdout
    assert "ttl=64" in done.stdout


def test_an_error_brings_nothing_up(tmp_path: Path) -> None:
    done = netc_try("netns a {", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "never closed" in done.stderr


def test_a_shell_inside(tmp_path: Path) -> None:
    before = host()
    done = netc_try(
        PAIR,
        tmp_path,
        "--shell",
        stdin="ip netns\nip netns exec a ping -n -c 1 10.0.0.2\nip link add stray type bridge\n",
    )
    assert done.returncode == 0
    assert "64 bytes from 10.0.0.2" in done.stdout
    assert {"a", "b"} <= {line.split()[0] for line in done.stdout.splitlines() if line}
    assert host() == before


def test_an_uplink_is_stood_in_for(tmp_path: Path) -> None:
    lab = "uplink uplink0 192.0.2.1/24 2001:db8::1/64\nnetns a\nveth a:e 10.0.0.2/24 -- host:p 10.0.0.1/24\n"
    done = netc_try(lab + "expect a -> host:p\n", tmp_path, "-v")
    assert done.returncode == 0, done.stderr
    assert "up.sh: the lab lab is up" in done.stderr


@pytest.mark.parametrize("program", ["sleep 1000", "sh -c 'trap : TERM; while :; do sleep 1; done'"])
def test_its_processes_end_with_it(program: str, tmp_path: Path) -> None:
    done = netc_try(f'netns a\nexec a "{program}"\n', tmp_path)
    assert done.returncode == 0, done.stderr
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert program.removeprefix("sh -c ").strip("'") not in running
