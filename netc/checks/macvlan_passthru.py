"""A parent with a passthru child has another

## What it does
Finds parents with more than one macvlan or macvtap child, one of them in `mode passthru`.

## What happens at run time
A `passthru` child has its parent to itself, and its MAC address; the other one is refused: `Invalid argument` (kernel
drivers/net/macvlan.c, macvlan_common_newlink).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import children, option
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology

BAD = """
netns far
veth wire -- far:eth0 192.168.7.2/24
netns a { macvlan eth0 192.168.7.11/24 on wire { mode passthru } }
netns b { macvlan eth0 192.168.7.12/24 on wire { mode passthru } }
"""
GOOD = """
netns far
veth wire -- far:eth0 192.168.7.2/24
netns a { macvlan eth0 192.168.7.11/24 on wire { mode bridge } }
netns b { macvlan eth0 192.168.7.12/24 on wire { mode bridge } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for key, found in children(topology, "macvlan", "macvtap").items():
        alone = next((child for child in found if option(child, "mode") == "passthru"), None)
        if alone is None or len(found) < 2:
            continue
        other = found[1] if found[0] is alone else alone
        first = found[0]
        yield check.find(
            other.span,
            f"{topology.devices[key].name} cannot have a child beside one in mode passthru",
            labels=[Label(first.span, "the first child")],
            effect='the kernel would refuse the second: "Invalid argument"',
            help="write `mode bridge` at all of them, or give each a parent of its own",
        )


CHECK = Check("N325", "macvlan-passthru", Severity.ERROR, _run, BAD, GOOD)
