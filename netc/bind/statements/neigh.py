"""A permanent neighbour entry, or an address that a device answers neighbour solicitations for.

    neigh 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0
    neigh proxy fd00::9 dev eth0

The second form is what `proxy-ndp` needs: IPv6 has no proxy for every address that there is a route to.

Source: ip-neighbour(8).
"""

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement
from netc.topology.model import Neighbour
from netc.topology.values import address, mac

FORM = "neigh ADDRESS lladdr MAC dev DEVICE"
PROXY_FORM = "neigh proxy ADDRESS dev DEVICE"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    first = statement.words[0] if statement.words else None
    proxy = first is not None and first.text == "proxy"
    cursor = Cursor(statement, PROXY_FORM if proxy else FORM)
    cursor.refuse_verb()
    if proxy:
        cursor.word("proxy")
    ip = address(cursor.word("the address"))
    lladdr, device = None, None
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        if word.text == "lladdr" and not proxy:
            cursor.once(word, again=lladdr is not None)
            lladdr = mac(cursor.word("the MAC address"))
        elif word.text == "dev":
            cursor.once(word, again=device is not None)
            device = draft.device(place.netns, cursor.word("the device"))
        elif word.text == "nud" and not proxy and cursor.accept("permanent"):
            continue
        else:
            raise cursor.unknown(word, ("lladdr", "dev"))
    cursor.end()
    if device is None or (lladdr is None and not proxy):
        missing = "`dev DEVICE`" if device is None else "`lladdr MAC`"
        raise shape(statement.span, f"{missing} is missing", f"write `{PROXY_FORM if proxy else FORM}`")
    key, message = ("neigh", device.key, ip, proxy), f"{device.key.label} has a neighbour entry for {ip} already"
    draft.say_once(key, statement.span, message, label="the first one", help="keep one of the two")
    draft.neighbours.append(Neighbour(place.netns, ip, lladdr, device.key, place.origin(statement)))


STATEMENT = StatementKind("neigh", FORM, _bind)
