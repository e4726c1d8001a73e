"""What hangs on a tunnel sends larger packets than it takes

## What it does
Finds segments with a tunnel as a port of a bridge, where an end has a larger MTU than the tunnel: that of the device
below it, less 50 bytes for VXLAN and GENEVE, 38 for GRETAP, and 20 more over IPv6.

## What happens at run time
The bridge drops frames that are too large for the port, without a word (kernel net/bridge/br_forward.c,
br_dev_queue_push_xmit, is_skb_forwardable): pings work, and a connection hangs as soon as it sends much. calico#8953.
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
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  bridge br0 { subnet 10.0.0.0/24 }
  vxlan vx0 on eth0 { id 1; dstport 4789; remote 192.168.0.2; master br0 }
  veth br0:p1 -- a:eth0 10.0.0.1/24
}
netns h2 {
  bridge br0
  vxlan vx0 on eth0 { id 1; dstport 4789; remote 192.168.0.1; master br0 }
  veth br0:p1 -- b:eth0 10.0.0.2/24
}
netns a
netns b
"""
GOOD = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  bridge br0 { subnet 10.0.0.0/24 }
  vxlan vx0 on eth0 { id 1; dstport 4789; remote 192.168.0.2; master br0 }
  veth br0:p1 -- a:eth0 10.0.0.1/24 { mtu 1450 }
}
netns h2 {
  bridge br0
  vxlan vx0 on eth0 { id 1; dstport 4789; remote 192.168.0.1; master br0 }
  veth br0:p1 -- b:eth0 10.0.0.2/24 { mtu 1450 }
}
netns a
netns b
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for narrow in narrows(topology):
        if isinstance(kinds()[narrow.device.kind], Overlay):
            yield check.find(
                narrow.end.span,
                f"{narrow.end.key.label} sends packets of {narrow.most} bytes, and {narrow.device.key.label} takes "
                f"{narrow.mtu}",
                labels=[Label(narrow.device.span, f"MTU {narrow.mtu}")],
                effect="larger packets would be dropped at the tunnel without a word; pings would still work",
                help=f"write `mtu {narrow.mtu}` at the link of {narrow.end.key.label}",
            )


CHECK = Check("N319", "mtu-overlay", Severity.WARNING, _run, BAD, GOOD)
