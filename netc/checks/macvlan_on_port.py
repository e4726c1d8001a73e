"""A macvlan stands on a port of a bridge

## What it does
Finds macvlan and macvtap devices whose parent has a bridge as its master.

## What happens at run time
Both want the frames of the device, and only one can have them: `Device or resource busy` (kernel net/core/dev.c,
netdev_rx_handler_register; pipework#221).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import bridge_of, children
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology

BAD = """
bridge br0
netns a { veth eth0 10.0.0.1/24 -- br0:port1 }
netns b { macvlan eth0 10.0.0.2/24 on port1 { mode bridge } }
"""
GOOD = """
bridge br0
netns a { veth eth0 10.0.0.1/24 -- br0:port1 }
netns b { macvlan eth0 10.0.0.2/24 on br0 { mode bridge } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for key, found in children(topology, "macvlan", "macvtap").items():
        parent = topology.devices[key]
        bridge = bridge_of(topology, parent)
        for child in found if bridge is not None else ():
            assert bridge is not None
            yield check.find(
                child.span,
                f"the parent of {child.key.label} is a port of {bridge.name}",
                labels=[Label(parent.span, f"{parent.name} is a port")],
                effect='the kernel would refuse it: "Device or resource busy"',
                help=f"put the {child.kind} on the bridge (`on {bridge.name}`), or join a veth to it",
            )


CHECK = Check("N322", "macvlan-on-port", Severity.ERROR, _run, BAD, GOOD)
