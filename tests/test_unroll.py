"""Loops, values, templates and includes."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import pytest

from tests.compiled import compile_text
from tests.labs import assert_spans_inside, covered, parsed, texts, told, unrolled

# The package's attribute of that name is the function.
unroll_module = importlib.import_module("netc.unroll.unroll")


def lines(text: str, files: Mapping[str, str] | None = None) -> list[str]:
    """Return the statements that a text without fault unrolls to."""
    document, findings = unrolled(text, files)
    assert told(findings) == []
    return texts(document)


def faults(text: str, files: Mapping[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Return code, covered text and message of what is told."""
    _, findings = unrolled(text, files)
    assert_spans_inside(findings)
    return [(one.code, one.at, one.message) for one in told(findings)]


def value(expression: str, before: str = "") -> str:
    (line,) = lines(f"{before}\nx ${{{expression}}}")
    return line.removeprefix("x ")


def fault(expression: str, before: str = "") -> tuple[str, str]:
    """Return what is told of an expression: the covered text and the message."""
    ((code, at, message),) = faults(f"{before}\nx ${{{expression}}}")
    assert code == "N010"
    return at, message


# -- expressions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("1", "1"),
        (" 1 + 2 ", "3"),
        ("1+2*3", "7"),
        ("(1+2)*3", "9"),
        ("10-2-3", "5"),
        ("7/2", "3"),
        ("7%3", "1"),
        ("12/2*3", "18"),
        ("-3", "-3"),
        ("2--3", "5"),
        ("-(1+2)", "-3"),
        ("007", "7"),
        ("9223372036854775807", "9223372036854775807"),
        ("N", "8"),
        ("N*N-1", "63"),
        ("lan[0]", "10.0.0.0"),
        ("lan[N+1]", "10.0.0.9"),
        ("lan[15]", "10.0.0.15"),
        ("six[1]", "fd00::1"),
        ("six[9223372036854775807]", "fd00::7fff:ffff:ffff:ffff"),
        ("word", "red"),
        ("lan", "10.0.0.0/28"),
    ],
)
def test_values(expression: str, wanted: str) -> None:
    assert value(expression, "let N = 8; let lan = 10.0.0.0/28; let six = fd00::/64; let word = red") == wanted


@pytest.mark.parametrize(
    ("expression", "at", "message"),
    [
        ("1/0", "1/0", "division by zero"),
        ("1%0", "1%0", "division by zero"),
        ("N", "N", "nothing here is called `N`"),
        ("1 +", "1 +", "an expression cannot hold its end here"),
        ("", "${}", "an expression cannot hold its end here"),
        ("1 ? 2", "? 2", "an expression cannot hold `? 2` here"),
        ("a b", "b", "an expression cannot hold `b` here"),
        ("9223372036854775808", "9223372036854775808", "this number is too large"),
        ("9223372036854775807+1", "9223372036854775807+1", "this number is too large"),
        ("99999999999*99999999999", "99999999999*99999999999", "this number is too large"),
        ("word+1", "word+1", "`red` is no whole number"),
        ("lan[16]", "lan[16]", "10.0.0.0/28 has no address number 16"),
        ("lan[-1]", "lan[-1]", "10.0.0.0/28 has no address number -1"),
        ("word[1]", "word[1]", "`red` is no subnet to take an address from"),
        ("host[1]", "host[1]", "`10.0.0.1/24` is no subnet to take an address from"),
        ("lan[word]", "lan[word]", "`red` is no whole number"),
    ],
)
def test_faults(expression: str, at: str, message: str) -> None:
    before = "let word = red; let lan = 10.0.0.0/28; let host = 10.0.0.1/24; let a = 1"
    assert fault(expression, before) == (at, message)


@pytest.mark.parametrize(
    ("subnet", "number", "help"),
    [
        ("10.0.0.0/24", 256, "for a host, use 1 to 254: 0 is the subnet, 255 its broadcast address"),
        ("10.0.0.0/30", 4, "for a host, use 1 or 2: 0 is the subnet, 3 its broadcast address"),
        ("10.0.0.0/31", 2, "it has the numbers 0 to 1"),
        ("fd00::/126", 4, "it has the numbers 0 to 3"),
    ],
)
def test_the_numbers_of_a_subnet(subnet: str, number: int, help: str) -> None:
    (finding,) = compile_text(f"let lan = {subnet}\nnetns a {{ veth eth0 ${{lan[{number}]}} -- b:eth0 }}\n").findings
    assert finding.help == help


def test_a_huge_power_of_digits_ends_quickly() -> None:
    assert fault("9" * 150)[1] == "this number is too large"
    assert fault("9" * 300)[1] == "an expression cannot hold more than 200 characters here"
    assert fault("-" * 150 + "1")[1] == "values are worked out from values more than 50 deep here"


def test_expressions_inside_words_and_strings() -> None:
    assert lines('let i = 3\nx n${i}:eth${i+1} "a ${i} b" (c${i}, "${i}")') == ["x n3:eth4 a 3 b (c3, 3)"]


def test_a_literal_dollar() -> None:
    assert lines('let i = 3\nx $${i} a$$${i} "$${HOME}" $i') == ["x ${i} a$${i} ${HOME} $i"]


def test_an_open_expression_is_told() -> None:
    assert faults('x "a ${b"') == [("N010", '"a ${b"', "this `${` is never closed")]
    assert faults('x "a ${b\\n}"') == [("N010", '"a ${b\\n}"', "this `${` is never closed")]


def test_expressions_are_no_keywords() -> None:
    message = "`${...}` cannot stand for a statement or an option"
    assert faults("let a = netns\n${a} x") == [("N010", "${a}", message)]
    assert faults("let a = mtu\nbridge b { ${a} 1 }") == [("N010", "${a}", message)]


def test_spans_inside_a_string_with_escapes_cover_all_of_it() -> None:
    assert faults(r'x "\t${gone}"') == [("N010", r'"\t${gone}"', "nothing here is called `gone`")]
    assert faults('x "t${gone}"') == [("N010", "gone", "nothing here is called `gone`")]


def test_did_you_mean() -> None:
    _, findings = unrolled("let lan = 1\nx ${lam}")
    assert [finding.help for finding in findings] == ["did you mean `lan`?"]


# -- let ---------------------------------------------------------------------------------------------------------


def test_let_before_and_after_its_use() -> None:
    assert lines("x ${b}\nlet b = ${a}${a}\nlet a = 2") == ["x 22"]


def test_let_in_a_block_holds_there() -> None:
    assert lines("x { let a = 1; y ${a} }\nz { let a = 2; y ${a} }") == ["x { y 1 }", "z { y 2 }"]
    assert faults("x { let a = 1 }\ny ${a}") == [("N010", "a", "nothing here is called `a`")]


def test_a_circle_is_told_once() -> None:
    assert faults("let a = ${b}\nlet b = ${a}\nx ${a} ${b}") == [("N010", "a", "`a` is worked out from itself")]
    assert faults("let a = ${a}") == [("N010", "a", "`a` is worked out from itself")]


def test_a_value_that_failed_is_told_once() -> None:
    assert faults("let a = ${1/0}\nx ${a}\ny ${a}\nfor i in 1..3 { z ${a} }") == [("N010", "1/0", "division by zero")]


def test_a_value_that_nobody_uses_is_still_worked_out() -> None:
    assert faults("let a = ${1/0}") == [("N010", "1/0", "division by zero")]


def test_long_chains_of_values() -> None:
    forwards = "let a0 = 1\n" + "".join(f"let a{i} = ${{a{i - 1}}}\n" for i in range(1, 500))
    assert lines(f"{forwards}x ${{a499}}") == ["x 1"]
    backwards = "".join(f"let a{i} = ${{a{i - 1}}}\n" for i in range(500, 0, -1)) + "let a0 = 1"
    assert {message for _, _, message in faults(backwards)} == {
        "values are worked out from values more than 50 deep here"
    }


def test_values_cannot_double_without_an_end() -> None:
    text = "let a0 = xxxxxxxxxx\n" + "".join(f"let a{i} = ${{a{i - 1}}}${{a{i - 1}}}\n" for i in range(1, 64))
    assert faults(text) == [("N010", "${a9}${a9}", "this word grows beyond 10,000 characters")]


@pytest.mark.parametrize(
    "text", ["let", "let a", "let a = ", "let a = 1 2", "let a 1", "let a = b { c }", "let a = (b)"]
)
def test_the_shape_of_let(text: str) -> None:
    ((code, at, message),) = faults(text)
    assert (code, at, message) == ("N010", text.strip(), "`let` gives one name one value")


@pytest.mark.parametrize("name", ["1a", "a-b", "é", '"a b"', "a.b"])
def test_names_of_values(name: str) -> None:
    ((code, at, message),) = faults(f"let {name} = 1")
    assert (code, at) == ("N010", name)
    assert "cannot be the name of a value" in message


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("let a = 1\nlet a = 2", "a"),
        ("let a = 1\nx { let a = 2 }", "a"),
        ("let a = 1\nfor a in 1..2 { x }", "a"),
        ("for a in 1..2 { let a = 2 }", "a"),
        ("for a in 1..2 { for a in 1..2 { x } }", "a"),
        ("let a = 1\ntemplate t(a) { x }\nuse t(2)", "a"),
        ("template t(a, a) { x }\nuse t(1, 2)", "a"),
    ],
)
def test_shadowing_is_refused(text: str, at: str) -> None:
    found = faults(text)
    assert set(found) == {("N010", at, f"`{at}` is already the name of a value here")}


def test_quotes_take_a_keyword_its_meaning() -> None:
    assert lines('"let" a = 1\n"for" i in 1..2 { x }\n"template" t { y }') == [
        "let a = 1",
        "for i in 1..2 { x }",
        "template t { y }",
    ]


# -- for ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("for i in 1..3 { x ${i} }", ["x 1", "x 2", "x 3"]),
        ("for i in 2..2 { x ${i} }", ["x 2"]),
        ("let N = 2\nfor i in 0..N { x ${i} }", ["x 0", "x 1", "x 2"]),
        ("let N = 2\nfor i in 1..${N*2-1} { x ${i} }", ["x 1", "x 2", "x 3"]),
        ("for i in ${0-1}..1 { x ${i} }", ["x -1", "x 0", "x 1"]),
        ("for v in red blue { x ${v} }", ["x red", "x blue"]),
        ("for v in red { x ${v} }", ["x red"]),
        ('for v in "1..3" { x ${v} }', ["x 1..3"]),
        ("for i in 1..2 { for j in 1..i { x ${i}${j} } }", ["x 11", "x 21", "x 22"]),
        ("for i in 1..2 { y { x ${i} } }", ["y { x 1 }", "y { x 2 }"]),
        ("y { for i in 1..2 { x ${i} } }", ["y { x 1; x 2 }"]),
        ("for i in 1..2 { let a = ${i*i}; x ${a} }", ["x 1", "x 4"]),
        ("for i in 1..2 { }", []),
        ("for a in x y { ns ${a} }\nz", ["ns x", "ns y", "z"]),
    ],
)
def test_loops(text: str, wanted: list[str]) -> None:
    assert lines(text) == wanted


SHAPE_OF_FOR = "a loop is a name, `in`, a range or words, and a block"


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("for i in 3..1 { x }", "3..1", "the range 3..1 is empty"),
        ("for i in 1..1000001 { x }", "1..1000001", "the range 1..1000001 has too many turns"),
        ("for i in 1..b { x }", "b", "nothing here is called `b`"),
        ("for i in 1..0x3 { x }", "x3", "an expression cannot hold `x3` here"),
        ("for i in 1..a..b { x }", "..b", "an expression cannot hold `..b` here"),
        ("for i in ..3 { x }", "..3", "an expression cannot hold its end here"),
        ("for i in 1..99999999999999999999 { x }", "99999999999999999999", "this number is too large"),
        ("for i in 1..${c}x { x }", "1..${c}x", "an expression cannot hold `x` here"),
        ("for i in 1..w { x }", "w", "`red` is no whole number"),
        ("for i in 1..3", "for i in 1..3", SHAPE_OF_FOR),
        ("for i { x }", "for i { x }", SHAPE_OF_FOR),
        ("for i of 1..3 { x }", "for i of 1..3 { x }", SHAPE_OF_FOR),
        ("for i in 1..3 { x } { y }", "for i in 1..3 { x } { y }", SHAPE_OF_FOR),
        ("for", "for", SHAPE_OF_FOR),
        ("for i in 1 -- 3 { x }", "for i in 1 -- 3 { x }", SHAPE_OF_FOR),
    ],
)
def test_faults_of_loops(text: str, at: str, message: str) -> None:
    assert faults(f"let c = 2; let w = red\n{text}\ny") == [("N010", at, message)]
    assert texts(unrolled(f"let c = 2; let w = red\n{text}\ny")[0]) == ["y"]


def test_a_finding_says_which_turn_of_which_loop() -> None:
    _, findings = unrolled("for i in 1..2 {\n  for v in red blue { x ${i/(i-2)}${v+1} }\n}")
    frames = [[frame.text for frame in finding.span.frames] for finding in findings]
    outer, inner = "in the turn i = {} of this loop", "in the turn v = {} of this loop"
    assert frames == [[outer.format(i), inner.format(v)] for i in (1, 2) for v in ("red", "blue")]
    loop, turn = next(iter(findings)).span.frames
    assert (loop.span.line, loop.span.column, loop.span.end_column) == (1, 1, 14)
    assert (turn.span.line, turn.span.column, turn.span.end_column) == (2, 3, 20)
    assert [covered(finding) for finding in findings] == ["v+1", "v+1", "i/(i-2)", "i/(i-2)"]


def test_every_span_of_a_turn_carries_it() -> None:
    document, _ = unrolled("for i in 1..2 { x ${i} { y } }")
    for number, statement in enumerate(document.statements, 1):
        spans = [statement.span, statement.head.span, *(part.span for part in statement.parts)]
        for span in spans:
            assert [frame.text for frame in span.frames] == [f"in the turn i = {number} of this loop"]


# -- templates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("template t(a, b) { x ${a} ${b} }\nuse t(1, 2)\nuse t(3, 4)", ["x 1 2", "x 3 4"]),
        ("use t(1)\ntemplate t(a) { x ${a} }", ["x 1"]),
        ("template t { x }\nuse t", ["x"]),
        ("template t() { x }\nuse t()", ["x"]),
        ("let g = 5\ntemplate t(a) { x ${a+g} }\nfor i in 1..2 { use t(${i}) }", ["x 6", "x 7"]),
        ("template t(a) { x ${a} }\ntemplate u(b) { use t(${b}0) }\nuse u(1)", ["x 10"]),
        ('template t(a) { x "${a}" }\nuse t("b c")', ["x b c"]),
        ("template t { for i in 1..2 { x ${i} } }\ny { use t }", ["y { x 1; x 2 }"]),
        ("template t { ${gone} }", []),
    ],
)
def test_templates(text: str, wanted: list[str]) -> None:
    assert lines(text) == wanted


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("use t", "t", "there is no template `t`"),
        ("template t(a) { x }\nuse t", "use t", "`t` takes 1 argument (a), not 0"),
        ("template t(a) { x }\nuse t(1, 2)", "use t(1, 2)", "`t` takes 1 argument (a), not 2"),
        ("template t { x }\ntemplate t { y }", "t", "there is a template `t` already"),
        ("template t { use t }\nuse t", "t", "the template `t` uses itself here, without an end"),
        ("template t { use u }\ntemplate u { use t }\nuse t", "t", "the template `t` uses itself here, without an end"),
        ("x { template t { y } }", "template t { y }", "a template stands at the top level of a file"),
        ("template t", "template t", "a template is a name, its parameters and a block"),
        ("template t a { x }", "template t a { x }", "a template is a name, its parameters and a block"),
        ("template t { x }\nuse t 1", "use t 1", "`use` takes a template's name and its arguments"),
        ("use", "use", "`use` takes a template's name and its arguments"),
        ("template t(a) { let i = 1 }\nfor i in 1..1 { use t(${i}) }\nuse t(${j})", "j", "nothing here is called `j`"),
        ("template t { x ${i} }\nfor i in 1..1 { use t }", "i", "nothing here is called `i`"),
    ],
)
def test_faults_of_templates(text: str, at: str, message: str) -> None:
    assert faults(text) == [("N010", at, message)]


def test_a_finding_says_which_use() -> None:
    _, findings = unrolled("template t(a) { x ${a+1} }\nuse t(red)\nfor i in 1..1 { use t(blue) }")
    assert [[frame.text for frame in finding.span.frames] for finding in findings] == [
        ["in this use of the template t"],
        ["in the turn i = 1 of this loop", "in this use of the template t"],
    ]
    assert [finding.span.frames[-1].span.line for finding in findings] == [2, 3]


# -- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..11 { for j in 1..10 { x } }",
        "for i in 1..11 { for j in 1..10 { } }",
        "for i in 1..100 { for j in 1..100 { let a = 1 } }",
        "template a { use b; use b }\ntemplate b { use c; use c }\ntemplate c { use d; use d }\n"
        "template d { use e; use e }\n"
        "template e { use f; use f }\ntemplate f { use g; use g }\ntemplate g { }\nuse a",
    ],
)
def test_a_lab_cannot_grow_without_an_end(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unroll_module, "_MOST_STATEMENTS", 100)
    ((code, _, message),) = faults(f"{text}\ny")
    assert (code, message) == ("N010", "the lab grows beyond 100 statements here")


def test_a_lab_at_the_limit_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unroll_module, "_MOST_STATEMENTS", 100)
    assert len(lines("for i in 1..50 { x }")) == 50


def test_nested_loops_and_blocks_have_a_limit() -> None:
    text = "".join(f"for i{n} in 1..1 {{ " for n in range(30)) + "x { y }" + " }" * 30
    assert lines(text) == ["x { y }"]
    templates = "".join(f"template t{n} {{ use t{n + 1} }}\n" for n in range(60)) + "template t60 { x }\nuse t0"
    ((_, at, message),) = faults(templates)
    assert (at, message) == ("use t50", "blocks, loops and templates are nested more than 50 deep here")


# -- include -----------------------------------------------------------------------------------------------------


def test_include() -> None:
    files = {"a.net": "let N = 2\ntemplate t { z }\nx", "sub/b.net": 'include "c.net"\nb', "sub/c.net": "c"}
    text = 'use t\ninclude "a.net"\ny ${N}\ninclude "sub/b.net"\ninclude "./sub/../sub/c.net"'
    assert lines(text, files) == ["z", "x", "y 2", "c", "b", "c"]


def test_spans_of_an_included_file_name_it() -> None:
    document, findings = unrolled('include "sub/a.net"', {"sub/a.net": "\nx ${gone}\ny"})
    assert document.statements[0].span.place == "sub/a.net:3"
    assert [finding.span.place for finding in findings] == ["sub/a.net:2"]


def test_syntax_errors_of_an_included_file_are_told() -> None:
    _, findings = unrolled('include "a.net"', {"a.net": "x }\ny"})
    assert [(finding.code, finding.span.place) for finding in findings] == [("N001", "a.net:1")]


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("include", "include", "`include` takes one file"),
        ("include a b", "include a b", "`include` takes one file"),
        ("include a { b }", "include a { b }", "`include` takes one file"),
        ('include ""', '""', "a file is included by its path from this file"),
        ("include /etc/passwd", "/etc/passwd", "a file is included by its path from this file"),
        ('include "gone.net"', '"gone.net"', "cannot read gone.net: No such file or directory"),
        ('include "lab.net"', '"lab.net"', "lab.net includes itself"),
        ('include "./x/../lab.net"', '"./x/../lab.net"', "lab.net includes itself"),
        ("include a.net", "b.net", "b.net includes itself"),
        ('x { include "a.net" }', 'include "a.net"', "`include` stands at the top level of a file"),
        ('for i in 1..1 { include "a.net" }', 'include "a.net"', "`include` stands at the top level of a file"),
    ],
)
def test_faults_of_include(text: str, at: str, message: str) -> None:
    files = {"a.net": "include b.net", "b.net": "include b.net"}
    assert faults(f"{text}\ny", files) == [("N011", at, message)]
    assert texts(unrolled(f"{text}\ny", files)[0])[-1] == "y"


def test_a_file_that_is_no_text() -> None:
    def read(name: str) -> str:
        return b"\xff".decode()

    document, findings = parsed("include a.net")
    unroll_module.unroll(document, read, findings)
    assert [one.message for one in told(findings)] == ["cannot read a.net: it is not UTF-8 text"]


def test_includes_cannot_grow_without_an_end() -> None:
    files = {f"f{n}": f"include f{n + 1}\ninclude f{n + 1}" for n in range(40)} | {"f40": "x"}
    assert [message for _, _, message in faults("include f0", files)] == ["too many files are included here"]
    chain = {f"f{n}": f"include f{n + 1}" for n in range(2000)}
    assert [message for _, _, message in faults("include f0", chain)] == ["too many files are included here"]
