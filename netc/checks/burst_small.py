"""A bucket is smaller than a packet.

## What it does
Compares the `burst` of `impair` with the size of a full frame: the device's MTU, 1500 bytes where the lab says none,
and 14 bytes of Ethernet's header. An uplink without `mtu` is left out.

## What happens at run time
tbf drops every packet that is larger than its bucket, however long one waits: small pings pass, and everything that
sends full packets hangs (tc-tbf(8), `burst`; kernel net/sched/sch_tbf.c, tbf_enqueue).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.kinds.common import MTU
from netc.parts.impair import Impair
from netc.topology.model import Made, Topology

BAD = """
netns ns1 {
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
  impair eth0 { rate 1mbit; burst 1000 }
}
netns ns2
"""
GOOD = """
netns ns1 {
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
  impair eth0 { rate 1mbit; burst 3000 }
}
netns ns2
"""
_HEADER = 14  # octets: two addresses and a type, IEEE 802.3


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for impair in topology.parts_of(Impair):
        device = topology.devices[impair.device]
        mtu = MTU.of(device) or (None if device.made in {Made.OTHERS, Made.KERNEL} else 1500)
        if impair.burst is not None and mtu is not None and impair.burst < mtu + _HEADER:
            yield check.find(
                impair.spans["burst"],
                f"a full packet of {device.name} has {mtu + _HEADER} bytes, and the bucket {impair.burst}",
                effect="packets that do not fit would be dropped without a word, and connections would hang",
                help=f"write `burst {2 * (mtu + _HEADER)}` or more, or leave it out",
            )


CHECK = Check("N441", "burst-small", Severity.WARNING, _run, BAD, GOOD)
