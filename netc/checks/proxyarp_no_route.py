"""Proxy ARP is to answer for an address that its namespace has no route to.

## What it does
Finds gateways, and other next hops of an `expect`, that nobody on the segment has, where a neighbour with `proxy-arp
on` is to answer for them, and that neighbour's namespace has no unicast route to them by another device than the one
that the request comes in by. A default route that the host may have is not counted on: the lab has to say it.

## What happens at run time
The kernel answers an ARP request for an address that it does not have only if it could forward to that address: the
route must exist, be unicast and leave by another device (kernel net/ipv4/arp.c, arp_process and arp_fwd_proxy). Else
the request is ignored: `ip neigh` shows INCOMPLETE, then FAILED, and every ping of the namespace ends in `Destination
Host Unreachable`. A host with a default route hides the mistake, which then shows on the next host: calico issues
#3270 and #7866.

Any one of these cures it: `route GATEWAY/32 dev lo` beside the proxy ARP (a `blackhole` route does not, it is not
unicast); a unicast default route by a third device; or the gateway's address itself, as a /32 on lo or on the device.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.proxyarp import proxy_failures
from netc.diagnostics import Finding, Label, Severity
from netc.reach.neighbour import Reply
from netc.topology.model import Topology

BAD = """
forward ipv4
netns ns1 {
  veth eth0 192.168.100.1/32 -- host:veth1 { proxy-arp on }
  route 169.254.1.1 dev eth0 scope link
  route default via 169.254.1.1 dev eth0
}
netns ns2 {
  veth eth0 192.168.100.2/32 -- host:veth2 { proxy-arp on }
  route 169.254.1.1 dev eth0 scope link
  route default via 169.254.1.1 dev eth0
}
route 192.168.100.1/32 dev veth1
route 192.168.100.2/32 dev veth2
expect ns1 <-> ns2
"""
GOOD = f"route 169.254.1.1/32 dev lo\n{BAD.lstrip()}"


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    told = set()
    for failure in proxy_failures(topology):
        door, ip = failure.door, failure.next_hop
        if failure.reply is not Reply.NO_PROXY_ROUTE or (door.netns, ip) in told:
            continue
        told.add((door.netns, ip))
        place = "at the top level of the file" if door.netns.is_root else f"to {door.netns.label}"
        span = topology.devices[door].settings
        labels = [Label(span["proxy-arp"].name_span, "proxy ARP is on here")] if "proxy-arp" in span else []
        yield check.find(
            failure.span,
            f"{door.netns.label} has no route to {ip}, so its proxy ARP at {door.name} does not answer for it",
            labels=labels,
            effect=f"{failure.asking.label} would never learn a MAC address for {ip}, and could send nothing by it",
            help=f"add `route {ip}/32 dev lo` {place}",
        )


CHECK = Check("N407", "proxyarp-no-route", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
