"""Findings as a person sees them."""

from __future__ import annotations

import re

from netc.diagnostics import Finding, Label, Severity
from netc.report import COLOUR, report
from netc.source import Source, Span
from tests.compiled import compile_text

TEXT = "lab x\nbridge br0 { subnet 1.1.1.0/24 }\nnetns ns2 { veth v 1.1.2.2/24 -- br0:p }\n"
SOURCE = Source("x.net", TEXT, "labs/x.net")
FINDING = Finding(
    "N201",
    Severity.ERROR,
    "1.1.2.2/24 is outside br0's subnet 1.1.1.0/24",
    Span(SOURCE, 3, 20, 3, 30),
    (Label(Span(SOURCE, 2, 21, 2, 31), "the subnet is declared here"),),
    'every ping ends in "Network is unreachable"',
    "write 1.1.1.1/24",
)


def test_form() -> None:
    assert report([FINDING]) == (
        "labs/x.net:3:20: error[N201]: 1.1.2.2/24 is outside br0's subnet 1.1.1.0/24\n"
        "   |\n"
        " 2 | bridge br0 { subnet 1.1.1.0/24 }\n"
        "   |                     ---------- the subnet is declared here\n"
        " 3 | netns ns2 { veth v 1.1.2.2/24 -- br0:p }\n"
        "   |                    ^^^^^^^^^^\n"
        '   = every ping ends in "Network is unreachable"\n'
        "   = help: write 1.1.1.1/24\n"
        "\n"
        "1 error; `netc explain N201` tells more\n"
    )


def test_colour_adds_nothing_but_escapes() -> None:

    coloured = report([FINDING], COLOUR)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == report([FINDING])


def test_marks_stand_under_wide_characters_and_tabs() -> None:
    source = Source("x.net", "\t网络 oops\n")
    text = report([Finding("N003", Severity.ERROR, "m", Span(source, 1, 5, 1, 9))])
    line, marks = text.splitlines()[2:4]
    assert line == " 1 |     网络 oops"
    assert marks == "   |" + " " * (1 + 4 + 4 + 1) + "^^^^"


def test_a_terminal_is_not_disturbed() -> None:
    text = report(compile_text('netns "a\x1b[31m\x07b"\n').findings)
    assert "\x1b" not in text
    assert "\x07" not in text


def test_turns_of_loops_are_told() -> None:
    text = report(compile_text("for i in 1..2 {\n  netns n${i} { veth e ${i}.1.1.300/24 -- nowhere }\n}\n").findings)
    assert "   = in the turn i = 1 of this loop (lab.net:1)\n" in text
    assert "   = and 1 more like this here, the last in the turn i = 2 of this loop\n" in text


def test_turns_of_loops_keep_their_order() -> None:
    findings = compile_text("for i in 1..11 {\n  netns n${i} { address lo 10.0.0.${i}00 }\n}\n").findings
    assert [finding.span.frames[-1].text.split()[5] for finding in findings] == [str(i) for i in range(3, 12)]


def test_all_findings_are_counted() -> None:
    findings = compile_text("netns a a\nfoo\nbridge\n").findings
    assert report(findings).endswith(f"\n{len(findings)} errors; `netc explain {findings[0].code}` tells more\n")
    assert len(findings) == 3
