"""Text to Document: every rule of the language's shape, with exact spans."""

from __future__ import annotations

import pytest

from netc.source import Span
from netc.syntax.tree import Block
from tests.labs import Told, assert_spans_inside, bound, covered, parsed, plain, texts, told


def statements(text: str) -> list[str]:
    """Return the statements of a text without fault."""
    document, findings = parsed(text)
    assert told(findings) == []
    return texts(document)


def faults(text: str) -> list[tuple[str, str]]:
    """Return the codes of what is told, and the text that each covers."""
    _, findings = parsed(text)
    assert_spans_inside(findings)
    return [(one.code, one.at) for one in told(findings)]


def columns(span: Span) -> tuple[int, int, int, int]:
    return span.line, span.column, span.end_line, span.end_column


# -- statements, lines, blocks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a b\nc", ["a b", "c"]),
        ("a; b ;c", ["a", "b", "c"]),
        ("\n;\n;;a\n\n", ["a"]),
        ("a { b; c }", ["a { b; c }"]),
        ("a { b; c; }", ["a { b; c }"]),
        ("a {\n b\n c\n}", ["a { b; c }"]),
        ("a{b}", ["a { b }"]),
        ("a { }", ["a {  }"]),
        ("a { b { c } }\nd", ["a { b { c } }", "d"]),
        ("a { b } c { d }", ["a { b; d }"]),
        ("a -- b\na -> b\na <-> b\na -/> b", ["a -- b", "a -> b", "a <-> b", "a -/> b"]),
        ("a { b } -- c", ["a { b }"]),
        ("let N = 8\nlet N=8", ["let N = 8", "let N = 8"]),
        ("use pod(a, b)\nuse pod (a,b)\nuse pod()", ["use pod (a, b)", "use pod (a, b)", "use pod ()"]),
        ("", []),
    ],
)
def test_statements(text: str, wanted: list[str]) -> None:
    assert statements(text) == wanted


@pytest.mark.parametrize("head", ["host", "on", "route", "netns", "lab", "in", "let", "auto", "1", "10.0.0.1/24"])
def test_no_word_is_reserved(head: str) -> None:
    assert statements(f"{head} {head} {{ {head} }}") == [f"{head} {head} {{ {head} }}"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a \\\n b", ["a b"]),
        ("a \\\r\n b", ["a b"]),
        ("a \\  \t\n b", ["a b"]),
        ("a \\\n \\\n b", ["a b"]),
        ("a \\", ["a"]),
        ("use pod(a, \\\n b)", ["use pod (a, b)"]),
        ("# not continued \\\na", ["a"]),
    ],
)
def test_a_backslash_at_the_end_continues_the_line(text: str, wanted: list[str]) -> None:
    assert statements(text) == wanted


@pytest.mark.parametrize(("text", "at"), [("a \\ b", "\\"), ("a\\\nb", "\\"), ("a \\ # c\nb", "\\"), ("a b\\c", "\\")])
def test_a_backslash_elsewhere_is_told(text: str, at: str) -> None:
    assert faults(text) == [("N002", at)]


@pytest.mark.parametrize(
    "text", ["a\tb\n", "a b\r\n", "\ufeffa b\n", "a b", "a\t b\t \r\n", "\ufeff\r\na b", "a\u3000b"]
)
def test_blanks_line_ends_and_byte_order_marks(text: str) -> None:
    assert plain(parsed(text)[0].statements) == plain(parsed("a b")[0].statements)
    assert faults(text) == []


def test_a_byte_order_mark_is_no_column() -> None:
    document, _ = parsed("\ufeffab c # d")
    assert columns(document.statements[0].span) == (1, 1, 1, 5)
    assert columns(document.comments[0].span) == (1, 6, 1, 9)
    assert document.source.line(1) == "ab c # d"


def test_a_byte_order_mark_inside_is_told() -> None:
    assert faults("a\n\ufeffb") == [("N002", "\ufeff")]


# -- comments ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("# one", ["# one"]),
        ("a # one  ", ["# one"]),
        ("a\t#one\r\nb", ["#one"]),
        ("a;# one", ["# one"]),
        ("a {# one\n}# two", ["# one", "# two"]),
        ("\ufeff# one", ["# one"]),
        ('a "# no" # "yes', ['# "yes']),
        ("a ## one # two", ["## one # two"]),
    ],
)
def test_comments(text: str, comments: list[str]) -> None:
    document, findings = parsed(text)
    assert [comment.text for comment in document.comments] == comments
    assert told(findings) == []


@pytest.mark.parametrize("text", ["a#b", "10.0.0.1/24# c", "use pod(a)#c", '"a"#c', "a=#c", "use pod(#c"])
def test_a_number_sign_elsewhere_is_told(text: str) -> None:
    document, _ = parsed(text)
    assert document.comments == ()
    assert ("N002", "#") in faults(text)


def test_whether_a_comment_has_its_own_line() -> None:
    document, _ = parsed("# a\n  # b\nc # d\ne { # f\n# g\n}")
    assert [comment.own_line for comment in document.comments] == [True, True, False, False, True]


# -- words -------------------------------------------------------------------------------------------------------

GOOD_WORDS = ["ns1", "ns1:eth0", "sw:br0:p", "02:00:00:00:00:01", "fd00::1/64", "1..8", "a-b", "a.b", "a_b", "é", "a%b"]


@pytest.mark.parametrize("word", [*GOOD_WORDS, "n${i}", "${a + b}x", "${lan[ i ]}/24", "$${x}", "$x"])
def test_good_words(word: str) -> None:
    document, findings = parsed(f"a {word} b")
    assert told(findings) == []
    assert document.statements[0].words[0].text == word


BAD_WORDS = [
    ("-x", "-x", "the word `-x` starts with `-`"),
    ("-", "-", "the word `-` starts with `-`"),
    ("a--b", "--", "`--` inside a word"),
    ("--b", "--", "`--` inside a word"),
    ("a->b", "->", "`->` inside a word"),
    ("a<->b", "<->", "`<->` inside a word"),
    ("a-/>b", "-/>", "`-/>` inside a word"),
    ("a'b", "'", "a word cannot hold `'`"),
    ("`id`", "`", "a word cannot hold ```"),
    ("a\x00b", "\x00", "a word cannot hold the character U+0000"),
    ("a\u200bb", "\u200b", "a word cannot hold the character U+200B"),
    ("a\u202eb", "\u202e", "a word cannot hold the character U+202E"),
    ("a#b", "#", "a `#` inside a word"),
    ("${i}--", "--", "`--` inside a word"),
]
FULL_WIDTH = [(wide, f"`{wide}` is full-width punctuation") for wide in "；：，（）｛｝＃／。、“”‘’＂"]


@pytest.mark.parametrize(("word", "at", "message"), [*BAD_WORDS, *((f"a{w}b", w, m) for w, m in FULL_WIDTH)])
def test_bad_words(word: str, at: str, message: str) -> None:
    _, findings = parsed(f"x y {word} z")
    assert told(findings) == [Told("N002", at, message)]
    assert next(iter(findings)).span.column == 5 + word.index(at)


def test_full_width_punctuation_is_named_with_what_to_write() -> None:
    _, findings = parsed("netns a；")
    assert [finding.help for finding in findings] == ["write `;`"]


# -- strings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"a b"', "a b"),
        ('""', ""),
        (r'"\"\\\n\t"', '"\\\n\t'),
        ('"# { } ; ( ) = -- \'"', "# { } ; ( ) = -- '"),
        ('"a--b"', "a--b"),
        ('"；"', "；"),
        (r'"\\n"', "\\n"),
    ],
)
def test_strings(text: str, wanted: str) -> None:
    document, findings = parsed(f"x {text}")
    assert told(findings) == []
    word = document.statements[0].words[0]
    assert (word.text, word.quoted) == (wanted, True)
    assert columns(word.span) == (1, 3, 1, 3 + len(text))


def test_an_unknown_escape_is_told_at_its_column() -> None:
    assert faults(r'x "ab\q\"\$c" y') == [("N002", r"\q"), ("N002", r"\$")]


@pytest.mark.parametrize(("text", "at"), [('x "ab', '"ab'), ('x "', '"'), ('x "a\\', '"a\\'), ('x "a\\"', '"a\\"')])
def test_an_open_string_is_told_and_ends_with_its_line(text: str, at: str) -> None:
    assert faults(text) == [("N002", at)]
    assert faults(f"{text}\ny z") == [("N002", at)]
    assert len(parsed(f"{text}\ny z")[0].statements) == 2


@pytest.mark.parametrize("text", ['a"b"', '"b"a', '"a""b"'])
def test_a_word_and_a_string_that_touch_are_told(text: str) -> None:
    assert faults(f"x {text}") == [("N002", text)]
    assert faults(text) == [("N002", text)]


# -- spans -------------------------------------------------------------------------------------------------------


def test_spans_of_a_whole_statement() -> None:
    document, _ = parsed("\n  veth a:x 1/2 { m 1 } \\\n  -- b\nuse p(a, bc)\nlet n = 1")
    link, use, let = document.statements
    assert columns(link.span) == (2, 3, 3, 7)
    assert columns(link.head.span) == (2, 3, 2, 7)
    assert [columns(part.span) for part in link.parts] == [
        (2, 8, 2, 11),
        (2, 12, 2, 15),
        (2, 16, 2, 23),
        (3, 3, 3, 5),
        (3, 6, 3, 7),
    ]
    block = link.parts[2]
    assert isinstance(block, Block)
    assert columns(block.statements[0].span) == (2, 18, 2, 21)
    assert [columns(part.span) for part in use.parts] == [(4, 5, 4, 6), (4, 6, 4, 13)]
    assert [columns(part.span) for part in let.parts] == [(5, 5, 5, 6), (5, 7, 5, 8), (5, 9, 5, 10)]


def test_columns_count_characters() -> None:
    document, _ = parsed('é "ü" x')
    assert [columns(word.span) for word in document.statements[0].words] == [(1, 3, 1, 6), (1, 7, 1, 8)]


# -- syntax errors -----------------------------------------------------------------------------------------------

SYNTAX_ERRORS = [
    ("a }\nb", ["a", "b"], "}", "this `}` closes nothing"),
    ("-- a\nb", ["b"], "--", "a statement cannot start with `--`"),
    ("= a\nb", ["b"], "=", "a statement cannot start with `=`"),
    ("(a)\nb", ["b"], "(", "a statement cannot start with `(`"),
    ("{ a\n c }\nb", ["b"], "{", "this block has no statement before it"),
    ("a, b\nb", ["a", "b"], ",", "`,` cannot stand here"),
    ("a )\nb", ["a", "b"], ")", "`)` cannot stand here"),
    ("use p(a b)\nb", ["use p (a)", "b"], "b", "`b` needs a `,` before it"),
    ("use p(a,)\nb", ["use p (a, )", "b"], ")", "a word is missing before `)`"),
    ("use p(,a)\nb", ["use p ()", "b"], ",", "a word is missing before `,`"),
    ("use p(a -- b)\nb", ["use p (a)", "b"], "--", "`--` needs a `,` before it"),
    ("use p(a { c; d }\nb", ["use p (a)", "b"], "{", "`{` comes before the `)`"),
    ("a { use p(c }\nb", ["a { use p (c) }", "b"], "}", "`}` comes before the `)`"),
    ("use p(c }\nb", ["use p (c)", "b"], "}", "`}` comes before the `)`"),
    ("a { b", ["a { b }"], "{", "this `{` is never closed"),
    ("a { b { c }\nd", ["a { b { c }; d }"], "{", "this `{` is never closed"),
    ("a { = c; d }\nb", ["a { d }", "b"], "=", "a statement cannot start with `=`"),
    ("a { b, { c } ; d }\nb", ["a { b; d }", "b"], ",", "`,` cannot stand here"),
    ("use p(", ["use p ()"], "(", "this `(` is never closed"),
    ("use p(a", ["use p (a)"], "a", "a `(` is never closed"),
]


@pytest.mark.parametrize(("text", "wanted", "at", "message"), SYNTAX_ERRORS)
def test_after_a_syntax_error_the_rest_is_read(text: str, wanted: list[str], at: str, message: str) -> None:
    document, findings = parsed(text)
    assert told(findings) == [Told("N001", at, message)]
    assert texts(document) == wanted


def test_a_line_end_inside_a_list() -> None:
    document, findings = parsed("use p(a,\n b)\nc")
    assert told(findings)[0].message == "line end comes before the `)`"
    assert columns(next(iter(findings)).span) == (1, 9, 1, 10)
    assert texts(document)[-1] == "c"


def test_every_syntax_error_is_told_with_what_stands_around() -> None:
    text = "a -x\n= b\nc d'\n} e\nf, g\nh { i (\n j\n}\nk -y"
    found = [(one.code, one.span.line, one.span.column) for one in parsed(text)[1].sorted()]
    assert found == [
        ("N002", 1, 3),
        ("N001", 2, 1),
        ("N002", 3, 4),
        ("N001", 4, 1),
        ("N001", 5, 2),
        ("N001", 6, 8),
        ("N002", 9, 3),
    ]
    assert [t.split()[0] for t in texts(parsed(text)[0])] == ["a", "c", "e", "f", "h", "k"]


def test_the_inner_open_block_is_named() -> None:
    _, findings = parsed("a {\n b {\n c")
    assert [columns(finding.span) for finding in findings] == [(2, 4, 2, 5)]
    assert [covered(finding) for finding in findings] == ["{"]


def test_deep_nesting_is_told_and_does_no_harm() -> None:
    assert faults("a{" * 50 + "}" * 50) == []
    text = "a{" * 51 + "}" * 51 + "\nb"
    assert faults(text) == [("N001", "{")]
    assert texts(parsed(text)[0])[-1] == "b"
    assert ("N001", "{") in faults("a{" * 20_000)


def test_the_same_text_is_read_the_same_way_twice() -> None:
    text = "a { b, c }\nuse p(\nd"
    assert plain(parsed(text)[0].statements) == plain(parsed(text)[0].statements)
    assert faults(text) == faults(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("let n = 3\nnetns a${n\n", "${n"),
        ("netns a${n {\n  address lo 10.0.0.1\n}\n", "${n"),
        ("netns a { address ${lo 10.0.0.1/32\n}\n", "${lo"),
        ("netns a${", "${"),
        ("netns b${x { address lo 1.2.3.4\n}\n", "${x"),
    ],
)
def test_a_value_that_its_line_does_not_close_is_one_finding(text: str, at: str) -> None:
    _, findings = bound(text)
    (finding,) = told(findings)
    assert (finding.code, finding.at, finding.message) == ("N002", at, "this `${` is never closed on its line")


def test_a_comma_between_options() -> None:
    _, findings = parsed("bridge b { mtu 1400, stp on }\nnetns a, b\n")
    assert [finding.message for finding in findings] == ["`,` cannot stand here"] * 2
    assert all("`;`" in finding.help for finding in findings)
