"""Two IPsec policies of one namespace are for the same packets in the same direction.

## What it does
Compares the `ipsec policy` statements of every namespace: the words that choose packets, `dir`, `mark` and `if_id`.
What they do, and their priority, does not count.

## What happens at run time
The second is refused: `RTNETLINK answers: File exists` (kernel net/xfrm/xfrm_policy.c, xfrm_policy_insert). up.sh
undoes what it did.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.parts.ipsec import Policy
from netc.topology.model import Topology

BAD = """
netns a {
  ipsec policy src 10.0.0.1 dst 10.0.0.2 dir out action block
  ipsec policy src 10.0.0.1 dst 10.0.0.2 dir out priority 5
}
"""
GOOD = """
netns a {
  ipsec policy src 10.0.0.1 dst 10.0.0.2 dir out action block
  ipsec policy src 10.0.0.1 dst 10.0.0.2 proto icmp dir out priority 5
}
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], Policy] = {}
    for policy in topology.parts_of(Policy):
        key = (policy.netns, policy.selector, policy.direction, policy.mark)
        earlier = seen.setdefault(key, policy)
        if earlier is not policy:
            yield check.find(
                policy.origin.span,
                f"{policy.netns.label} has a policy `dir {policy.direction}` for the same packets already",
                effect="the kernel would refuse the second, and up.sh would undo everything",
                help="let one of the two choose other packets, or leave it out",
                labels=[Label(earlier.origin.span, "the first")],
            )


CHECK = Check("N362", "policy-twice", Severity.ERROR, _run, BAD, GOOD)
