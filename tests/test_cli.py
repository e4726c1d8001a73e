"""The command line: exit codes, what goes where, and that no input gets a traceback."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netc import __version__
from tests.compiled import ROOT

BRIDGE = ROOT / "examples" / "bridge.net"
BAD = "netns a { veth e 10.0.0.300/24 -- br0 }\nfoo\n"


def netc(*words: str, text: str | None = None, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "netc", *words]
    return subprocess.run(command, input=text, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_build_prints_up_sh_and_nothing_else() -> None:
    done = netc("build", "examples/bridge.net")
    assert done.returncode == 0
    assert done.stdout.startswith("#!/usr/bin/env bash\n# up.sh brings up the lab bridge")
    assert "Traceback" not in done.stderr


def test_build_says_what_changes_on_the_host() -> None:
    assert (
        "note: on the host itself: sysctl net.ipv4.ip_forward=1  (proxy-arp.net:4)"
        in netc("build", "examples/proxy-arp.net").stderr
    )


@pytest.mark.parametrize("script", ["down", "verify", "status"])
def test_build_prints_the_others(script: str) -> None:
    assert netc("build", f"--{script}", "examples/bridge.net").stdout.splitlines()[1].startswith(f"# {script}.sh ")


def test_build_writes_a_folder(tmp_path: Path) -> None:
    done = netc("build", "-o", str(tmp_path / "out"), "examples/bridge.net")
    assert (done.returncode, done.stdout) == (0, "")
    found = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in found] == ["down.sh", "status.sh", "up.sh", "verify.sh"]
    assert all(os.access(path, os.X_OK) for path in found)
    assert (tmp_path / "out" / "up.sh").read_text() == netc("build", "examples/bridge.net").stdout


def test_standard_input() -> None:
    done = netc("build", "-", text="lab x\nnetns a\n")
    assert done.returncode == 0
    assert "from stdin" in done.stdout
    assert "stdin:2  netns a" in done.stdout


def test_errors_go_to_standard_error_all_of_them() -> None:
    done = netc("build", "-", text=BAD)
    assert (done.returncode, done.stdout) == (1, "")
    assert "<stdin>:1:18: error[N005]: 300 is not an octet" not in done.stdout
    for code in ("N005", "N006", "N003"):
        assert f"error[{code}]" in done.stderr
    assert "\x1b" not in done.stderr


def test_check(tmp_path: Path) -> None:
    assert netc("check", "examples/bridge.net").returncode == 0
    bad = tmp_path / "bad.net"
    bad.write_text(BAD)
    assert netc("check", str(bad)).returncode == 1


@pytest.mark.parametrize(
    "words",
    [
        ["build"],
        ["build", "nowhere.net"],
        ["nothing"],
        ["build", "--down", "-o", "x", "examples/bridge.net"],
        ["build", "--what"],
    ],
)
def test_a_wrong_call_exits_2(words: list[str]) -> None:
    done = netc(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_colour_only_on_a_terminal(tmp_path: Path) -> None:
    bad = tmp_path / "bad.net"
    bad.write_text(BAD)
    assert "\x1b[" in on_terminal({}, str(bad))
    assert "\x1b[" not in on_terminal({"NO_COLOR": "1"}, str(bad))


def on_terminal(environment: dict[str, str], lab: str) -> str:
    ours, theirs = pty.openpty()
    base = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "TERM"}}
    env = base | {"PYTHONPATH": str(ROOT), "TERM": "xterm"} | environment
    subprocess.run([sys.executable, "-m", "netc", "check", lab], env=env, stderr=theirs, stdin=theirs, check=False)
    os.close(theirs)
    found = os.read(ours, 100_000).decode()
    os.close(ours)
    return found


def test_not_text(tmp_path: Path) -> None:
    (tmp_path / "x.net").write_bytes(b"netns a\xff\n")
    done = netc("build", str(tmp_path / "x.net"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("x.net: error: this is not UTF-8 text (byte 8)\n")


def test_version_and_completion() -> None:
    assert netc("--version").stdout == f"netc {__version__}\n"
    for shell in ("bash", "zsh", "fish"):
        if shell != "bash" or shutil.which("bash"):
            assert "_NETC_COMPLETE" in netc("completion", shell).stdout


def test_explain() -> None:
    assert netc("explain", "N201").stdout.startswith("# N201 addr-outside-subnet")
    assert "N201" in netc("explain").stdout
    assert netc("explain", "N000").returncode == 2


def test_fmt(tmp_path: Path) -> None:
    path = tmp_path / "x.net"
    path.write_text("netns   a{}\n")
    assert netc("fmt", "--check", str(path)).returncode == 1
    assert path.read_text() == "netns   a{}\n"
    assert netc("fmt", str(path)).returncode == 0
    formatted = path.read_text()
    assert formatted.startswith("netns a {")
    assert netc("fmt", "--check", str(path)).returncode == 0
    assert netc("fmt", "-", text="netns   a{}\n").stdout == formatted


def test_fmt_leaves_a_broken_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.net"
    path.write_text("netns a {\n")
    done = netc("fmt", str(path))
    assert done.returncode == 1
    assert "never closed" in done.stderr
    assert path.read_text() == "netns a {\n"


def test_includes_count_from_the_including_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "hosts.net").write_text("netns a\nnetns bad name\n")
    (tmp_path / "main.net").write_text('include "parts/hosts.net"\n')
    done = netc("check", "main.net", folder=tmp_path)
    assert done.stderr.startswith("parts/hosts.net:2:11: error[N009]")


def test_name_prefix() -> None:
    text = netc("build", "--name-prefix", "x-", "examples/bridge.net").stdout
    assert "name x-br0 " in text
    assert "'netc x-bridge' x-ns1\n" in text
    assert "lab=x-bridge" in text


def test_lark_and_jinja2_are_imported_only_where_they_are_used() -> None:
    for words in (["--version"], ["--help"], ["build", "--help"]):
        command = [sys.executable, "-X", "importtime", "-m", "netc", *words]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert "lark" not in done.stderr
        assert "jinja2" not in done.stderr


def test_a_full_disk_gets_a_sentence() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "netc", "build", str(BRIDGE)]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("netc: error: cannot write to standard output: No space left on device\n")
