"""The canonical form: it says the same, says it once, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from netc.syntax.formatter import WIDTH, format_document
from tests.growth import grows_with
from tests.labs import parsed, plain
from tests.strategies import any_text, documents, examples

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.net"))


def formatted(text: str) -> str:
    document, findings = parsed(text)
    assert not list(findings)
    return format_document(document)


def assert_canonical(text: str) -> str:
    """Check what holds for every text that parses; return its canonical form."""
    document, findings = parsed(text)
    assert not list(findings)
    once = format_document(document)
    again, findings = parsed(once)
    assert not list(findings)
    assert _dashed(plain(again.statements)) == _dashed(plain(document.statements))
    assert [comment.text for comment in again.comments] == [comment.text for comment in document.comments]
    assert format_document(again) == once
    assert "\n\n\n" not in once
    assert once == "" or once.endswith("\n")
    assert not any(line != line.rstrip(" ") for line in once.split("\n") if "#" not in line)
    return once


def _dashed(tree: object) -> object:
    """Spell heads with `-`: the one thing that the formatter may change."""
    if not isinstance(tree, tuple):
        return tree
    if tree[:1] == ("block",):
        return ("block", tuple(_dashed_statement(statement) for statement in tree[1]))
    return tuple(_dashed(part) for part in tree)


def _dashed_statement(statement: tuple[object, ...]) -> object:
    head = statement[0]
    assert isinstance(head, tuple)
    first = head if head[2] else (head[0], str(head[1]).replace("_", "-"), head[2])
    return (first, *(_dashed(part) for part in statement[1:]))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_keeps_its_meaning_and_its_comments(path: Path) -> None:
    once = assert_canonical(path.read_text(encoding="utf-8"))
    assert once.count("#") == path.read_text(encoding="utf-8").count("#")


def test_there_are_examples() -> None:
    assert EXAMPLES


CASES = {
    "words": ("  veth   a:x\t1.1.1.1/24   --   b:y ", "veth a:x 1.1.1.1/24 -- b:y\n"),
    "separators": ("a;b;;c", "a\nb\nc\n"),
    "equals": ("let N=8", "let N = 8\n"),
    "group": ("use  pod ( web,10.0.0.1 )", "use pod(web, 10.0.0.1)\n"),
    "empty group": ("use pod( )", "use pod()\n"),
    "template": ("template p(a,b){x}", "template p(a, b) { x }\n"),
    "one line": ("netns a {veth x -- br0;y}", "netns a { veth x -- br0; y }\n"),
    "last separator": ("netns a { x; }", "netns a { x }\n"),
    "several lines": ("netns a {\nveth x -- br0; y }", "netns a {\n  veth x -- br0\n  y\n}\n"),
    "nested": (
        "for i in 1..2 {\nnetns n${ i } { x }\n netns m {\ny { z }\n}}",
        "for i in 1..2 {\n  netns n${ i } { x }\n  netns m {\n    y { z }\n  }\n}\n",
    ),
    "two blocks": ("veth a{mtu 1}-- b{\nmtu 2}", "veth a { mtu 1 } -- b {\n  mtu 2\n}\n"),
    "empty block": ("netns a{}", "netns a { }\n"),
    "continued": ("veth a \\\n   -- \\\r\n  b", "veth a -- b\n"),
    "continued block": ("netns a { \\\n x }", "netns a {\n  x\n}\n"),
    "carriage returns": ("a\r\n\r\nb\r\n", "a\n\nb\n"),
    "byte order mark": ("\ufefflab x", "lab x\n"),
    "blank lines": ("\n\na\n\n\n\nb\nc {\n\n\nd\n\n}\n\n\n", "a\n\nb\nc {\n  d\n}\n"),
    "nothing": ("\n\n", ""),
    "only a comment": ("   # x   ", "# x\n"),
    "quotes stay": ('exec "a" "netns" "b c"', 'exec "a" "netns" "b c"\n'),
    "escapes": (r'exec "a\"b\\c\n\t' + '\t"', r'exec "a\"b\\c\n\t\t"' + "\n"),
    "no expression is touched": ('exec "${ a+1 }" $${x}', 'exec "${ a+1 }" $${x}\n'),
    "trailing comment": ("a# b\nc     # d".replace("a#", "a #"), "a  # b\nc  # d\n"),
    "own line": ("netns a {\n# one\nx\n     # two\n}\n# three", "netns a {\n  # one\n  x\n  # two\n}\n# three\n"),
    "after the brace": ("netns a {# one\n\nx } # two", "netns a {  # one\n  x\n}  # two\n"),
    "only a comment inside": ("netns a { # one\n}", "netns a {  # one\n}\n"),
    "after two statements": ("a; b # c", "a\nb  # c\n"),
    "after a lone separator": ("a # b\n; # c\n", "a  # b\n# c\n"),
    "before a continued line": ("a \\\n# b\nc", "a\n# b\nc\n"),
    "blank before a comment": ("a\n\n\n# b\n\nc", "a\n\n# b\n\nc\n"),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES.keys())
def test_case(text: str, wanted: str) -> None:
    assert assert_canonical(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bridge b { nf_call on; x { ageing_time 1 } }", "bridge b { nf-call on; x { ageing-time 1 } }\n"),
        ("lab x { name_prefix a_b }", "lab x { name-prefix a_b }\n"),
        ("netns a { veth b { proxy_arp on } -- c }", "netns a { veth b { proxy-arp on } -- c }\n"),
        ("bridge b { for i in x_y { nf_call on } }", "bridge b { for i in x_y { nf-call on } }\n"),
        # Names, and words that would become something else, stay as they are.
        ("my_word a_b", "my_word a_b\n"),
        ("netns a { my_word x }", "netns a { my_word x }\n"),
        ('bridge b { "nf_call" on }', 'bridge b { "nf_call" on }\n'),
        ("bridge b { _x; x_; a__b; a_> ; ${a_b} 1 }", "bridge b { _x; x_; a__b; a_>; ${a_b} 1 }\n"),
    ],
)
def test_underscores_of_options(text: str, wanted: str) -> None:
    assert assert_canonical(text) == wanted


def test_a_block_that_fits_stays_on_its_line() -> None:
    rest = "x" * (WIDTH - len("netns a {  }"))
    assert formatted(f"netns a {{{rest}}}") == f"netns a {{ {rest} }}\n"
    assert formatted(f"netns a {{{rest}x}}") == f"netns a {{\n  {rest}x\n}}\n"


def test_a_comment_does_not_count_for_the_width() -> None:
    line = "netns a { " + "x" * (WIDTH - len("netns a {  }")) + " }"
    assert formatted(f"{line} # and more") == f"{line}  # and more\n"


def test_a_line_without_room_opens_all_its_blocks() -> None:
    long = "x" * 60
    text = f"veth a {{ mtu 1 }} {long} -- b {{ {long} }}"
    assert assert_canonical(text) == f"veth a {{\n  mtu 1\n}} {long} -- b {{\n  {long}\n}}\n"


def test_indentation_counts_for_the_width() -> None:
    inner = "y { " + "x" * (WIDTH - len("y {  }")) + " }"
    assert assert_canonical(inner) == inner + "\n"
    assert assert_canonical(f"netns a {{\n{inner}\n}}").count("\n") == 5


def test_work_is_linear() -> None:
    def work(count: int) -> Callable[[], object]:
        document, _ = parsed("netns a { " + "x { mtu 1; y { z } }; " * count + "}\n" + "a { b { c } } # d\n" * count)
        return lambda: format_document(document)

    assert grows_with(work, 250) < 5


@given(documents)
@examples(150)
def test_documents(text: str) -> None:
    if not list(parsed(text)[1]):
        assert_canonical(text)


@given(any_text)
@examples(300)
def test_any_text(text: str) -> None:
    if not list(parsed(text)[1]):
        assert_canonical(text)
