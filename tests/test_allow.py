"""Comments that allow a finding: where they hold, what they can ask for, and that the formatter keeps their meaning."""

from __future__ import annotations

import pytest

from netc.checks import checks
from netc.diagnostics import Severity
from netc.syntax.formatter import format_document
from tests.compiled import compile_text
from tests.labs import covered, parsed

LINK = "veth eth0 10.0.0.0/24 -- b:eth0 10.0.0.1/24"
ALLOW = "# netc: allow network-as-host -- old and meant"


def raised(text: str) -> list[str]:
    return [finding.code for finding in compile_text(text).findings]


def test_without_a_comment() -> None:
    assert raised(f"netns a {{ {LINK} }}\nnetns b\n") == ["N206"]


HOLDS = {
    "above the statement": f"netns b\nnetns a {{\n  {ALLOW}\n  {LINK}\n}}\n",
    "at its end": f"netns b\nnetns a {{\n  {LINK}  {ALLOW}\n}}\n",
    "above the block": f"netns b\n{ALLOW}\nnetns a {{\n  {LINK}\n}}\n",
    "above the block, other comments between": f"netns b\n{ALLOW}\n\n# why\nnetns a {{\n  {LINK}\n}}\n",
    "behind the brace": f"netns b\nnetns a {{  {ALLOW}\n  forward ipv4\n  {LINK}\n}}\n",
    "behind the closing brace": f"netns b\nnetns a {{\n  {LINK}\n}}  {ALLOW}\n",
    "at the end of a block on one line": f"netns b\nnetns a {{ forward ipv4; {LINK} }}  {ALLOW}\n",
    "at the end of a line continued": f"netns b\nnetns a {{\n  veth eth0 10.0.0.0/24 \\\n  -- b:eth0 10.0.0.1/24  "
    f"{ALLOW}\n}}\n",
    "the last of two on a line": f"netns b; netns a {{ {LINK} }}  {ALLOW}\n",
    "by code": f"netns b\n{ALLOW.replace('network-as-host', 'N206')}\nnetns a {{ {LINK} }}\n",
    "for the file": f"{ALLOW.replace('allow', 'allow-file')}\nnetns b\nnetns a {{ {LINK} }}\n",
    "around a loop": f"netns b\n{ALLOW}\nfor i in 1..3 {{\n"
    "  netns a${i} { veth e 10.${i}.0.0/24 -- b:e${i} 10.${i}.0.1/24 }\n}\n",
    "in a template": f"netns b\ntemplate t(n) {{\n  netns ${{n}} {{\n    {ALLOW}\n    {LINK}\n  }}\n}}\nuse t(a)\n",
    "at the use of a template": f"netns b\ntemplate t(n) {{ netns ${{n}} {{ {LINK} }} }}\nuse t(a)  {ALLOW}\n",
    "a line that is too long, which the formatter splits": "netns b\nnetns a { " + LINK + "; exec \"sleep 1\"; "
    "exec \"sleep 2\"; exec \"sleep 3\"; exec \"sleep 4\" }  " + ALLOW + "\n",
}  # fmt: skip


@pytest.mark.parametrize("text", HOLDS.values(), ids=HOLDS)
def test_it_holds(text: str) -> None:
    compiled = compile_text(text)
    assert compiled.findings == ()
    assert {(finding.code, finding.allowed) for finding in compiled.allowed} == {("N206", "old and meant")}


@pytest.mark.parametrize("text", HOLDS.values(), ids=HOLDS)
def test_the_formatter_keeps_its_meaning(text: str) -> None:
    document, findings = parsed(text)
    assert not list(findings)
    formatted = format_document(document)
    assert raised(formatted) == [], formatted


DOES_NOT = {
    "above another statement": f"{ALLOW}\nnetns b\nnetns a {{ {LINK} }}\n",
    "at the end of another": f"netns b  {ALLOW}\nnetns a {{ {LINK} }}\n",
    "behind the closing brace of another": f"netns b {{\n}}  {ALLOW}\nnetns a {{ {LINK} }}\n",
    "of another name": f"netns b\n{ALLOW.replace('network-as-host', 'slash31')}\nnetns a {{ {LINK} }}\n",
}


@pytest.mark.parametrize("text", DOES_NOT.values(), ids=DOES_NOT)
def test_it_does_not_hold_and_is_unused(text: str) -> None:
    assert sorted(raised(text)) == ["N015", "N206"]


def test_several_names_each_of_which_has_to_be_used() -> None:
    text = f"netns b\nnetns a {{ {LINK} }}  # netc: allow network-as-host, slash31 -- meant\n"
    (finding,) = compile_text(text).findings
    assert (finding.code, finding.severity, covered(finding)) == ("N015", Severity.WARNING, "slash31")


@pytest.mark.parametrize(
    ("comment", "at", "message"),
    [
        ("# netc: allow network-as-host", "", "the reason is missing"),
        ("# netc: allow network-as-host --", "", "the reason is missing"),
        ("# netc: allow -- meant", "allow", "this allows nothing: the name of a finding is missing"),
        ("# netc: alow network-as-host -- meant", "alow", "`alow` is nothing that a comment can ask of netc"),
        ("# netc:", "", "nothing says what a comment can ask of netc"),
        ("#netc: allow network-as-hots -- meant", "network-as-hots", "there is no finding `network-as-hots`"),
        ("# netc: allow N001 -- meant", "N001", "`N001` cannot be allowed: it is an error of the text"),
        (
            "# netc: allow ifname-shell -- meant",
            "ifname-shell",
            "`ifname-shell` cannot be allowed: it is about what cannot work, or is not safe",
        ),
    ],
)
def test_what_cannot_be_asked(comment: str, at: str, message: str) -> None:
    (finding,) = compile_text(f"{comment}\nnetns a\n").findings
    assert (finding.code, finding.message) == ("N014", message)
    assert covered(finding) == (at or comment)
    assert finding.help


def test_it_needs_a_statement() -> None:
    assert raised(f"netns a {{\n  forward ipv4\n  {ALLOW}\n}}\n") == ["N014"]
    assert raised(f"netns a\n{ALLOW.replace('allow', 'allow-file')}\nnetns b\n") == ["N014"]


def test_a_template_that_nobody_uses_is_left_alone() -> None:
    assert raised(f"template t(n) {{\n  {ALLOW}\n  netns ${{n}} {{ {LINK} }}\n}}\nnetns b\n") == []


def test_unused_is_not_told_while_the_text_has_errors() -> None:
    assert raised(f"netns b\nnonsense\n{ALLOW}\nnetns a\n") == ["N003"]


def test_other_comments_are_only_comments() -> None:
    assert raised("# netcat: allow everything\n# about netc: allow\nnetns a\n") == []


#: What the forwarding model says of a mistake that another check tells of as well.
MODEL = {"N409", "N414"}


@pytest.mark.parametrize("check", checks().values(), ids=checks())
def test_every_check_can_be_allowed_or_says_that_it_cannot(check: object) -> None:
    code, bad = getattr(check, "code"), getattr(check, "bad").strip()  # noqa: B009
    compiled = compile_text(f"# netc: allow-file {code} -- to see it\n{bad}\n")
    if getattr(check, "can_be_allowed"):  # noqa: B009
        assert {finding.code for finding in compiled.findings} <= MODEL
        assert {finding.code for finding in compiled.allowed} == {code}
        assert compiled.plans or compiled.findings
    else:
        assert {finding.code for finding in compiled.findings} - (MODEL - {code}) == {"N014", code}
