"""Hostile words: whatever stands in a lab, netc writes findings, or a script that takes every word for a word."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given

from netc.pipeline import Compiled, compile_lab
from netc.render.render import BASH, files_of, render
from netc.source import Source
from tests.compiled import compile_text
from tests.strategies import any_text, documents, examples

PAYLOADS = [
    "$(touch PWNED)",
    "`touch PWNED`",
    "; touch PWNED;",
    "'; touch PWNED; '",
    '"; touch PWNED; "',
    "' $(touch PWNED) '",
    "\ntouch PWNED\n",
    "\\\ntouch PWNED",
    "&& touch PWNED",
    "| touch PWNED",
    "${IFS}",
    "-x",
    "a%d",
    "*",
    "~",
    "sixteen-letters1",
    "наме",
    "a\u202eb",
    "a\x00b",
    "a\x1b[2Jb",
    "}",
    "#",
    "..",
]
PLACES = {
    "lab": "lab {}\nnetns a",
    "name-prefix": "lab x {{ name-prefix {} }}\nnetns a",
    "netns": "netns {}",
    "in": "netns a\nin {} {{ forward ipv4 }}",
    "bridge": "bridge {}",
    "device": "netns a {{ veth {} 10.0.0.1/24 -- host:p }}",
    "end": "netns a\nveth a:{} 10.0.0.1/24 -- host:p",
    "port": "bridge br0 {{ subnet 10.0.0.0/24 }}\nnetns a {{ veth e 10.0.0.1/24 -- br0:{} }}",
    "address": "netns a {{ address lo {} }}",
    "option": "bridge br0 {{ {} on }}",
    "option value": "bridge br0 {{ mac {} }}",
    "master": "bridge br0\nnetns a\nveth a:e -- host:p {{ master {} }}",
    "uplink": "uplink {} 10.0.0.1/24",
    "route": "netns a {{ route {} dev lo }}",
    "route device": "netns a {{ route default dev {} }}",
    "table": "netns a {{ route default dev lo table {} }}",
    "rule": "netns a {{ rule pref 100 from all lookup {} }}",
    "iif": "netns a {{ rule pref 100 ipv4 iif {} lookup 100 }}",
    "neigh": "netns a {{ neigh 10.0.0.1 lladdr {} dev lo }}",
    "sysctl key": "sysctl {} = 1",
    "sysctl value": "sysctl net.ipv4.ip_forward = {}",
    "module": "module {}",
    "expect": "netns a {{ address lo 10.0.0.1/32 }}\nexpect a -> {}",
    "exec": "netns a\nexec a {}",
    "exec argument": 'netns a\nexec a "echo it {}"',
    "let": "let x = {}\nnetns ${{x}}",
    "use": "template t(n) {{ netns a{{}}; exec a ${{n}} }}\nuse t({})",
    "statement": "{} x",
    "filter": "netns a {{ filter forward drop in {} }}",
    "filter prefix": "filter input drop saddr {}",
    "nat target": "nat dnat tcp 80 to {}",
    "impair": "netns a {{ impair {} {{ delay 1ms }} }}",
    "impair value": "netns a {{ impair lo {{ delay {} }} }}",
    "impair option": "netns a {{ impair lo {{ {} 1ms }} }}",
    "mirror": "netns a {{ mirror lo to {} }}",
    "nft": "nft forward {}",
    "nft string": "nft forward {}",
    "comment": "netns a # {}",
    "include": "include {}",
}


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def lab_with(place: str, payload: str) -> str:
    form = PLACES[place]
    if place == "comment":
        return form.format(payload.replace("\n", " "))
    if place == "nft string":
        return form.format(quoted(f'drop comment "{payload}"'))
    return form.format(payload.replace('"', "'").replace("\\", "") if place == "exec argument" else quoted(payload))


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    """Return a folder of commands that do nothing, in front of those that scripts may really run here."""
    folder = tmp_path / "fakes"
    folder.mkdir()
    for name in ("ip", "sysctl", "unshare", "modprobe", "flock", "setsid", "ping", "sleep", "nft", "tc"):
        (folder / name).write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def run_all(compiled: Compiled, fakes: Path) -> None:
    """Run every script of a lab with fake commands, in an empty folder, as root of a user namespace of its own."""
    folder = fakes.parent / "here"
    folder.mkdir()
    (plan,) = compiled.plans
    script = ["mount -t tmpfs tmpfs /run 2>/dev/null"]
    for name in files_of(BASH):
        (fakes.parent / name).write_text(render(plan, name), encoding="utf-8")
    script += [
        f"bash ../up.sh {flag}; bash ../{name}" for flag in ("-n", "") for name in ("verify.sh", "status.sh", "down.sh")
    ]
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    shell = shutil.which("bash") or "/bin/bash"
    command = [
        shutil.which("unshare") or "unshare",
        *user,
        "--mount",
        "--propagation",
        "private",
        shell,
        "-c",
        "\n".join(script),
    ]
    environment = os.environ | {"PATH": f"{fakes}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert "syntax error" not in done.stderr
    assert not list(folder.iterdir()), f"a word was executed: {done.stderr}"


@pytest.mark.kernel
@pytest.mark.parametrize("place", PLACES)
def test_no_word_is_executed(place: str, tmp_path: Path, fakes: Path) -> None:
    compiled_any = False
    for index, payload in enumerate(PAYLOADS):
        compiled = compile_text(lab_with(place, payload))
        if compiled.failed:
            assert all(finding.message for finding in compiled.findings)
            continue
        compiled_any = True
        own = tmp_path / str(index)
        own.mkdir()
        shutil.copytree(fakes, own / "fakes")
        run_all(compiled, own / "fakes")
    assert compiled_any or place not in {"exec", "exec argument", "comment", "use"}, "these places take any word"


@pytest.mark.kernel
@pytest.mark.parametrize("payload", [p for p in PAYLOADS if "\0" not in p], ids=range(len(PAYLOADS) - 1))
def test_a_files_name_is_a_word_too(payload: str, fakes: Path) -> None:
    compiled = compile_lab(Source(f"{payload}.net", "lab x\nnetns a\n"), lambda name: name)
    if compiled.failed:
        assert [finding.code for finding in compiled.findings] == ["N106"]
        assert not payload.isprintable()
    else:
        run_all(compiled, fakes)


@pytest.mark.kernel
def test_an_executed_word_would_be_seen(fakes: Path) -> None:
    """The harness itself: a fake command that does what a payload would do is noticed."""
    (fakes / "ip").write_text("#!/bin/sh\ntouch PWNED\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="a word was executed"):
        run_all(compile_text("netns a"), fakes)


@examples(300)
@given(text=any_text)
def test_any_text_comes_to_a_script_or_findings(text: str) -> None:
    outcome(text)


@examples(700)
@given(text=documents)
def test_plausible_labs_come_to_a_script_or_findings(text: str) -> None:
    outcome(text)


def outcome(text: str) -> None:
    compiled = compile_text(text)
    if compiled.failed:
        assert compiled.findings
        return
    (plan,) = compiled.plans
    for name in files_of(BASH):
        script = render(plan, name)
        assert script.endswith("}\n")
        assert all(char.isprintable() or char == "\n" for char in script)
