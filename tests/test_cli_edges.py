"""The command line where the machine does not play along: full disks, closed pipes, odd files, a vanished folder."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from netc.cli import FORMS
from tests.compiled import ROOT
from tests.test_cli import BAD, BRIDGE, netc

NETC = f"{shlex.quote(sys.executable)} -m netc"


def shell(line: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `netc` is this netc."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    script = f"netc() {{ {NETC} \"$@\"; }}; {line}"  # fmt: skip
    command = ["bash", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


WRITERS = [
    f"netc build {BRIDGE}",
    "netc explain N201",
    "netc completion bash",
    "netc build --help",
    f"netc fmt - <{BRIDGE}",
    f"netc check --format sarif {BRIDGE}",
]


@pytest.mark.parametrize("line", WRITERS)
def test_standard_output_is_full(line: str) -> None:
    done = shell(f"{line} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.endswith("netc: error: cannot write to standard output: No space left on device\n")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("line", WRITERS[:4])
def test_standard_output_is_a_closed_pipe(line: str) -> None:
    done = shell(f"{{ sleep 0.1; {line}; }} | true")
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("line", WRITERS)
def test_standard_output_is_closed(line: str) -> None:
    done = shell(f"{line} >&-")
    assert "Traceback" not in done.stderr
    if "--help" not in line and "--version" not in line:  # click says nothing then
        assert done.returncode == 1
        assert "cannot write to standard output" in done.stderr


@pytest.mark.parametrize("closing", ["2>&-", "2>/dev/full", "2>&1 >/dev/null | true"])
def test_standard_error_is_closed_or_full(closing: str) -> None:
    done = shell(f"set -o pipefail; printf 'nonsense\\n' | netc check - {closing}")
    assert done.returncode == 1
    assert done.stdout == ""
    good = shell(f"netc build {ROOT}/examples/proxy-arp.net 2>/dev/full")
    assert good.returncode == 0
    assert good.stdout.startswith("#!/usr/bin/env bash")


@pytest.mark.parametrize("command", ["build", "check", "fmt", "check --format json"])
def test_standard_input_is_closed(command: str) -> None:
    done = shell(f"netc {command} - <&-")
    assert done.returncode == 1
    assert done.stderr == "<stdin>: error: cannot read it: it is closed\n"


def test_the_folder_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = shell(f"rmdir {gone}; netc check {BRIDGE} && netc check x.net", gone)
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr
    done = shell(f"rmdir {gone}; printf 'include \"x.net\"\\n' | netc build -", tmp_path if gone.exists() else ROOT)
    assert "cannot read x.net: No such file or directory" in done.stderr


INCLUDES = {
    "a folder": ("mkdir x.net", "it is a folder"),
    "a pipe": ("mkfifo x.net", "it is no file"),
    "a device without an end": ("ln -s /dev/zero x.net", "it is no file"),
    "a circle of links": ("ln -s x.net x.net", "Too many levels of symbolic links"),
    "nothing": ("true", "No such file or directory"),
    "no text": (r"printf '\377' >x.net", "it is not UTF-8 text"),
    "too large": ("truncate -s 17M x.net", "it is larger than 16 MiB"),
}


@pytest.mark.parametrize("make", INCLUDES)
def test_included(make: str, tmp_path: Path) -> None:
    line, why = INCLUDES[make]
    done = shell(f"{line}; printf 'include \"x.net\"\\n' >lab.net; netc check lab.net", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"lab.net:1:9: error[N011]: cannot read x.net: {why}\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_included_without_leave(tmp_path: Path) -> None:
    done = shell("echo >x.net; chmod 0 x.net; echo 'include \"x.net\"' >lab.net; netc check lab.net", tmp_path)
    assert "cannot read x.net: Permission denied" in done.stderr


def test_odd_labs(tmp_path: Path) -> None:
    assert "cannot read it" not in shell(f"netc check <(cat {BRIDGE})").stderr
    done = shell("netc check /dev/zero")
    assert (done.returncode, done.stderr) == (1, "/dev/zero: error: cannot read it: it is larger than 16 MiB\n")
    assert netc("check", str(tmp_path)).returncode == 2
    done = shell("printf 'netns a\\0b\\n' | netc check -")
    assert "error[N002]: a word cannot hold the character U+0000" in done.stderr
    done = shell("printf 'netns a\\n' >$'b\\xffd.net'; netc check --format sarif $'b\\xffd.net'", tmp_path)
    assert done.returncode == 1
    assert "N106" in done.stdout
    assert "Traceback" not in done.stderr


def test_fmt_goes_on_after_a_file_that_it_cannot_format(tmp_path: Path) -> None:
    (tmp_path / "bad.net").write_text("netns a {\n")
    (tmp_path / "good.net").write_text("netns   a\n")
    done = netc("fmt", "bad.net", "good.net", folder=tmp_path)
    assert done.returncode == 1
    assert "never closed" in done.stderr
    assert (tmp_path / "good.net").read_text() == "netns a\n"


def test_fmt_keeps_what_a_file_is(tmp_path: Path) -> None:
    path, link = tmp_path / "x.net", tmp_path / "link.net"
    path.write_text("netns   a\n")
    path.chmod(0o640)
    link.symlink_to("x.net")
    assert netc("fmt", str(link)).returncode == 0
    assert link.is_symlink()
    assert path.read_text() == "netns a\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link.net", "x.net"]


def test_fmt_where_it_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "x.net"
    path.write_text("netns   a\n")
    done = shell(f"netc fmt <(cat {path})")
    assert done.returncode == 1
    assert "error: cannot write it: it is no file\n" in done.stderr
    line = f"mount --bind -o ro {tmp_path} {tmp_path}; mount -o remount,bind,ro {tmp_path}; {NETC} fmt {path}"
    done = shell(f"unshare --user --map-root-user --mount sh -c {shlex.quote(line)}")
    if "Operation not permitted" not in done.stderr and "unshare" not in done.stderr:
        assert (done.returncode, done.stderr) == (1, f"{path}: error: cannot write it: Read-only file system\n")
    assert path.read_text() == "netns   a\n"


@pytest.mark.parametrize("form", FORMS)
def test_check_in_every_form(form: str) -> None:
    done = netc("check", "--format", form, "-", text=BAD)
    assert done.returncode == 1
    told = done.stderr if form == "text" else done.stdout
    assert (done.stdout == "") == (form == "text")
    for code in ("N003", "N005", "N006"):
        assert code in told


def test_check_takes_several_labs(tmp_path: Path) -> None:
    (tmp_path / "one.net").write_text(BAD)
    (tmp_path / "two.net").write_text("nets a\n")
    done = netc("check", "--format", "json", "one.net", "two.net", folder=tmp_path)
    assert done.returncode == 1
    files = [finding["place"]["file"] for finding in json.loads(done.stdout)["findings"]]
    assert files == ["one.net", "one.net", "one.net", "two.net"]
    done = netc("check", str(BRIDGE), str(ROOT / "examples" / "veth-pair.net"))
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_allowed_is_not_told() -> None:
    lab = "netns a { veth e 10.0.0.0/31 -- b:e 10.0.0.1/31 }  # netc: allow slash31 -- saves addresses\nnetns b\n"
    assert netc("check", "-", text=lab).stderr == ""
    assert netc("build", "-", text=lab).returncode == 0
    (allowed,) = json.loads(netc("check", "--format", "json", "-", text=lab).stdout)["allowed"]
    assert (allowed["code"], allowed["reason"]) == ("N213", "saves addresses")
