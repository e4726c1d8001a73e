"""An uplink is to be changed

## What it does
Finds options of an `uplink` that would change the device: its master, its MAC address, its kernel parameters.

## What happens at run time
Nothing: the device is others', and a lab only looks at it. Joined to a bridge, a host's NIC would lose the addresses
that it is reached by (kernel net/bridge/br_input.c, br_handle_frame: what comes in by a port goes to the bridge).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import option, option_span
from netc.diagnostics import Finding, Severity
from netc.kinds.common import SYSCTLS
from netc.topology.model import Made, Topology

BAD = """
bridge br0
uplink eth1 { master br0 }
netns a { veth eth0 10.0.0.1/24 -- br0 }
"""
GOOD = """
uplink eth1 10.0.0.9/24
netns a { macvlan eth0 10.0.0.1/24 on eth1 { mode bridge } }
"""
_CHANGING = ("master", "mac", *(one.name for one in SYSCTLS))


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device in topology.devices.values():
        for name in _CHANGING if device.made is Made.OTHERS else ():
            if option(device, name) is not None:
                yield check.find(
                    option_span(device, name),
                    f"`{name}` would change {device.name}, which is not the lab's",
                    effect="it would be passed over: an uplink is only looked at",
                    help="leave it out; a macvlan on the uplink brings the lab onto its wire",
                )


CHECK = Check("N340", "uplink-changed", Severity.ERROR, _run, BAD, GOOD)
