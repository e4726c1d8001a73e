"""A bridge with STP makes everybody wait

## What it does
Finds bridges with `stp on` that say no `forward-delay`, so that the kernel's 15 seconds hold, in labs that expect an
answer from somebody.

## What happens at run time
A port that comes up listens for one forward delay, and learns for another, before it forwards anything (IEEE 802.1D;
kernel net/bridge/br_stp_timer.c, br_forward_delay_timer_expired): nothing passes the bridge for half a minute after
up.sh has ended, and verify.sh finds that nothing answers. With `forward-delay 2`, the least that STP takes, it is four
seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, option_span
from netc.diagnostics import Finding, Severity
from netc.topology.model import Expected, Topology

BAD = """
bridge br0 { stp on; subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 -- br0 }
netns b { veth eth0 10.0.0.2/24 -- br0 }
expect a <-> b
"""
GOOD = """
bridge br0 { stp on; forward-delay 2; subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 -- br0 }
netns b { veth eth0 10.0.0.2/24 -- br0 }
expect a <-> b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    if all(expectation.expected is Expected.UNANSWERED for expectation in topology.expectations):
        return
    for bridge in of_kind(topology, "bridge"):
        if option(bridge, "stp") and option(bridge, "forward-delay") is None:
            yield check.find(
                option_span(bridge, "stp"),
                f"the ports of {bridge.name} forward nothing for 30 seconds",
                effect="pings through it would fail until STP has listened and learnt, 15 seconds each",
                help="write `forward-delay 2` as well",
            )


CHECK = Check("N310", "stp-delay", Severity.WARNING, _run, BAD, GOOD)
