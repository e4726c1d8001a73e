"""A packet goes on below an MPLS label that its next hop has no route for.

## What it does
Looks at each next hop that gets packets with a label, from `route ... encap mpls` or `mpls ... as`: the namespace that
has its address needs an `mpls` route for the label on top. Labels below 16 have meanings of their own and are left
out, and so are next hops on the host, and in namespaces where `exec` runs a program that may make such routes.

## What happens at run time
The packet is dropped without a word: nobody gets an ICMP message about a label (kernel net/mpls/af_mpls.c,
mpls_forward; RFC 3031, section 3.18).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.labelled import handed
from netc.diagnostics import Finding, Severity
from netc.parts.mpls import LabelRoute
from netc.reach.net import net_of
from netc.topology.model import Topology

BAD = """
netns a { veth eth0 10.0.0.1/24 -- r:wan 10.0.0.2/24; route 10.2.0.0/24 encap mpls 100 via 10.0.0.2 }
netns r { forward ipv4; veth lan 10.2.0.1/24 -- b:eth0 10.2.0.2/24; mpls 200 dev lo }
netns b { route default via 10.2.0.1 }
expect a -> 10.2.0.2
"""
GOOD = """
netns a { veth eth0 10.0.0.1/24 -- r:wan 10.0.0.2/24; route 10.2.0.0/24 encap mpls 200 via 10.0.0.2 }
netns r { forward ipv4; veth lan 10.2.0.1/24 -- b:eth0 10.2.0.2/24; mpls 200 dev lo }
netns b { route default via 10.2.0.1 }
expect a -> 10.2.0.2
"""
_FIRST = 16  # RFC 3032, section 2.1


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    known: dict[object, list[int]] = {}
    for part in topology.parts_of(LabelRoute):
        known.setdefault(part.netns, []).append(part.label)
    for hop in handed(net):
        there = hop.to.netns
        own = known.get(there, [])
        if hop.label < _FIRST or hop.label in own or there.is_root or there in net.unsettled:
            continue
        others = (
            f"send the label {' or '.join(map(str, own[:4]))}, for which {there.label} has a route, or " if own else ""
        )
        yield check.find(
            hop.span,
            f"{there.label}, which has {hop.gateway}, has no route for the label {hop.label}",
            effect="packets would be dropped there without a word",
            help=f"{others}add a route for it to {there.label}, such as `mpls {hop.label} dev lo`",
        )


CHECK = Check("N461", "mpls-no-label", Severity.WARNING, _run, BAD, GOOD)
