"""Finds the expected answers that do not come, each with its reason, for the checks of one reason each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.checks.base import Check
from netc.diagnostics import Finding, Label
from netc.reach.hop import Stop, Walk
from netc.reach.net import net_of
from netc.reach.pings import Test, tests_of
from netc.reach.story import Reason, path, reason
from netc.topology.model import Topology


@dataclass(frozen=True, slots=True)
class Unmet:
    """An expected answer that does not come, the walk that fails, the request's or the reply's, and why."""

    test: Test
    walk: Walk
    back: bool
    reason: Reason

    @property
    def effect(self) -> str:
        """What would happen at run time, with the walk."""
        ends = self.test.expectation
        what = "reply" if self.back else "request"
        far = f"would come as far as {path(self.walk)}"
        if len(self.walk.hops) == 1:
            far = f"would not leave {self.walk.where.label}"
        return (
            f"the {what} {far}, and a ping from {ends.source.netns.label} to {self.test.ping.there.target} would get "
            "no answer"
        )


def unmet(topology: Topology, *stops: Stop) -> Iterator[Unmet]:
    """Yield the expected answers that fail by one of `stops`, one for each cause.

    What becomes of a reply by another namespace than is meant, no one asks: N415 tells of the request.
    """
    net = net_of(topology)
    told: set[tuple[object, ...]] = set()
    for test in tests_of(topology):
        walk, back = test.ping.last, test.ping.back is not None
        hop = walk.hops[-1]
        cause: tuple[object, ...] = (
            walk.stop,
            hop.netns,
            hop.entered,
            hop.next_hop or (hop.entry and hop.entry.prefix),
        )
        if walk.rule is not None:
            cause = (walk.stop, walk.rule.origin)
        if test.wanted and walk.stop in stops and cause not in told and (test.is_meant or not back):
            told.add(cause)
            yield Unmet(test, walk, back, reason(net, walk, back=back))


def finding_of(check: Check, failure: Unmet) -> Finding:
    """Build the finding for an expected answer that does not come: at the end that it does not reach."""
    ends = failure.test.expectation
    span = ends.source.span if failure.back else ends.target.span
    origin = failure.reason.origin
    labels = [] if origin is None else [Label(origin.span, "by this statement")]
    if failure.reason.setting is not None:
        labels.append(Label(failure.reason.setting.span, "set here"))
    return check.find(span, failure.reason.text, labels=labels, effect=failure.effect, help=failure.reason.help)
