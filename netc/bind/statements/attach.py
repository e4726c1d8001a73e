"""A namespace gets a device on a network that its host has joined.

    netns a { attach eth0 to pods }
    netns b { attach eth0 10.244.2.9 to pods { mac 02:00:00:00:00:09 } }

An address is written without a prefix length; where none is, the device gets the next free one of the host's subnet,
in every family. The block has options of the device, a veth.

Source: none, it is a word of the lab's alone.
"""

from netc.bind.cursor import shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement

FORM = "attach DEVICE [ADDRESS...] to NETWORK [{ OPTIONS }]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    """Tell of one that stands in no namespace: the others are written out before statements are bound."""
    if place.netns.is_root:
        raise shape(statement.span, "a device is attached in a namespace", "move it into the block of a `netns`")


STATEMENT = StatementKind("attach", FORM, _bind)
