"""Addresses for a device that is declared elsewhere, or for lo.

    address lo 10.255.0.1/32
    in ns1 { address eth0 fd00::2/64 }

An address without a prefix length is the address alone (/32, /128). `auto` takes the next free one of the device's
segment. On the host's own lo the address is added as the lab's and removed with it; an uplink is never changed.

Source: ip-address(8).
"""

from netc.bind.cursor import Cursor, shape
from netc.bind.devices import read_addresses
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement
from netc.topology.model import Made

FORM = "address DEVICE ADDRESS..."


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    cursor.refuse_verb()
    word = cursor.word("the device")
    device = draft.device(place.netns, word)
    if device.made is Made.OTHERS and device.key.netns.is_root:
        raise shape(
            word.span,
            f"{word.text} is an uplink, which a lab never changes",
            "write the address it has in its `uplink` statement",
        )
    first = cursor.peek_word()
    if first is None:
        cursor.word("an address")
    read_addresses(cursor, device, place.order, 0, draft, place.origin(statement))
    cursor.end()


STATEMENT = StatementKind("address", FORM, _bind)
