"""An `accept` lets nothing through that would not pass anyway.

## What it does
Finds `filter ... accept` in a chain of the lab's table that drops and rejects nothing after it. Rules that a `network`
stands for are passed over: they are there for labs that drop the rest.

## What happens at run time
A chain of the lab accepts what none of its rules decides about, so the rule changes nothing. It cannot let through
what another table of the namespace drops, docker's or firewalld's: every table's chains are asked, an `accept` ends
one of them only, and a `drop` is final (nft(8), VERDICT STATEMENTS). See netavark issue #977, firewalld issue #767.
What other tables a host has, no lab says.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.parts.table import Chain, Filter, RawRule, TableRule, Verdict
from netc.topology.model import NetnsKey, Topology

BAD = """
bridge br0 10.0.0.1/24
filter forward accept in br0
"""
GOOD = """
bridge br0 10.0.0.1/24 { nf-call off }
filter forward accept in br0
filter forward drop out br0
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    stopping: set[tuple[NetnsKey, Chain]] = set()
    idle: list[Filter] = []
    for rule in reversed(topology.parts_of(TableRule)):
        if isinstance(rule, RawRule) or (isinstance(rule, Filter) and rule.verdict is not Verdict.ACCEPT):
            stopping.add((rule.netns, rule.chain))
        elif isinstance(rule, Filter) and (rule.netns, rule.chain) not in stopping:
            if any(frame.expanded for frame in rule.origin.span.frames):
                continue
            idle.append(rule)
    for rule in reversed(idle):
        yield check.find(
            rule.origin.span,
            f"no rule after this one drops anything in `{rule.chain}`, so that it changes nothing",
            effect="what another table of the namespace drops, docker's or a firewall's, stays dropped all the same",
            help="leave it out, or add a `drop` after it; to let through what another table drops, "
            "add a rule to that table",
        )


CHECK = Check("N432", "nft-not-final", Severity.WARNING, _run, BAD, GOOD, whole=True)
