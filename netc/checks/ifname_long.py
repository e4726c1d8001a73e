"""A device's name is longer than the kernel takes.

## What it does
Counts the bytes of every device's name as it will be on the host: with the lab's name prefix, and with what netc adds
where it makes up the name of an end. More than 15 is an error.

## What happens at run time
`ip link add` ends in `argument "..." is wrong: "name" not a valid ifname`, and up.sh takes everything back. The
kernel's limit is IFNAMSIZ, 16 bytes with the closing zero (kernel include/uapi/linux/if.h). Programs that shorten
names themselves have met in the same short name, or cut the suffix off that told two links apart: mininet issue
#1133, systemd issue #13417.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import LONGEST_DEVICE, Fault, bad_names, said_name
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth eth0 10.0.0.1/24 -- host:to-namespace-one 10.0.0.2/24 }
"""
GOOD = """
netns ns1 { veth eth0 10.0.0.1/24 -- host:to-ns1 10.0.0.2/24 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bad in bad_names(topology, Fault.LONG):
        added = len(bad.name) - len(said_name(topology, bad.device))
        prefix = f" with the lab's prefix `{topology.lab.prefix}`" if added else ""
        yield check.find(
            bad.span,
            f"the device name {bad.shown} is {len(bad.name)} bytes long{prefix}",
            effect="the kernel takes 15 bytes at most: `ip link add` would refuse the name",
            help=_help(LONGEST_DEVICE - added, bool(added)),
        )


def _help(most: int, prefixed: bool) -> str:
    if most < 1:
        return "use a shorter name prefix"
    return f"use a name of at most {most} bytes" + (", or a shorter name prefix" if prefixed else "")


CHECK = Check("N101", "ifname-long", Severity.ERROR, _run, BAD, GOOD)
