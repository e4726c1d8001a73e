"""The queue of a delay is too short for the rate behind it.

## What it does
Compares `limit` with the packets that are on their way at once: those of 1500 bytes that go, at `rate`, within `delay`.

## What happens at run time
netem keeps every packet for its delay and drops what finds the queue full. The line then never reaches its rate, and
loses packets that no `loss` accounts for (tc-netem(8), `limit`). Without `limit` netc makes the queue long enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.parts.impair import Impair, in_flight
from netc.topology.model import Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
  impair eth0 { delay 100ms; rate 100mbit; limit 50 }
}
netns ns2
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
  impair eth0 { delay 100ms; rate 100mbit; limit 2000 }
}
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for impair in topology.parts_of(Impair):
        if impair.limit is None or impair.delay is None or impair.rate is None:
            continue
        wanted = in_flight(impair.delay, impair.rate)
        if impair.limit < wanted:
            yield check.find(
                impair.spans["limit"],
                f"{wanted} packets are on their way at once, and the queue takes {impair.limit}",
                effect="the rest would be dropped, and the rate never reached",
                help=f"write `limit {2 * wanted}`, or leave it out",
            )


CHECK = Check("N442", "limit-small", Severity.WARNING, _run, BAD, GOOD)
