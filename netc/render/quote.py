"""Quoting, in one place: how words reach bash."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from netc.plan.step import AtRunTime
from netc.topology.model import NetnsKey

# bash(1), RESERVED WORDS: harmless as arguments, but a reader (and shellcheck) stops at them.
_RESERVED = {"case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select"}
_RESERVED |= {"then", "time", "until", "while"}
#: Begins a line that stays at the margin; `framed` takes it away. No word holds one: `quote` escapes it.
MARGIN = "\0"
_ENTERS_ITSELF = {"ip", "bridge", "tc"}  # take -n NETNS


def quote(word: str) -> str:
    """Return `word` so that bash takes it as it is, on one line whatever it holds.

    bash(1), QUOTING: nothing is special between single quotes; `$'...'` knows escapes for what does not print.
    """
    if isinstance(word, AtRunTime):
        return f'"$({command(word.call)})"' if word.call else "$$"
    if word in _RESERVED:
        return f"'{word}'"
    if word.isprintable():
        return shlex.quote(word)
    escaped = "".join(_escaped(char) for char in word)
    return f"$'{escaped}'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    return char if char.isprintable() else "".join(f"\\{byte:03o}" for byte in char.encode())


def command(argv: Iterable[str], netns: NetnsKey | None = None) -> str:
    """Return a command as bash reads it, run in `netns`."""
    return " ".join(quote(word) for word in entered(argv, netns))


def here_document(run: str, text: str) -> str:
    """Return a command that reads `text`, which bash passes on as it is: its delimiter is quoted, and no line of it.

    bash(1), Here Documents. Its lines must not be indented with the script's, so each begins with `MARGIN`.
    """
    lines = text.splitlines()
    end = "END"
    while end in lines:
        end += "_"
    return f"\n{MARGIN}".join([f"{run} <<'{end}'", *lines, end])


def framed(text: str, width: int = 2) -> str:
    """Indent lines by `width`, but not empty ones and those of here documents."""
    lines = (line if not line or line.startswith(MARGIN) else " " * width + line for line in text.split("\n"))
    return "\n".join(line.removeprefix(MARGIN) for line in lines)


def entered(argv: Iterable[str], netns: NetnsKey | None) -> list[str]:
    """Return the words of a command that runs in `netns`."""
    words = list(argv)
    if netns is None or netns.is_root:
        return words
    if words[0] in _ENTERS_ITSELF:
        return [words[0], "-n", netns.netns, *words[1:]]
    return ["ip", "netns", "exec", netns.netns, *words]


def one_line(text: str, width: int = 110) -> str:
    """Return text that can stand in a comment or a progress line: printable, on one line, not too long."""
    plain = "".join(char if char.isprintable() else " " if char.isspace() else "?" for char in text).rstrip()
    return plain if len(plain) <= width else plain[: width - 3] + "..."
