"""A network of several hosts, or of one, of a pattern that has a name: its driver.

    network pods flannel 10.244.0.0/16 { backend host-gw }
    network pods flannel 10.244.0.0/16 fd00:10:244::/56
    network pods calico 192.168.100.0/24

Hosts take part by `join`, namespaces by `attach`. What it stands for is plain statements of this language, which
`netc expand` prints. One prefix of each family, or one of either. The drivers and their options are described in
[networks](networks.md).

Source: none, it is a word of the lab's alone.
"""

from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement

FORM = "network NAME DRIVER PREFIX... [{ OPTIONS }]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    """Do nothing: networks are written out before statements are bound."""


STATEMENT = StatementKind("network", FORM, _bind, in_block=False, of_lab=True, in_host=False)
