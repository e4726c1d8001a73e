"""A parameter that the lab sets keeps MPLS labels out.

## What it does
Looks at what `sysctl` sets of net.mpls where the lab has `mpls` routes: `platform_labels` has to be larger than every
label that has a route in the namespace, and `input` 1 at the device that packets with labels come in by. Where the lab
sets neither, up.sh sets both as they have to be.

## What happens at run time
The kernel refuses a route for a label that is too large: `Label >= configured maximum in platform_labels`. At a device
whose `input` is 0, packets with labels are dropped without a word (kernel Documentation/networking/mpls-sysctl.rst,
net/mpls/af_mpls.c).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.labelled import handed
from netc.diagnostics import Finding, Label, Severity
from netc.parts.mpls import PLATFORM_LABELS, LabelRoute, input_path, said_sysctls
from netc.reach.net import net_of
from netc.topology.model import Topology

BAD = """
netns a { veth eth0 10.0.0.1/24 -- r:wan 10.0.0.2/24; route 10.2.0.0/24 encap mpls 100 via 10.0.0.2 }
netns r {
  forward ipv4
  veth lan 10.2.0.1/24 -- b:eth0 10.2.0.2/24
  mpls 100 dev lo
  sysctl net.mpls.conf.wan.input = 0
}
netns b { route default via 10.2.0.1 }
expect a -> 10.2.0.2
"""
GOOD = """
netns a { veth eth0 10.0.0.1/24 -- r:wan 10.0.0.2/24; route 10.2.0.0/24 encap mpls 100 via 10.0.0.2 }
netns r {
  forward ipv4
  veth lan 10.2.0.1/24 -- b:eth0 10.2.0.2/24
  mpls 100 dev lo
  sysctl net.mpls.conf.lan.input = 0
}
netns b { route default via 10.2.0.1 }
expect a -> 10.2.0.2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    said = said_sysctls(topology)
    for part in topology.parts_of(LabelRoute):
        limit = said.get((part.netns, PLATFORM_LABELS))
        if limit is not None and limit.value.isdigit() and part.label >= int(limit.value):
            yield check.find(
                limit.origin.span,
                f"this lets {part.netns.label} have no route for the label {part.label}",
                effect='the kernel would refuse the route: "Label >= configured maximum in platform_labels"',
                help=f"write {part.label + 1} or more, or leave the line out: up.sh sets what the routes need",
                labels=[Label(part.origin.span, "the route")],
            )
    told = set()
    for hop in handed(net_of(topology)):
        closed = said.get((hop.to.netns, input_path(hop.to)))
        if closed is not None and closed.value == "0" and closed not in told:
            told.add(closed)
            yield check.find(
                closed.origin.span,
                f"{hop.to.label} would take no labels, and {hop.netns.label} sends it packets with one",
                effect="they would be dropped there without a word",
                help="leave the line out: up.sh sets it to 1 where the namespace has `mpls` routes",
                labels=[Label(hop.span, "sent from here")],
            )


CHECK = Check("N462", "mpls-off", Severity.ERROR, _run, BAD, GOOD, comes_up=True)
