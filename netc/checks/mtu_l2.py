"""Devices of one segment take packets of different sizes

## What it does
Works out the MTU of every device, follows the broadcasts of each segment's ends, and finds the devices that drop a
packet which an end sends as a whole: ports of a bridge, the far ends of cables, children of an ipvlan's parent.

## What happens at run time
Within a segment nobody tells a sender that a packet is too large: it is dropped without a word. A device takes four
bytes more than its MTU, the size of a VLAN tag (kernel include/linux/netdevice.h, __is_skb_forwardable); a port of a
bridge not even these where br_netfilter is loaded (net/bridge/br_netfilter_hooks.c, br_nf_dev_queue_xmit; tried on
kernel 6.18). Small packets, pings above all, arrive; a connection hangs as soon as it sends much.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.narrows import narrows
from netc.diagnostics import Finding, Label, Severity
from netc.kinds import kinds
from netc.kinds.overlay import Overlay
from netc.topology.model import Topology

BAD = """
bridge br0 { subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 -- br0 { mtu 9000 } }
netns b { veth eth0 10.0.0.2/24 -- br0 }
"""
GOOD = """
bridge br0 { subnet 10.0.0.0/24 }
netns a { veth eth0 10.0.0.1/24 -- br0 { mtu 9000 } }
netns b { veth eth0 10.0.0.2/24 -- br0 { mtu 9000 } }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for narrow in narrows(topology):
        if not isinstance(kinds()[narrow.device.kind], Overlay):
            yield check.find(
                narrow.device.span,
                f"{narrow.device.key.label} takes packets of {narrow.mtu} bytes, and {narrow.end.key.label} sends "
                f"{narrow.most}",
                labels=[Label(narrow.end.span, f"MTU {narrow.most}")],
                effect="larger packets would be dropped on the way without a word; pings would still work",
                help=f"write `mtu {narrow.mtu}` at {narrow.end.key.label}, or raise the other one",
            )


CHECK = Check("N318", "mtu-l2", Severity.WARNING, _run, BAD, GOOD)
