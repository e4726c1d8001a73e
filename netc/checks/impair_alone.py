"""An option of `impair` means nothing without another.

## What it does
Finds `jitter` and `reorder` without `delay`, `distribution` without `jitter`, and `burst` and `latency` without `rate`.

## What happens at run time
Jitter is what a delay has more or less, and a distribution is how jitter is spread. A packet overtakes others by going
at once while they wait: `tc` refuses to reorder without a delay. `burst` and `latency` belong to the bucket that a rate
fills. `tc` would refuse the command, each time in other words (tc-netem(8), tc-tbf(8)).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.parts.impair import Impair
from netc.topology.model import Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
  impair eth0 { jitter 5ms; loss 1% }
}
netns ns2
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
  impair eth0 { delay 20ms; jitter 5ms; loss 1% }
}
netns ns2
"""
_NEEDS = {"jitter": "delay", "distribution": "jitter", "reorder": "delay", "burst": "rate", "latency": "rate"}
_FORMS = {"delay": "delay 20ms", "jitter": "jitter 5ms", "rate": "rate 10mbit"}


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for impair in topology.parts_of(Impair):
        for name, needed in _NEEDS.items():
            if name in impair.spans and needed not in impair.spans:
                yield check.find(
                    impair.spans[name],
                    f"`{name}` means nothing without `{needed}`",
                    effect=f"`tc` has no `{name}` without a `{needed}`: it would refuse the command",
                    help=f"say `{_FORMS[needed]}` as well, or leave it out",
                )


CHECK = Check("N440", "impair-alone", Severity.ERROR, _run, BAD, GOOD)
