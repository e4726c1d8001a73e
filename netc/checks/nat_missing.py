"""A private address asks a public one, and the answer finds no way back: nobody translates it.

## What it does
Walks every expected ping from a private address (RFC 1918, RFC 4193) to a public one. Where the request arrives, and
the answer ends for want of a route back to the private address, N430 tells, in place of N402. Where a router on the
way has given the request a source that can be answered, there is nothing to tell.

## What happens at run time
The request arrives with its private source. Whoever is outside has no route for it, as nobody has who is not of the
same house, and drops the answer: `100% packet loss`, while tcpdump on the far side shows the request. A router that
masquerades gives it a source that the outside can answer (RFC 3022). See moby issue #41795.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.missing import Missing, missing_translations
from netc.diagnostics import Finding, Severity
from netc.reach.net import net_of
from netc.topology.model import DeviceKey, IPAddress, NetnsKey, Topology

BAD = """
netns client { veth eth0 192.168.1.10/24 -- router:lan 192.168.1.1/24; route default via 192.168.1.1 }
netns router { forward ipv4; veth wan 203.0.113.2/24 -- outside:eth0 203.0.113.1/24 }
netns outside
expect client -> outside
"""
GOOD = """
netns client { veth eth0 192.168.1.10/24 -- router:lan 192.168.1.1/24; route default via 192.168.1.1 }
netns router {
  forward ipv4
  veth wan 203.0.113.2/24 -- outside:eth0 203.0.113.1/24
  masquerade 192.168.1.0/24 out wan
}
netns outside
expect client -> outside
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for missing in missing_translations(topology):
        source, target = missing.test.expectation.source, missing.test.expectation.target
        yield check.find(
            source.span,
            f"{target.netns.label} cannot answer {missing.walk.target}, the private address of {source.netns.label}",
            effect=f"the request would arrive at {target.netns.label}, which has no route back",
            help=_help(topology, missing),
        )


def _help(topology: Topology, missing: Missing) -> str:
    """Name the router whose device is the last before the target, and what it should say."""
    private = missing.walk.target
    hops = missing.test.ping.there.hops
    last = hops[-2] if len(hops) > 1 else hops[-1]
    device: DeviceKey | None = None if last.entry is None else last.entry.device
    out = "DEVICE" if device is None else device.name
    where = "at the top level of the file" if last.netns.is_root else f"to {last.netns.label}"
    return f"add `masquerade {_subnet(topology, missing.test.expectation.source.netns, private)} out {out}` {where}"


def _subnet(topology: Topology, netns: NetnsKey, ip: IPAddress) -> str:
    for device in net_of(topology).holders.get(ip, ()):
        for address in device.addresses:
            if device.netns == netns and address.ip == ip:
                return str(address.interface.network)
    return str(ip)


CHECK = Check("N430", "nat-missing", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
