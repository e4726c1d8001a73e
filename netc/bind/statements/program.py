"""An eBPF program at a device: it sees every packet, and says what becomes of it.

    program eth0 xdp "drop.o" section xdp
    program eth0 ingress "count.o" section classifier pref 10

| hook | where the program stands |
|---|---|
| `xdp` | before the stack, in the driver where that can do it, else in the kernel's generic place |
| `xdpgeneric`, `xdpdrv` | the one, or the other, or an error |
| `ingress`, `egress` | where tc sees packets that come in or go out, in direct-action mode |

The file is an ELF object such as `clang -O2 -target bpf -c` makes; a relative name counts from the folder in which
up.sh is run. `section NAME` or `program NAME` says which of its programs is meant, by the name of its section or of its
function. Several programs at one hook of tc run in the order of their `pref`, as long as each returns TC_ACT_UNSPEC.
XDP has room for one.

The program goes with its device, so the device is the lab's: an uplink, and the host's lo, take none.

Source: tc-bpf(8), ip-link(8), kernel Documentation/bpf.
"""

from __future__ import annotations

import re
from typing import Any

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.kinds.files import file_name
from netc.parts.program import TC, XDP, Program
from netc.syntax.tree import Statement, Word
from netc.topology.model import Made
from netc.topology.values import bad_value, number

FORM = 'program DEVICE xdp|xdpgeneric|xdpdrv|ingress|egress "FILE" section NAME [pref N]'
_HOOKS = (*XDP, *TC)


def _name(word: Word) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.][A-Za-z0-9_./:-]{0,62}", word.text):
        raise bad_value(word.span, f"`{word.text}` is no section's name", "write the name that the object has")
    return word.text


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    name = cursor.word("the device")
    device = draft.device(place.netns, name)
    if device.made is Made.OTHERS or (device.made is Made.KERNEL and place.netns.is_root):
        raise shape(
            name.span,
            f"{name.text} is the host's own, and its program could not be told from another's",
            "use a device that the lab makes",
        )
    hook = cursor.word("the hook")
    if hook.text not in _HOOKS:
        raise cursor.unknown(hook, _HOOKS)
    file = file_name(cursor.word("the object file"))
    said: dict[str, Any] = {}
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        cursor.once(word, again=word.text in said)
        if word.text in {"section", "program"}:
            said[word.text] = _name(cursor.word(f"the value of `{word.text}`"))
        elif word.text == "pref" and hook.text in TC:
            said["pref"] = number(1, 65535, "a preference")(cursor.word("the value of `pref`"))
        else:
            raise cursor.unknown(word, ("section", "program", "pref"))
    cursor.end()
    if not said.keys() & {"section", "program"}:
        raise shape(statement.span, "which program of the file is meant is missing", f"write `{FORM}`")
    words = tuple(text for name, value in said.items() if name != "pref" for text in (name, value))
    draft.parts.append(
        Program(place.netns, place.origin(statement), device.key, hook.text, file, words, said.get("pref"))
    )


STATEMENT = StatementKind("program", FORM, _bind)
