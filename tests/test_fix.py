"""`netc check --fix`: the cures that leave no choice, and where netc keeps its hands off."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from netc.checks import checks
from netc.diagnostics import Edit, Finding, Severity
from netc.fix import edited, fix
from netc.language_pages import PAGES
from netc.pipeline import compile_lab
from netc.source import Source, Span
from tests.compiled import EXAMPLES
from tests.test_cli import netc

BAD = {check.code: check.bad for check in checks().values()} | {entry.code: entry.bad for entry in PAGES}
FILES = {"common.net": "netns shared\n"}


def checker(files: Mapping[str, str]) -> Callable[[Mapping[str, str]], tuple[Finding, ...]]:
    """Return what checks the lab lab.net of some files, with texts in place of theirs."""

    def check(texts: Mapping[str, str]) -> tuple[Finding, ...]:
        now = {**files, **texts}
        return compile_lab(Source("lab.net", now["lab.net"]), lambda name: now[name]).findings

    return check


def fixed(text: str, **files: str) -> str:
    """Return a lab's text after --fix."""
    named = {"lab.net": text, **FILES, **{f"{name}.net": file for name, file in files.items()}}
    changed = fix(checker(named))
    assert fix(checker(named | changed)) == {}, "a second time there is nothing left to do"
    return {**named, **changed}["lab.net"]


@pytest.mark.parametrize("code", BAD)
def test_after_a_fix_the_finding_is_gone(code: str) -> None:
    findings = checker({"lab.net": BAD[code], **FILES})({})
    mended = fixed(BAD[code])
    left = {finding.code for finding in checker({"lab.net": mended, **FILES})({})}
    if any(finding.edits for finding in findings):
        assert left == set(), mended
    else:
        assert mended == BAD[code]


def test_enough_checks_have_a_fix() -> None:
    cured = {code for code, text in BAD.items() if any(f.edits for f in checker({"lab.net": text, **FILES})({}))}
    assert cured >= {"N201", "N202", "N203", "N204", "N205", "N206", "N211", "N212", "N214", "N401"}


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("netns a { route 10.1.2.3/16 via 10.0.0.1; veth e 10.0.0.2/24 -- b:e 10.0.0.1/24 } # why\n"
         "netns b {forward ipv4}",
         "netns a { route 10.1.0.0/16 via 10.0.0.1; veth e 10.0.0.2/24 -- b:e 10.0.0.1/24 } # why\n"
         "netns b {forward ipv4}"),
        ("netns a {veth e 10.0.0.1/255.255.255.0 -- b:e 10.0.0.2/24}\nnetns b\n",
         "netns a {veth e 10.0.0.1/24 -- b:e 10.0.0.2/24}\nnetns b\n"),
        ("bridge br0 { subnet 10.0.0.1/24 }\n", "bridge br0 { subnet 10.0.0.0/24 }\n"),
        ("netns a；netns b\n", "netns a;netns b\n"),
        ("netns a { veth e 10.0.0.1/24 -- b:e 10.0.0.2/24; route default via 10.0.0.2/24 }\nnetns b { forward ipv4 }\n",
         "netns a { veth e 10.0.0.1/24 -- b:e 10.0.0.2/24; route default via 10.0.0.2 }\nnetns b { forward ipv4 }\n"),
        # three of one address: each gets one of its own
        ("bridge b\n" + "".join(f"netns n{i} {{ veth e 10.0.0.1/24 -- b }}\n" for i in range(3)),
         "bridge b\n" + "".join(f"netns n{i} {{ veth e 10.0.0.{i + 1}/24 -- b }}\n" for i in range(3))),
    ],
)  # fmt: skip
def test_texts(text: str, mended: str) -> None:
    assert fixed(text) == mended


ROUTER = """
netns a {{ veth e 10.1.0.2/24 fd01::2/64 -- r:a 10.1.0.1/24 fd01::1/64
  route default via 10.1.0.1; route default via fd01::1 }}
netns b {{ veth e 10.2.0.2/24 fd02::2/64 -- r:b 10.2.0.1/24 fd02::1/64
  route default via 10.2.0.1; route default via fd02::1 }}
{}
expect a <-> b
"""


@pytest.mark.parametrize(
    ("router", "mended"),
    [
        ("netns r", "netns r { forward ipv6; forward ipv4 }"),
        ("netns r # why", "netns r { forward ipv6; forward ipv4 } # why"),
        ("netns r {}", "netns r { forward ipv6; forward ipv4 }"),
        ("netns r { address lo 10.9.0.1 }", "netns r { forward ipv6; forward ipv4; address lo 10.9.0.1 }"),
        (
            "netns r {  # a router\n\taddress lo 10.9.0.1\n}",
            "netns r {  # a router\n  forward ipv6\n  forward ipv4\n\taddress lo 10.9.0.1\n}",
        ),
        ('netns "r"{\n}', 'netns "r"{\n  forward ipv6\n  forward ipv4\n}'),
    ],
)
def test_where_a_statement_is_added(router: str, mended: str) -> None:
    assert fixed(ROUTER.format(router)) == ROUTER.format(mended)


LOOPS = {
    "a loop": "for i in 1..2 { netns a${i} { veth e 10.${i}.0.1/24 -- b${i}:e 10.${i}.0.255/24 }; netns b${i} }\n",
    "a template": "template t(n) { netns ${n} { veth e 10.0.0.1/24 -- b:e 10.0.0.255/24 } }\nuse t(a)\nnetns b\n",
    "a value": "let last = 10.0.0.255/24\nnetns a { veth e 10.0.0.1/24 -- b:e ${last} }\nnetns b\n",
    "a sum": "let lan = 10.0.0.0/24\nnetns a { veth e 10.0.0.1/24 -- b:e ${lan[255]}/24 }\nnetns b\n",
    "an uplink": "uplink eth0 10.0.0.255/24\n",
    "auto": "netns a { veth e 10.0.0.2/24 -- b:e auto; route default via 10.0.0.99 }\nnetns b\n",
    "the host": "netns a { veth e 10.0.0.2/24 -- host:v 10.0.0.1/24; route default via 10.0.0.1 }\n"
    "netns b { veth e 10.1.0.2/24 -- host:w 10.1.0.1/24; route default via 10.1.0.1 }\nexpect a <-> b\n",
}


@pytest.mark.parametrize("text", LOOPS.values(), ids=LOOPS)
def test_what_is_left_alone(text: str) -> None:
    assert checker({"lab.net": text})({})
    assert fixed(text) == text


def test_line_ends_and_marks_stay() -> None:
    text = "\ufeffnetns a {\r\n  veth e 10.1.0.2/24 -- r:a 10.1.0.1/24; route default via 10.1.0.1\r\n}\r\n"
    text += "netns r {\r\n}\r\n"
    text += "netns b { veth e 10.2.0.2/24 -- r:b 10.2.0.1/24; route default via 10.2.0.1 }\r\nexpect a <-> b"
    assert fixed(text) == text.replace("netns r {\r\n", "netns r {\r\n  forward ipv4\r\n")


def test_included_files_are_mended(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.net").write_bytes(b"netns a { veth e 10.0.0.255/24 -- b:e 10.0.0.1/24 }\r\n")
    (tmp_path / "lab.net").write_text('include "parts/a.net"\nnetns b\n')
    shown = netc("check", "--diff", "lab.net", folder=tmp_path)
    assert shown.stdout.startswith("--- parts/a.net\n+++ parts/a.net\n")
    assert b".255/" in (tmp_path / "parts" / "a.net").read_bytes()
    done = netc("check", "--fix", "lab.net", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "fixed parts/a.net\n")
    assert (tmp_path / "parts" / "a.net").read_bytes() == b"netns a { veth e 10.0.0.2/24 -- b:e 10.0.0.1/24 }\r\n"
    assert (tmp_path / "lab.net").read_text() == 'include "parts/a.net"\nnetns b\n'


def test_a_diff_is_what_a_fix_does(tmp_path: Path) -> None:
    text = "netns a { veth e 10.0.0.255/24 -- b:e 10.0.0.1/24 }\nnetns b"
    (tmp_path / "lab.net").write_text(text)
    shown = netc("check", "--diff", "lab.net", folder=tmp_path)
    assert shown.returncode == 1, "the lab is as it was"
    assert "error[N205]" in shown.stderr
    assert netc("check", "--diff", "-", text=text).stdout == shown.stdout.replace("lab.net", "stdin")
    left = netc("check", "--fix", "--format", "json", "lab.net", folder=tmp_path)
    assert left.returncode == 0
    after = (tmp_path / "lab.net").read_text()
    lines = difflib.unified_diff(text.splitlines(True), after.splitlines(True), "lab.net", "lab.net")
    assert shown.stdout == "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


@pytest.mark.parametrize("words", [["--fix", "-"], ["--diff", "--fix", "x"], ["--diff", "--format", "json", "x"]])
def test_what_cannot_be_asked_for(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    assert netc("check", *words, folder=tmp_path, text="").returncode == 2


def test_a_lab_without_a_fault_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "lab.net"
    path.write_bytes(EXAMPLES[0].read_bytes())
    before = path.stat().st_mtime_ns
    assert netc("check", "--fix", str(path)).returncode == 0
    assert path.stat().st_mtime_ns == before


# -- edits by themselves --------------------------------------------------------------------------------------

SOURCE = Source("lab.net", "abcdef\nghijkl\n")


def told(*edits: tuple[int, int, int, str]) -> Finding:
    spans = [(Span(SOURCE, line, start, line, end), text) for line, start, end, text in edits]
    return Finding("N999", Severity.ERROR, "m", spans[0][0], edits=tuple(Edit(*pair) for pair in spans))


@pytest.mark.parametrize(
    ("findings", "text"),
    [
        ([told((1, 1, 3, "X"))], "Xcdef\nghijkl\n"),
        ([told((1, 1, 1, "X"))], "Xabcdef\nghijkl\n"),
        ([told((1, 7, 7, "X"))], "abcdefX\nghijkl\n"),
        ([told((1, 1, 3, "X"), (2, 2, 2, "Y"))], "Xcdef\ngYhijkl\n"),
        ([told((1, 1, 3, "X")), told((1, 3, 5, "Y"))], "XYef\nghijkl\n"),
        # of two that touch the first is made, and of one that is not made nothing is
        ([told((1, 1, 4, "X")), told((1, 3, 5, "Y"), (2, 1, 2, "Z"))], "Xdef\nghijkl\n"),
        ([told((1, 2, 3, "X")), told((1, 1, 5, "Y"))], "aXcdef\nghijkl\n"),
        ([told((1, 1, 1, "X")), told((1, 1, 1, "Y"))], "Xabcdef\nghijkl\n"),
        ([told((1, 1, 1, "X")), told((1, 1, 1, "X"))], "Xabcdef\nghijkl\n"),
        ([told((1, 1, 3, "X")), told((1, 2, 2, "Y"))], "Xcdef\nghijkl\n"),
    ],
)
def test_edits(findings: list[Finding], text: str) -> None:
    assert edited(findings) == {"lab.net": text}


def test_a_fix_ends_where_two_cures_undo_each_other() -> None:
    turns = iter(range(1000))

    def check(texts: Mapping[str, str]) -> list[Finding]:
        next(turns)
        source = Source("lab.net", texts.get("lab.net", "a"))
        return [Finding("N999", Severity.ERROR, "m", span := Span(source, 1, 1, 1, 2),
                        edits=(Edit(span, "b" if source.text == "a" else "a"),))]  # fmt: skip

    assert fix(check) == {"lab.net": "b"} or fix(check) == {"lab.net": "a"}
    assert next(turns) < 20
