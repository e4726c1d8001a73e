"""A network namespace, with what is in it.

    netns ns1
    netns r1 { forward ipv4; veth eth0 10.0.0.1/24 -- br0 }

Its lo is up from the start.

Source: ip-netns(8), network_namespaces(7).
"""

from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement

FORM = "netns NAME [{ STATEMENTS }]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    """Do nothing: the walk declares namespaces before anything else, and walks their blocks."""


STATEMENT = StatementKind("netns", FORM, _bind, in_block=False)
