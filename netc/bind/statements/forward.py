"""Forwarding, for the whole namespace: it becomes a router.

    netns r1 { forward ipv4 ipv6 }

At the top level of a file it is the host itself that forwards, which the script's head says; down.sh restores what
was before, the per-device values included.

Source: kernel Documentation/networking/ip-sysctl.rst, `ip_forward` and `conf/all/forwarding`.
"""

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement
from netc.topology.model import FORWARDING, Forward

FORM = "forward ipv4 [ipv6]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    words = cursor.words()
    cursor.end()
    if not words:
        raise shape(statement.span, "the family is missing", f"write `{FORM}`")
    for index, word in enumerate(words):
        cursor.once(word, again=word.text in {other.text for other in words[:index]})
        if word.text not in {"ipv4", "ipv6"}:
            raise cursor.unknown(word, ("ipv4", "ipv6"))
        family = int(word.text[3])
        draft.parameters.setdefault((place.netns, FORWARDING[family]), word.span)
        draft.forwards.append(Forward(place.netns, family, place.origin(statement)))


STATEMENT = StatementKind("forward", FORM, _bind)
