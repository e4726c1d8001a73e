"""Nobody can tell before the lab is up whether an expectation holds.

## What it does
Tells the expectations whose packets come to where netc does not know what happens to them: beyond an uplink, to a
device of a kind that it does not follow, to a namespace where a program may change routes, to a rule in nft's own
words, to a policy rule that asks for more than addresses, to a route whose next hops do not all come to the same, or
where several answer for one address. It tells once for each reason, and leaves to other findings what they explain: a
neighbour that is asked in vain (N330, N332), or that has another MAC address (N333).

## What happens at run time
Perhaps what the lab expects: verify.sh tells. Source: docs/reach.md says what netc follows, and what it calls unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.ipvlan_l3 import silent_children
from netc.checks.layer2 import Question, question_of
from netc.checks.vtep_mac import wrong_entries
from netc.checks.vxlan_no_neigh import without_entry
from netc.diagnostics import Finding, Severity
from netc.reach.pings import Test, tests_of
from netc.reach.story import path
from netc.topology.model import Origin, Topology

BAD = """
netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24; route default via 10.1.0.1 }
netns b { veth e 10.2.0.2/24 -- r:b 10.2.0.1/24; route default via 10.2.0.1 }
netns r { forward ipv4; nft forward "icmp type echo-request drop" }
expect a -> b
"""
GOOD = BAD.replace('; nft forward "icmp type echo-request drop"', "")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    by_reason: dict[str, list[Test]] = {}
    for test, why in _open_questions(topology):
        by_reason.setdefault(why, []).append(test)
    for why, tests in by_reason.items():
        first = tests[0]
        further = len({test.expectation.origin for test in tests}) - 1
        these = "this" if not further else f"this and {further} more expectation{'s' if further > 1 else ''}"
        what = "request" if first.ping.back is None else "reply"
        far = f"would come as far as {path(first.ping.last)}"
        if len(first.ping.last.hops) == 1:
            far = f"may not get beyond {first.ping.last.where.label}"
        reason = "it" + why.removeprefix("netc") if why.startswith("netc ") else why
        yield check.find(
            first.expectation.target.span,
            f"netc cannot prove {these}: {reason}",
            effect=f"the {what} {far}; verify.sh tells whether it arrives",
            help="let verify.sh test it; `netc trace` shows the way as far as it is known",
        )


def _open_questions(topology: Topology) -> Iterator[tuple[Test, str]]:
    """Yield what is unknown and why, each statement with one reason: its other direction mostly has the like."""
    told = _told_elsewhere(topology)
    reasons: dict[Origin, str] = {}
    for test in tests_of(topology):
        why = ""
        if test.ping.unknown and not (test.wanted and question_of(test.ping.last) in told):
            why = test.ping.last.why
        elif test.wanted and test.ping.answered and test.comes_by is None and test.expectation.via is not None:
            why = f"whether packets come through {test.expectation.via.label} depends on which next hop they take"
        if why and reasons.setdefault(test.expectation.origin, why) == why:
            yield test, why


def _told_elsewhere(topology: Topology) -> set[Question]:
    """Return the devices, with what they ask for, of which other checks tell why they get nowhere."""
    told = {near.question for near, _ in silent_children(topology)}
    told |= {near.question for near in without_entry(topology)}
    return told | {(entry.device, entry.ip) for entry, _ in wrong_entries(topology)}


CHECK = Check("N414", "unproved", Severity.INFO, _run, BAD, GOOD, whole=True)
