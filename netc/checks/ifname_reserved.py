"""A device has a name that the kernel keeps for itself.

## What it does
Finds devices called `all` or `default`. Words of the `ip` command itself (`dev`, `via`, `up`) are fine as names: the
scripts write `dev X` and `name X` everywhere, so that a name is never read as a keyword.

## What happens at run time
`all` and `default` are directories of /proc/sys/net/ipv4/conf and ipv6/conf, beside one directory for each device.
The kernel refuses both names: `RTNETLINK answers: Invalid argument` (kernel net/ipv4/devinet.c,
devinet_sysctl_register).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import Fault, bad_names
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 { veth default 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
GOOD = """
netns ns1 { veth dev 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for bad in bad_names(topology, Fault.RESERVED):
        yield check.find(
            bad.span,
            f"no device can be called `{bad.name}`",
            effect=f"the kernel keeps `{bad.name}` for the settings of all devices: `ip link add` would be refused",
            help="choose another name, such as `eth0`",
        )


CHECK = Check("N103", "ifname-reserved", Severity.ERROR, _run, BAD, GOOD)
