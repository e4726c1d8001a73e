"""A rule is never asked: one before it takes all of its packets.

## What it does
Compares every `filter`, `nat` and `masquerade` statement with those before it in its chain. Where an earlier one
matches every packet that the later one does, the later one does nothing.

## What happens at run time
The first rule of a chain that matches decides, and those after it are not looked at (nft(8), STATEMENTS: `accept`,
`drop` and `return` end the evaluation, and so does a translation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.parts.match import Match
from netc.parts.table import Chain, Filter, Nat, TableRule
from netc.topology.model import NetnsKey, Topology

BAD = """
netns ns1 {
  filter input drop tcp
  filter input reject tcp 22
}
"""
GOOD = """
netns ns1 {
  filter input reject tcp 22
  filter input drop tcp
}
"""
_MOST = 200  # rules of one chain that a rule is compared with: no lab is read that has more


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    earlier: dict[tuple[NetnsKey, Chain], list[tuple[TableRule, Match]]] = {}
    for rule in topology.parts_of(TableRule):
        if not isinstance(rule, Filter | Nat):
            continue
        before = earlier.setdefault((rule.netns, rule.chain), [])
        match = _match(rule)
        hiding = next((first for first, taken in before[:_MOST] if taken.mark is None and taken.covers(match)), None)
        before.append((rule, match))
        if hiding is not None:
            yield check.find(
                rule.origin.span,
                "this rule is never asked",
                effect="the rule before it decides about every packet that this one matches",
                help="move it up, or leave it out",
                labels=[Label(hiding.origin.span, "takes all of its packets")],
            )


def _match(rule: Filter | Nat) -> Match:
    """Return what a rule takes: a translation to an address leaves the other family alone."""
    if isinstance(rule, Nat) and rule.ip is not None:
        return replace(rule.match, family=rule.ip.version)
    return rule.match


CHECK = Check("N438", "rule-shadowed", Severity.WARNING, _run, BAD, GOOD)
