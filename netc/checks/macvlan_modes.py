"""Children of one parent shall talk, and their mode keeps them apart

## What it does
Looks at the expected pings between two macvlan or macvtap children of one parent, of which not both have `mode bridge`.

## What happens at run time
Only in `bridge` mode does a parent hand frames from one child to another. In `private` and `source` mode they are
dropped; in `vepa`, which is what the kernel takes where no mode is said, they go out and come back only if the switch
reflects them (kernel drivers/net/macvlan.c, macvlan_queue_xmit, macvlan_broadcast).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import near_ends, option, option_span, questions_between
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology

BAD = """
netns far
veth wire -- far:eth0 192.168.7.2/24
netns a { macvlan eth0 192.168.7.11/24 on wire { mode private } }
netns b { macvlan eth0 192.168.7.12/24 on wire { mode private } }
expect a <-> b
"""
GOOD = """
netns far
veth wire -- far:eth0 192.168.7.2/24
netns a { macvlan eth0 192.168.7.11/24 on wire { mode bridge } }
netns b { macvlan eth0 192.168.7.12/24 on wire { mode bridge } }
expect a <-> b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    told = set()
    for near in near_ends(topology):
        pair = (near.ours, near.theirs)
        if near.ours.parent is None or near.ours.parent != near.theirs.parent:
            continue
        if any(end.kind not in {"macvlan", "macvtap"} for end in pair):
            continue
        modes = [option(end, "mode") or "vepa" for end in pair]
        if modes == ["bridge", "bridge"] or near.pair in told:
            continue
        told.add(near.pair)
        yield check.find(
            near.expectation.origin.span,
            f"{near.ours.key.label} and {near.theirs.key.label} do not hear each other in mode {modes[0]}"
            + ("" if modes[0] == modes[1] else f" and {modes[1]}"),
            labels=[Label(option_span(end, "mode"), mode) for end, mode in zip(pair, modes, strict=True)],
            effect=f"ARP requests for {near.target} would not be answered",
            help="write `mode bridge` at both",
            causes=questions_between(topology, near),
        )


CHECK = Check("N324", "macvlan-modes", Severity.WARNING, _run, BAD, GOOD)
