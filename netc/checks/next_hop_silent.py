"""Nobody answers for the next hop of an expected ping.

## What it does
Walks the request and the reply of every `expect A -> B` and finds the next hop that nobody on the link answers for:
no namespace there has the address, or who has it keeps silent (`arp-ignore`, `arp-filter`), refuses the address that
asks (reverse-path filtering). A frame passes only where the link lets it. It also finds the sender that has no
address of the family to ask or to send from. Where a warning knows why, such as N315, it says what to write.

## What happens at run time
Packets wait for an answer and are dropped after three requests, a second apart: `Destination Host Unreachable`, told
to the sender by the namespace that asks; `ip neigh` shows the entry as FAILED. Kernel net/ipv4/arp.c, arp_process;
net/ipv6/ndisc.c, ndisc_recv_ns; net/core/neighbour.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netc.checks.base import Check
from netc.checks.layer2 import question_of
from netc.checks.proxyarp import proxy_failures
from netc.checks.unmet import finding_of, unmet
from netc.checks.vtep_mac import wrong_entries
from netc.diagnostics import Finding, Severity
from netc.reach.hop import Stop
from netc.topology.model import Topology

BAD = """
netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24 { arp-ignore 1 }; route 10.2.0.1 dev e }
netns r { veth out 10.2.0.1/24 -- b:e 10.2.0.2/24 }
netns b
expect a -> r:out
"""
GOOD = BAD.replace(" { arp-ignore 1 }", "")
_STOPS = (Stop.NO_NEIGHBOUR, Stop.LOST, Stop.NO_PROXY_FORWARD, Stop.NO_PROXY_ROUTE, Stop.NO_SOURCE)


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    told = {(failure.asking, failure.next_hop) for failure in proxy_failures(topology)}
    explained = {(entry.device, entry.ip) for entry, _ in wrong_entries(topology)}  # an error as well
    for failure in unmet(topology, *_STOPS):
        hop, question = failure.walk.hops[-1], question_of(failure.walk)
        if (hop.netns, hop.next_hop) not in told and question not in explained:
            yield replace(finding_of(check, failure), symptom=question)


CHECK = Check("N409", "next-hop-silent", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
