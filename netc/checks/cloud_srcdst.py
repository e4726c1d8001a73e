"""A network without a tunnel crosses a segment that passes only the hosts' own addresses.

## What it does
Looks at networks that lead packets of namespaces over a segment as they are (`flannel` with `backend host-gw` or
`direct-routing on`, `calico` with `mode none` or `cross-subnet on`), whether the segment says `source-check on`.

## What happens at run time
Clouds drop what has not the address of the machine that it comes from, or goes to: AWS calls it the source/destination
check, Google Cloud canIpForward, OpenStack port security. Routes and neighbours look right on every host, and nothing
arrives: rke issue #115; projectcalico/calico issues #8166, #9138.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology
from netc.topology.networks import Member, Network

BAD = """
segment vpc 10.0.0.0/24 { source-check on }
network pods flannel 10.244.0.0/16 { backend host-gw }
host n1 { uplink eth0 10.0.0.11/24 on vpc; join pods; netns a { attach eth0 to pods } }
host n2 { uplink eth0 10.0.0.12/24 on vpc; join pods; netns b { attach eth0 to pods } }
"""
GOOD = """
segment vpc 10.0.0.0/24 { source-check on }
network pods flannel 10.244.0.0/16 { backend vxlan }
host n1 { uplink eth0 10.0.0.11/24 on vpc; join pods; netns a { attach eth0 to pods } }
host n2 { uplink eth0 10.0.0.12/24 on vpc; join pods; netns b { attach eth0 to pods } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for network in topology.networks:
        for member in network.members:
            segment = None if member.underlay is None or member.underlay.segment is None else member.underlay.segment
            found = topology.segments.get(segment or "")
            if found is None or not found.source_check or not _sends_plainly(network, member):
                continue
            yield check.find(
                member.span,
                f"{member.machine} sends packets of {network.name} over {found.name} as they are",
                labels=[Label(found.span, "which passes only the addresses of the hosts themselves")],
                effect="the network between the hosts would drop them",
                help="use a tunnel to every host, or turn the check off in the cloud and leave out `source-check`",
            )


def _sends_plainly(network: Network, member: Member) -> bool:
    here = member.underlay
    return here is not None and any(
        other.underlay is not None and here.is_beside(other.underlay, version)
        for version in network.plain_families | network.direct_families
        for other in network.others(member)
    )


CHECK = Check("N507", "cloud-srcdst", Severity.WARNING, _run, BAD, GOOD)
