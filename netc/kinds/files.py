"""Files of the host that a lab names: keys, programs. They are read when up.sh runs, and never by netc."""

from __future__ import annotations

from netc.syntax.tree import Word
from netc.topology.values import bad_value


def file_name(word: Word) -> str:
    """Parse the name of a file."""
    if not word.text or not word.text.isprintable():
        raise bad_value(word.span, "this is no file's name", "write a name such as /etc/wireguard/a.key")
    if word.text.startswith("-"):
        raise bad_value(word.span, f"`{word.text}` would be taken for an option", f"write ./{word.text}")
    return word.text
