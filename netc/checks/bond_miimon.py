"""A bond that looks at no links has a delay

## What it does
Finds `updelay`, `downdelay` and `peer-notify-delay` of a bond that has no `miimon`. In the modes 802.3ad, balance-tlb
and balance-alb it is 100 where the lab does not say it.

## What happens at run time
A delay is a number of looks at the links, and there are none: the kernel refuses it, even one of zero (kernel
drivers/net/bonding/bond_options.c, "Unable to set up delay as MII monitoring is disabled"), and up.sh fails with
"Operation not permitted". ARP monitoring (`arp-interval`) knows no delays.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, option_span
from netc.diagnostics import Finding, Severity
from netc.kinds.bonding import DELAYS, miimon_of
from netc.topology.model import Topology

BAD = """
netns a {
  bond bond0 10.0.0.1/24 { mode active-backup; updelay 200 }
  veth e0 { master bond0 } -- b:e0 10.0.0.2/24
}
netns b
"""
GOOD = """
netns a {
  bond bond0 10.0.0.1/24 { mode active-backup; miimon 100; updelay 200 }
  veth e0 { master bond0 } -- b:e0 10.0.0.2/24
}
netns b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bond in of_kind(topology, "bond"):
        if miimon_of(bond):
            continue
        for name in DELAYS:
            if option(bond, name) is None:
                continue
            yield check.find(
                option_span(bond, name),
                f"`{name}` needs `miimon`: {bond.name} does not monitor its links",
                effect="up.sh would fail: the kernel refuses the delay (Operation not permitted)",
                help="write `miimon 100` as well",
            )


CHECK = Check("N342", "bond-miimon", Severity.ERROR, _run, BAD, GOOD)
