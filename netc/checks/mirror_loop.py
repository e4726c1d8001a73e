"""Mirrors copy each other's copies.

## What it does
Follows the mirrors of what goes out: a copy goes out by the second device, where another mirror may copy it. Where
that leads back to a device that it came from, or a device's copies leave by itself, it is a circle.

## What happens at run time
Every packet is copied again and again, until the kernel breaks the circle off after a few rounds (kernel
net/sched/act_mirred.c, MIRRED_NEST_LIMIT), with a line in its log for each. Whoever listens sees everything several
times.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.parts.mirror import Mirror
from netc.topology.model import DeviceKey, Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
  veth eth1 10.0.1.1/24 -- ns2:eth1 10.0.1.2/24
  mirror eth0 to eth1
  mirror eth1 to eth0
}
netns ns2
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
  veth eth1 10.0.1.1/24 -- ns2:eth1 10.0.1.2/24
  mirror eth0 to eth1
  mirror eth1 to eth0 ingress
}
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    leads: dict[DeviceKey, set[DeviceKey]] = {}
    for mirror in topology.parts_of(Mirror):
        if not mirror.egress:
            continue
        leads.setdefault(mirror.device, set()).add(mirror.to)
        if mirror.device in _reached(leads, mirror.to):
            itself = mirror.device == mirror.to
            yield check.find(
                mirror.to_span,
                f"the copies of {mirror.device.name} leave by {mirror.device.name}"
                if itself
                else f"what is copied to {mirror.to.name} is copied back to {mirror.device.name}",
                effect="every packet would be copied several times, until the kernel breaks the loop",
                help=f"copy only what comes in: `mirror {mirror.device.name} to {mirror.to.name} ingress`",
            )


def _reached(leads: dict[DeviceKey, set[DeviceKey]], start: DeviceKey) -> set[DeviceKey]:
    found, waiting = {start}, [start]
    while waiting:
        for key in leads.get(waiting.pop(), set()) - found:
            found.add(key)
            waiting.append(key)
    return found


CHECK = Check("N439", "mirror-loop", Severity.ERROR, _run, BAD, GOOD)
