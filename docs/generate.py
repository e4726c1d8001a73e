"""Writes the pages of docs/ that come from the code: statements, kinds and findings.

`python docs/generate.py` writes them, `python docs/generate.py --check` ends with status 1 if one is out of date.
"""

from __future__ import annotations

import inspect
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from netc.bind.statement import StatementKind
from netc.bind.statements import statements
from netc.checks import checks
from netc.explain import codes, page
from netc.kinds import kinds
from netc.kinds.base import Form, Kind
from netc.kinds.common import COMMON
from netc.networks.base import drivers
from netc.topology.options import Blocks, Option

DOCS = Path(__file__).resolve().parent
NOTE = "<!-- Written by docs/generate.py from the code: change it there. -->\n"


def pages() -> dict[str, str]:
    """Return the generated pages by their path below docs/."""
    return {
        "statements.md": "\n".join(_statements()),
        "kinds.md": "\n".join(_kinds()),
        "networks.md": "\n".join(_networks()),
        "findings.md": "\n".join(_findings()),
        "catalogue.md": "\n".join(_catalogue()),
    }


def _statements() -> Iterator[str]:
    yield f"{NOTE}\n# Statements\n\nBeside these, every [kind](kinds.md) is a statement of its own; `let`, `for`,"
    yield "`template`, `use` and `include` are explained in [the language](language.md).\n"
    for keyword, statement in sorted(statements().items()):
        yield f"## {keyword}\n\n```\n{statement.form}\n```\n"
        yield _markdown(_doc(statement)) + "\n"


def _doc(statement: StatementKind) -> str:
    return inspect.cleandoc(sys.modules[statement.bind.__module__].__doc__ or "")


def _kinds() -> Iterator[str]:
    yield f"{NOTE}\n# Kinds of links and devices\n"
    written = [kind for kind in kinds().values() if kind.form is not Form.NONE]
    yield ", ".join(f"[{kind.name}](#{kind.name})" for kind in written)
    yield "\nOptions stand in a block after the device, one a line: `{ mtu 1400; mac 02:00:00:00:00:01 }`. `_` and `-`"
    yield "are equal in their names.\n"
    for kind in written:
        yield from _kind(kind)
    yield "## Options of every device\n"
    yield _table(COMMON)
    yield _markdown(kinds()["lo"].page).join(["\n## lo\n\n", "\n"])


def _kind(kind: Kind) -> Iterator[str]:
    yield f"## {kind.name}\n"
    forms = []
    parent = " on PARENT" if kind.needs_parent else " [on PARENT]" if kind.takes_parent else ""
    parent += " [on SEGMENT]" if kind.takes_segment else ""
    if Form.DEVICE in kind.form:
        forms.append(f"{kind.name} NAME [ADDRESS...]{parent} [{{ OPTIONS }}]")
    if Form.LINK in kind.form:
        end = f"[ADDRESS...]{parent} [{{ OPTIONS }}]"
        forms.append(f"{kind.name} LEFT {end} -- RIGHT {end}")
    yield "```\n" + "\n".join(forms) + "\n```\n"
    yield _markdown(kind.page) + "\n"
    if kind.options:
        yield _table(kind.options)
    if kind.port_options:
        yield "Options of its ports, the devices whose master it is:\n"
        yield _table(kind.port_options)
    for option in kind.options:
        if isinstance(option, Blocks):
            yield f"Options of a `{option.name}`:\n"
            yield _table(option.inner)


def _table(options: tuple[Option[object], ...]) -> str:
    rows = ["| option | default | what it does |", "|---|---|---|"]
    for option in options:
        form = f"`{option.name} {option.form}`".replace("|", "\\|")
        both = " Said at one end, it holds for both." if option.of_link and "both" not in option.doc else ""
        both += " Said at one end, it holds for the other, unless that says its own." if option.of_each else ""
        rows.append(f"| {form} | {option.default} | {option.doc.replace('|', chr(92) + '|')}{both} |")
    return "\n".join(rows) + "\n"


def _networks() -> Iterator[str]:
    yield f"{NOTE}\n# Networks\n\n" + ", ".join(f"[{name}](#{name})" for name in drivers())
    yield "\n`network`, `join` and `attach` are described with the other [statements](statements.md). A driver writes"
    yield "them out as plain statements of the language; `netc expand LAB` prints these, and they compile to the same"
    yield "scripts.\n"
    for driver in drivers().values():
        yield f"## {driver.name}\n"
        yield _markdown(driver.page) + "\n"
        yield _table(driver.options)


def _findings() -> Iterator[str]:
    yield f"{NOTE}\n# Findings\n\n`netc explain CODE` prints a page at the terminal.\n"
    yield "| code | name | |\n|---|---|---|"
    for code, name, title in codes():
        yield f"| [{code}](#{code.lower()}) | {name} | {title} |"
    for code, _, _ in codes():
        text = (page(code) or "").replace("\n## ", "\n### ")
        yield f'\n<a id="{code.lower()}"></a>\n\n#{text.rstrip()}'
    yield ""


def _catalogue() -> Iterator[str]:
    yield f"{NOTE}\n# Mistakes, and where netc meets them\n"
    yield "What people get wrong with Linux networks, collected from bug reports and from the kernel itself. Most are"
    yield "findings of `netc check`. Some cannot happen, since the compiler does not let them, and a test shows it."
    yield "Some the text of a lab cannot tell."
    own = {check.name: check.code for check in checks().values()}
    for section in tomllib.loads((DOCS / "catalogue.toml").read_text(encoding="utf-8"))["section"]:
        yield f"\n## {section['title']}\n\n| name | mistake | answer |\n|---|---|---|"
        for row in section["rows"]:
            yield f"| {row['name']} | {row['what']} | {'; '.join(_answers(row, own))} |"
    named = {row["name"] for row in _rows()}
    yield "\n## Beyond the catalogue\n\n| name | mistake | answer |\n|---|---|---|"
    for check in checks().values():
        if check.name not in named and not any(check.code in row.get("by", "") for row in _rows()):
            yield f"| {check.name} | {check.title[0].lower()}{check.title[1:]} | {_link(check.code)} |"
    yield ""


def _rows() -> list[dict[str, str]]:
    sections = tomllib.loads((DOCS / "catalogue.toml").read_text(encoding="utf-8"))["section"]
    return [row for section in sections for row in section["rows"]]


def _answers(row: dict[str, str], own: Mapping[str, str]) -> Iterator[str]:
    if row["name"] in own:
        yield _link(own[row["name"]])
    if "by" in row:
        yield ", ".join(_link(code) for code in row["by"].split())
    if "never" in row:
        yield f"cannot happen: {row['never']} ([test](../{row['test'].partition('::')[0]}))"
    if "beyond" in row:
        yield f"out of reach: {row['beyond']}"


def _link(code: str) -> str:
    return f"[{code}](findings.md#{code.lower()})"


def _markdown(doc: str) -> str:
    """Return a docstring as Markdown: what is indented is code."""
    lines: list[str] = []
    inside = False
    for line in doc.split("\n"):
        code = line.startswith("    ") or (inside and not line.strip())
        if code != inside and line.strip():
            while inside and lines and not lines[-1]:
                lines.pop()
            lines += ["```"] if not inside else ["```", ""]
            inside = code
        lines.append(line[4:] if inside else line)
    return "\n".join(lines + (["```"] if inside else [])).rstrip()


def main() -> int:
    """Write the pages, or check them."""
    stale = 0
    for name, text in pages().items():
        path = DOCS / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{'out of date' if '--check' in sys.argv else 'wrote'}: docs/{name}")
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    return int(stale > 0 and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
