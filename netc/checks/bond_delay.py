"""A delay of a bond is rounded down

## What it does
Finds `updelay`, `downdelay` and `peer-notify-delay` of a bond that are no multiple of its `miimon`.

## What happens at run time
A bond counts its delays in looks at the links (kernel drivers/net/bonding/bond_options.c: "value rounded to %d ms"):
with `miimon 100`, a delay of 250 is one of 200, and one of 50 is none. status.sh looks for the rounded one.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.bonding import DELAYS, miimon_of
from netc.topology.model import Topology

BAD = """
netns a {
  bond bond0 10.0.0.1/24 { mode active-backup; miimon 100; updelay 250 }
  veth e0 { master bond0 } -- b:e0 10.0.0.2/24
}
netns b
"""
GOOD = """
netns a {
  bond bond0 10.0.0.1/24 { mode active-backup; miimon 100; updelay 300 }
  veth e0 { master bond0 } -- b:e0 10.0.0.2/24
}
netns b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bond in of_kind(topology, "bond"):
        miimon = miimon_of(bond)
        for name in DELAYS:
            delay = option(bond, name)
            if not miimon or not delay or delay % miimon == 0:
                continue
            rounded = delay - delay % miimon
            said = "miimon" in bond.settings
            yield check.find(
                option_span(bond, name),
                f"{name} {delay} is no multiple of {bond.name}'s miimon, {miimon}",
                labels=[Label(option_span(bond, "miimon"), "the miimon")] if said else [],
                effect=f"the kernel would round it to {rounded} milliseconds",
                help=f"write `{name} {rounded}`, or `{name} {rounded + miimon}`"
                if rounded
                else f"write `{name} {miimon}`, or leave it out",
            )


CHECK = Check("N341", "bond-delay", Severity.WARNING, _run, BAD, GOOD)
