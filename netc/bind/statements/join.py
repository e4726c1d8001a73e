"""A host takes part in a network, with a subnet of its own.

    join pods 10.244.1.0/24 on eth0
    join pods

Without a subnet the host gets the next free share of the network's prefix: a /24 (calico: a /26), or a /64 (/122) of
an IPv6 prefix; the first share of all stays free. `on` says by which uplink the host reaches the others; one that has
a single uplink need not say it.

Source: none, it is a word of the lab's alone.
"""

from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement

FORM = "join NETWORK [PREFIX...] [on UPLINK]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    """Do nothing: networks are written out before statements are bound."""


STATEMENT = StatementKind("join", FORM, _bind, in_block=False)
