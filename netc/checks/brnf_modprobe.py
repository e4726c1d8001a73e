"""A module is loaded only to switch off what it brings.

## What it does
Finds `module br_netfilter` in a lab that says `nf-call off`, or writes 0 to net.bridge.bridge-nf-call-*, and turns it
on nowhere.

## What happens at run time
Without br_netfilter, what a bridge passes on is not filtered: there is nothing to switch off, and `nf-call off` does
nothing. Loading the module turns the filtering on for every bridge of every namespace of the host, and it stays loaded
when the lab is down (kernel net/bridge/br_netfilter_hooks.c, brnf_init_net: all of it begins with 1).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
module br_netfilter
bridge br0 { nf-call off }
"""
GOOD = """
bridge br0 { nf-call off }
"""
_KEY = "bridge-nf-call-"


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    said = [d.settings["nf-call"].value for d in topology.devices.values() if "nf-call" in d.settings]
    written = [sysctl for sysctl in topology.sysctls if sysctl.path[-1].startswith(_KEY)]
    said += [sysctl.value != "0" for sysctl in written]
    if not said or any(said):
        return
    for module in topology.modules:
        if module.name.replace("-", "_") == "br_netfilter":
            yield check.find(
                module.span,
                "the lab loads br_netfilter and switches off all that it does",
                effect="it would filter bridged packets in every namespace that does not switch it off, and stay "
                "loaded after down.sh",
                help="leave out the `module` statement: `nf-call off` does what is needed where it is loaded already",
            )


CHECK = Check("N434", "brnf-modprobe", Severity.WARNING, _run, BAD, GOOD)
