"""A physical layer-2 network, outside the lab's control, on which the uplinks of hosts sit.

    segment lan 192.168.50.0/24
    host n1 { uplink eth0 192.168.50.11/24 on lan }
    host n2 { uplink eth0 192.168.50.12/24 on lan }

`{ source-check on }` says that it passes only packets from and to the addresses of the uplinks themselves, as the
networks of clouds do.

Nothing is made of it on real hosts: it says which uplinks hear each other, and which subnets their addresses come
from. Emulated on one machine (`netc build --emulate`, `netc try`) it becomes a bridge.

Source: none, it is a word of the lab's alone.
"""

from netc.bind.cursor import Cursor
from netc.bind.draft import Draft, Place, twice, unnamed
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement
from netc.topology.networks import PhysicalSegment, SegmentSubnet
from netc.topology.options import Option, one, read_block
from netc.topology.values import prefix, switch

FORM = "segment NAME [PREFIX...] [{ source-check on }]"
_CHECKED = "source-check"
SOURCE_CHECK: Option[bool] = Option(
    _CHECKED,
    one(switch),
    "on|off",
    "It passes only packets from and to the addresses of the uplinks themselves.",
    "off",
)


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    name = cursor.word("the segment's name")
    subnets = tuple(SegmentSubnet(prefix(word), word.span) for word in cursor.words())
    block = cursor.block()
    cursor.end()
    settings = (
        {} if block is None else read_block(block, {SOURCE_CHECK.name: SOURCE_CHECK}, "`segment`", draft.findings)
    )
    if not name.text:
        raise unnamed(name.span, "a segment")
    earlier = draft.segments.get(name.text)
    if earlier is not None:
        raise twice(name.span, f"the segment {name.text}", earlier.span)
    draft.segments[name.text] = PhysicalSegment(
        name.text, subnets, name.span, place.origin(statement), _CHECKED in settings and settings[_CHECKED].value
    )


STATEMENT = StatementKind("segment", FORM, _bind, in_block=False, of_lab=True, in_host=False)
