"""Static routes for the whole lab, worked out from its links, IPv4 and IPv6.

    routing auto

It stands once, at the top level of the file. Every namespace gets a route to every subnet of the lab that it is not on
itself, by the way with the fewest namespaces in between; of ways as short as each other, the one whose next namespace
has the smaller name. `netc expand` prints the routes, as plain statements in its place.

Only namespaces that forward (`forward`) are gone through, and only links that netc can follow: see `netc reach`. A
namespace that does not forward, and whose ways all begin with one gateway, gets a default route by it instead.

What the lab writes itself wins: a namespace with a route of its own to a subnet, or to one that contains it, gets none
to that subnet, and the way through it goes where its own route leads. A default route is not taken for one, so that
more precise routes come beside it. The host gets routes where the lab makes it forward (`forward` at the top level).
Devices in a VRF and other tables than main are left to the lab.

Source: RFC 1812, section 5.2.4.3 (the longest prefix wins); ip-route(8).
"""

from netc.bind.cursor import Cursor
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement

FORM = "routing auto"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    word = cursor.word("`auto`")
    if word.text != "auto":
        raise cursor.unknown(word, ("auto",))
    cursor.end()
    cursor.once(statement.head, again=("routing",) in draft.once)
    draft.once["routing",] = statement.span


STATEMENT = StatementKind("routing", FORM, _bind, in_block=False, of_lab=True, in_host=False)
