"""What templates do with the lines of a plan, without a shell and with one."""

from __future__ import annotations

import subprocess

import pytest

from netc.render.quote import framed, here_document

TEXTS = ["one\n  two\n", "END\nEND_\n", "$(touch /tmp/x) `id` \\ ' \"\n", "EOF\n\n\n last\n", "\ttab\n"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_here_document_passes_its_text_as_it_is(text: str) -> None:
    script = framed("{\n" + here_document("cat", text) + "\n}")
    ran = subprocess.run(["bash", "-eu", "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == text


def test_lines_are_indented_but_for_empty_ones_and_here_documents() -> None:
    assert framed("a\n\nb") == "  a\n\n  b"
    assert framed(here_document("nft -f -", "table t {\n}")) == "  nft -f - <<'END'\ntable t {\n}\nEND"
