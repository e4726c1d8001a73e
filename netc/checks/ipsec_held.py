"""IPsec holds back an expected ping.

## What it does
Walks the request and the reply of every `expect A -> B` past the policies and states of the namespaces that they come
to, and finds the one that drops it: a policy that blocks it, one that has no state for it, one that takes it only
through IPsec, or a state that is not there or has other keys where the packet is to be opened.

## What happens at run time
The packet is lost without a word, but for the sender's own block, which is `Operation not permitted`;
/proc/net/xfrm_stat counts it (RFC 4301, section 5; kernel net/xfrm/xfrm_policy.c, __xfrm_policy_check and
xfrm_lookup_with_ifid; net/xfrm/xfrm_input.c).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.unmet import finding_of, unmet
from netc.diagnostics import Finding, Severity
from netc.reach.hop import Stop
from netc.topology.model import Topology

BAD = """
netns a { veth e 10.0.0.1/24 -- b:e 10.0.0.2/24 }
netns b { ipsec policy src 10.0.0.0/24 dst 10.0.0.2 dir in action block }
expect a -> b
"""
GOOD = BAD.replace("dst 10.0.0.2 dir", "dst 10.0.0.2 proto tcp dir")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for failure in unmet(topology, Stop.HELD):
        yield finding_of(check, failure)


CHECK = Check("N417", "ipsec-held", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
