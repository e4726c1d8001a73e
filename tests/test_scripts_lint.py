"""Generated scripts as their readers' tools see them: shellcheck, `bash -n`, shfmt, and what a reviewer counts on."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.labs import EXAMPLES, GUEST, build

ODD = """
lab odd
netns "v1.2"
bridge br.10 { mtu 1400; nf-call off }
veth v1.2:a.b 10.1.0.1/24 -- br.10:p.q
in "v1.2" { sysctl net/ipv4/conf/a.b/rp_filter = 0; route unreachable 10.9.0.0/16; forward ipv6 }
exec "v1.2" "sh -c 'echo \\"$HOME\\" `id` *; exit 0'"
sysctl net.ipv4.ip_local_port_range = 30000 40000
module some_module
"""
EMPTY = "lab empty\n"
ONLY_NETNS = "lab one\nnetns n1\n"
ONLY_SYSCTL = "lab one\nsysctl net.ipv4.ip_default_ttl = 70\n"
ONLY_LO = "lab one\naddress lo 10.9.9.9/32\n"
LABS = {
    **{path.stem: (path.read_text(), path.name) for path in [*EXAMPLES, GUEST]},
    "odd": (ODD, "odd.net"),
    "empty": (EMPTY, "empty.net"),
    "only-netns": (ONLY_NETNS, "one.net"),
    "only-sysctl": (ONLY_SYSCTL, "one.net"),
    "only-lo": (ONLY_LO, "one.net"),
}


@pytest.fixture(params=LABS)
def scripts(request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    """Return the paths of every script of a lab."""
    text, name = LABS[request.param]
    return [path for lab in build(text, name, tmp_path) for path in sorted(lab.folder.iterdir())]


def tool(name: str) -> str:
    """Return the path of a tool that pip puts beside python, or that PATH knows."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"no {name}: pip install {name}-py")
    return found


def complaints(*argv: str) -> str:
    """Run a linter and return all that it says."""
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr if ran.returncode or ran.stdout or ran.stderr else ""


def test_bash_reads_them(scripts: list[Path]) -> None:
    for path in scripts:
        assert complaints("/bin/bash", "-n", str(path)) == ""


def test_shellcheck_finds_nothing(scripts: list[Path]) -> None:
    assert complaints(tool("shellcheck"), "-s", "bash", *map(str, scripts)) == ""


def test_shfmt_changes_nothing(scripts: list[Path]) -> None:
    assert complaints(tool("shfmt"), "-d", "-i", "2", "-ci", *map(str, scripts)) == ""


def disabled(text: str) -> Iterator[str]:
    """Yield the findings that a script turns shellcheck off for."""
    for line in re.findall(r"# shellcheck disable=(\S+)", text):
        yield from line.split(",")


def test_shellcheck_is_turned_off_for_little(scripts: list[Path]) -> None:
    known = {"SC1091", "SC2016", "SC2043", "SC2053", "SC2086", "SC2317", "SC2329"}
    for path in scripts:
        assert set(disabled(path.read_text())) <= known, path.name


def test_same_lab_same_bytes(tmp_path: Path) -> None:
    for name, (text, file) in LABS.items():
        one, two = (build(text, file, tmp_path / name / turn) for turn in "ab")
        for first, second in zip(one, two, strict=True):
            for path in sorted(first.folder.iterdir()):
                assert path.read_bytes() == (second.folder / path.name).read_bytes()
                assert str(tmp_path) not in path.read_text()


def test_plain_text(scripts: list[Path]) -> None:
    for path in scripts:
        text = path.read_text()
        assert text.startswith("#!/usr/bin/env bash\n")
        assert text.endswith("}\n"), "torn, it does nothing"
        assert not re.search(r"[ \t]+$", text, re.MULTILINE)
        assert "\t" not in text
        assert "\r" not in text


def test_the_frame_stays_short(tmp_path: Path) -> None:
    (lab,) = build(*LABS["veth-pair"], tmp_path)
    text = lab.path("up").read_text()
    head, _, rest = text.partition("# --- the lab")
    frame = head + rest.partition("# --- it is up")[2]
    lines = [line for line in frame.splitlines() if line.strip() and not line.strip().startswith("#")]
    naming = [line for line in lines if re.search("veth-pair|ns1|ns2|link group", line)]
    assert len(lines) - len(naming) <= 64, f"{len(lines) - len(naming)} lines beside those that name what is in the lab"
