"""A machine that runs scripts of its own, with what is on it.

    segment lan 192.168.50.0/24
    host n1 {
      uplink eth0 192.168.50.11/24 on lan
      netns a { veth eth0 10.244.1.2/24 -- n1:to-a 10.244.1.1/24 }
    }

Its name is also that of its own (root) namespace. A file without `host` describes one machine, called `host`; in a
file with hosts, whatever is on a machine stands in the block of one, and only `lab`, `segment`, `network`, `expect`
and `in` stand outside. Names are unique on each machine; `n1/a` is the namespace a of n1, and a bare name is looked
for on the machine at hand before it is on the others.

`netc build -o DIR` writes a folder of scripts for each host. They agree without talking to each other; each looks,
before it changes anything, whether the uplinks that the lab declares are there with their addresses, and so whether
it runs on the host that it was made for.

Source: network_namespaces(7).
"""

from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.syntax.tree import Statement

FORM = "host NAME [{ STATEMENTS }]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    """Do nothing: the walk declares hosts before anything else, and walks their blocks."""


STATEMENT = StatementKind("host", FORM, _bind, in_block=False, of_lab=True, in_host=False)
