"""A parameter is set for `all` devices, and none of them looks there.

## What it does
Finds `sysctl net.ipv6.conf.all.KEY` for keys that the kernel reads from each device alone.

## What happens at run time
The write is accepted, and nothing changes: `all` is not copied to the devices, and for these keys it is not consulted
either. A new device takes its value from `default` (kernel net/ipv6/addrconf.c, ipv6_add_dev; net/ipv6/ndisc.c,
ndisc_router_discovery reads the device's own accept_ra).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 {
  sysctl net.ipv6.conf.all.accept_ra = 0
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
}
netns ns2
"""
GOOD = """
netns ns1 {
  sysctl net.ipv6.conf.default.accept_ra = 0
  veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24
}
netns ns2
"""
#: Keys of net.ipv6.conf that are read from the device, or from `default` when it is made, and never from `all`.
_OWN = frozenset(
    {
        "accept_ra",
        "accept_ra_defrtr",
        "accept_ra_pinfo",
        "accept_ra_rtr_pref",
        "accept_redirects",
        "autoconf",
        "dad_transmits",
        "hop_limit",
        "router_solicitations",
        "use_tempaddr",
    }
)


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for sysctl in topology.sysctls:
        *conf, scope, key = sysctl.path
        if conf != ["net", "ipv6", "conf"] or scope != "all" or key not in _OWN:
            continue
        where = "a `sysctl` for each device"
        if not sysctl.netns.is_root:
            where = (
                f"`sysctl net.ipv6.conf.default.{key} = {sysctl.value}`: the lab's devices take it when they are made"
            )
        yield check.find(
            sysctl.origin.span,
            f"`all` has no effect on {key}: no device of {sysctl.netns.label} reads it from there",
            effect="the write would be accepted, and every device would keep the value that it has",
            help=f"write {where}",
        )


CHECK = Check("N437", "all-vs-default", Severity.WARNING, _run, BAD, GOOD)
