"""A parameter turns the filtering of bridged packets on, and a bridge of the same namespace turns it off.

## What it does
Finds `sysctl net.bridge.bridge-nf-call-* = 1` in a namespace that has a bridge with `nf-call off`.

## What happens at run time
The kernel filters what a bridge passes on if either the namespace's parameter or the bridge's own switch is on (kernel
net/bridge/br_netfilter_hooks.c, br_nf_pre_routing). So `nf-call off` has to write 0 to the parameter, and it does so
after the namespace's `sysctl` statements: the 1 is gone, and no bridge of the namespace is filtered.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology

BAD = """
netns ns1 {
  sysctl net.bridge.bridge-nf-call-iptables = 1
  bridge br0 { nf-call off }
  bridge br1
}
"""
GOOD = """
netns ns1 {
  sysctl net.bridge.bridge-nf-call-iptables = 0
  bridge br0
  bridge br1 { nf-call on }
}
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for sysctl in topology.sysctls:
        if sysctl.path[:2] != ("net", "bridge") or sysctl.value == "0" or "bridge-nf-call-" not in sysctl.path[-1]:
            continue
        for device in topology.devices_in(sysctl.netns):
            setting = device.settings.get("nf-call")
            if setting is not None and setting.value is False:
                yield check.find(
                    sysctl.origin.span,
                    f"{sysctl.key} is set, and {device.name} switches it off again",
                    effect=f"no bridge of {sysctl.netns.label} would be filtered: the parameter holds for all of them",
                    help="write 0 here, and `nf-call on` for the bridges that shall be filtered",
                    labels=[Label(setting.name_span.until(setting.span), "writes 0 to it")],
                )
                break


CHECK = Check("N435", "brnf-per-bridge", Severity.WARNING, _run, BAD, GOOD)
