"""Two ends that shall talk are both on isolated ports

## What it does
Looks at the expected pings between neighbours whose ports, of one bridge, both say `isolated on`.

## What happens at run time
A bridge hands no frame from one isolated port to another (kernel net/bridge/br_forward.c, should_deliver): ARP
requests are not answered, `Destination Host Unreachable`. Both still reach the ports that are not isolated.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import bridge_of, near_ends, option, option_span, questions_between
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Device, Topology

BAD = """
bridge br0 { subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 -- br0 { isolated on } }
netns b { veth eth0 10.0.0.2/24 -- br0 { isolated on } }
expect a <-> b
"""
GOOD = """
bridge br0 { subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 -- br0 { isolated on } }
netns b { veth eth0 10.0.0.2/24 -- br0 }
expect a <-> b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    told = set()
    for near in near_ends(topology):
        ports = [_isolated_port(topology, end) for end in (near.ours, near.theirs)]
        if None in ports or len({port.master for port in ports if port is not None}) != 1 or near.pair in told:
            continue
        told.add(near.pair)
        labels = [Label(option_span(port, "isolated"), "isolated") for port in ports if port is not None]
        yield check.find(
            near.expectation.origin.span,
            f"{near.ours.key.label} and {near.theirs.key.label} are both on isolated ports",
            labels=labels,
            effect=f"no frame would pass between them: ARP requests for {near.target} are not answered",
            help="leave out `isolated on` at one of the two, or expect `-/>`",
            causes=questions_between(topology, near),
        )


def _isolated_port(topology: Topology, end: Device) -> Device | None:
    """Return the isolated port at the other end of a device's cable, or None."""
    peer = None if end.peer is None else topology.devices[end.peer]
    return peer if peer is not None and bridge_of(topology, peer) is not None and option(peer, "isolated") else None


CHECK = Check("N315", "isolated-peers", Severity.WARNING, _run, BAD, GOOD)
