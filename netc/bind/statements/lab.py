"""The lab's name; the file's stem where it is left out.

    lab bridge
    lab web { name-prefix x- }

The name marks everything that the lab makes on a host. `name-prefix` (or the option `--name-prefix`) goes before
every namespace and every device on the host that the lab makes, and every reference to them, and before the lab's own
name, so that copies of a lab can be up side by side.
"""

from netc.bind.cursor import shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement

FORM = "lab NAME [{ name-prefix PREFIX }]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    if draft.lab.span != statement.span:
        raise shape(statement.span, "a file has one `lab` statement", "remove this one")


STATEMENT = StatementKind("lab", FORM, _bind, in_block=False, of_lab=True, in_host=False)
