"""Copies of a device's packets leave by another device of the same namespace: to where somebody listens.

    mirror eth0 to probe
    mirror eth0 to probe ingress

`ingress` copies what comes in, `egress` what goes out, `both`, or nothing, both. Whoever is behind the second device
gets the frames as they are, with other people's addresses in them: tcpdump sees them, and an IP stack drops them. A
copy is made before `impair` does anything to a packet. A device can be mirrored to several.

On a device that the lab did not make, up.sh refuses if someone has filters there.

Source: tc-mirred(8), tc-u32(8).
"""

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.parts.mirror import Mirror
from netc.syntax.tree import Statement

FORM = "mirror DEVICE to DEVICE [ingress|egress|both]"
_DIRECTIONS = ("ingress", "egress", "both")


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    device = draft.device(place.netns, cursor.word("the device"))
    if cursor.accept("to") is None:
        raise shape(statement.span, "`to` and a second device are missing", f"write `{FORM}`")
    word = cursor.word("the device that the copies leave by")
    to = draft.device(place.netns, word)
    direction = cursor.peek_word()
    said = "both"
    if direction is not None:
        if direction.text not in _DIRECTIONS:
            raise cursor.unknown(direction, _DIRECTIONS)
        said = cursor.word("the direction").text
    cursor.end()
    mirror = Mirror(
        place.netns,
        place.origin(statement),
        device.key,
        to.key,
        word.span,
        said in {"ingress", "both"},
        said in {"egress", "both"},
    )
    for hook in (*(["ingress"] if mirror.ingress else []), *(["egress"] if mirror.egress else [])):
        draft.say_once(
            ("mirror", device.key, to.key, hook),
            statement.span,
            f"{device.key.name} is mirrored to {to.key.name} twice",
            label="first said here",
            help="leave out one: every packet would be copied twice",
        )
    draft.parts.append(mirror)


STATEMENT = StatementKind("mirror", FORM, _bind)
