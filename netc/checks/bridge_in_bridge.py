"""A bridge is to be a port of another

## What it does
Finds bridges that have a bridge as their `master`.

## What happens at run time
`ip link set master` fails: `Can not enslave a bridge to a bridge` (kernel net/bridge/br_if.c, br_add_if). A cable
between the two does what is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import bridge_of, of_kind, option_span
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
bridge br0
bridge br1 { master br0 }
"""
GOOD = """
bridge br0
bridge br1
veth br0:to-br1 -- br1:to-br0
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bridge in of_kind(topology, "bridge"):
        above = bridge_of(topology, bridge)
        if above is not None and above.key != bridge.key:
            yield check.find(
                option_span(bridge, "master"),
                f"the bridge {bridge.name} cannot be a port of the bridge {above.name}",
                effect='the kernel would refuse it: "Can not enslave a bridge to a bridge"',
                help=f"join them by a cable: `veth {above.name}:PORT -- {bridge.name}:PORT`",
            )


CHECK = Check("N311", "bridge-in-bridge", Severity.ERROR, _run, BAD, GOOD)
