"""Packets of a subnet that leave by a device get that device's own address as their source.

    masquerade 10.0.0.0/24 out wan
    masquerade 10.244.1.0/24 out eth0 daddr not 10.244.0.0/16

It is `nat masquerade saddr SUBNET out DEVICE`, and stands in the same order with the namespace's other `nat`
statements. Say with `daddr not` what must keep its own source: a masqueraded packet between two machines of the same
cluster comes from the router instead of its sender.

Source: nft(8), NAT STATEMENTS.
"""

from __future__ import annotations

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.matches import MatchReader
from netc.bind.statement import StatementKind
from netc.parts.table import Chain, Nat, Translation
from netc.syntax.tree import Statement

FORM = "masquerade SUBNET... out DEVICE [daddr not PREFIX]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    reader = MatchReader(cursor, place, draft, no="in")
    reader.sources()
    match = reader.read()
    cursor.end()
    if match.out_device is None:
        help = f"write `{FORM}`; without a device, `nat masquerade` hides what goes anywhere"
        raise shape(statement.span, "`out DEVICE` is missing", help)
    draft.parts.append(Nat(place.netns, place.origin(statement), Chain.SRCNAT, match, Translation.MASQUERADE))


STATEMENT = StatementKind("masquerade", FORM, _bind)
