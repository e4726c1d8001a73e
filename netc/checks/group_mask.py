"""A bridge is to forward groups that no bridge forwards

## What it does
Finds `group-fwd-mask` with a bit of STP, pause frames or LACP (0 to 2), and `port-group-fwd-mask` with the one of pause
frames (1).

## What happens at run time
Bit X stands for the group 01:80:C2:00:00:0X. The kernel refuses those masks (net/bridge/br_private.h,
BR_GROUPFWD_RESTRICTED; br_netlink.c, br_setport): up.sh fails with "Invalid argument". Pause frames speak of one cable;
STP and LACP may be let through port by port, with `port-group-fwd-mask`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import option, option_span
from netc.diagnostics import Finding, Severity
from netc.topology.model import Topology

BAD = """
bridge br0 { group-fwd-mask 0x400c }
netns a { veth eth0 -- br0 }
netns b { veth eth0 -- br0 }
"""
GOOD = """
bridge br0 { group-fwd-mask 0x4008 }
netns a { veth eth0 -- br0 { port-group-fwd-mask 0x4 } }
netns b { veth eth0 -- br0 { port-group-fwd-mask 0x4 } }
"""

_GROUPS = {0: "STP", 1: "pause frames", 2: "LACP"}
_REFUSED = {"group-fwd-mask": (0, 1, 2), "port-group-fwd-mask": (1,)}
_BY_PORT = "; STP (bit 0) and LACP (bit 2) can be let through by `port-group-fwd-mask` at each port"


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device in topology.devices.values():
        for name, bits in _REFUSED.items():
            mask = option(device, name)
            refused = [bit for bit in bits if mask is not None and mask >> bit & 1]
            if not refused:
                continue
            groups = " and ".join(_GROUPS[bit] for bit in refused)
            left = mask & ~sum(1 << bit for bit in refused)
            yield check.find(
                option_span(device, name),
                f"{name} {mask:#x} has the {'bits' if len(refused) > 1 else 'bit'} of {groups}",
                effect="up.sh would fail: the kernel refuses the mask (Invalid argument)",
                help=f"write `{name} {left:#x}`" + (_BY_PORT if set(refused) & {0, 2} else ""),
            )


CHECK = Check("N340", "group-mask", Severity.ERROR, _run, BAD, GOOD)
