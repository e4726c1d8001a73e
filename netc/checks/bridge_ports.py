"""A bridge has more ports than the kernel knows

## What it does
Counts the ports of each bridge.

## What happens at run time
A bridge has 1024 port numbers, the first of which is never used (kernel net/bridge/br_private.h, BR_PORT_BITS;
br_if.c, find_portno). The port after that is refused: `Exchange full`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology

BAD = """
bridge br0
netns a
for i in 1..1024 { veth a:eth${i} -- br0 }
"""
GOOD = """
bridge br0
bridge br1
veth br0:to-br1 -- br1:to-br0
netns a
for i in 1..512 { veth a:eth${i} -- br0 }
for i in 513..1024 { veth a:eth${i} -- br1 }
"""
_MOST = 1023


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bridge in of_kind(topology, "bridge"):
        ports = topology.ports_of(bridge.key)
        if len(ports) > _MOST:
            yield check.find(
                bridge.span,
                f"{bridge.name} has {len(ports)} ports, and a bridge can have {_MOST}",
                labels=[Label(ports[_MOST].span, "this is the first one too many")],
                effect='the kernel would refuse it: "Exchange full"',
                help="use two bridges, with a cable between them",
            )


CHECK = Check("N313", "bridge-ports", Severity.ERROR, _run, BAD, GOOD)
