"""A gateway that nobody has needs proxy ARP at the far end, and it is off there.

## What it does
Finds gateways to which the lab has a route of their own (`route 169.254.1.1 dev eth0 scope link`), which nobody on
that link has, and for which nobody can answer: the far end lacks `proxy-arp on`, or does not forward IPv4.

## What happens at run time
Nobody answers the ARP request: `ip neigh` shows INCOMPLETE, then FAILED, and every ping ends in `Destination Host
Unreachable`. Proxy ARP needs both switches, its own and forwarding on the device that the request comes in by (kernel
net/ipv4/arp.c, arp_process: IN_DEV_FORWARD; Documentation/networking/ip-sysctl.rst, proxy_arp).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.proxyarp import Failure, proxy_failures
from netc.diagnostics import Finding, Label, Severity
from netc.reach.neighbour import Reply
from netc.topology.model import Topology

BAD = """
forward ipv4
route 169.254.1.1/32 dev lo
netns ns1 {
  veth eth0 192.168.100.1/32 -- host:veth1
  route 169.254.1.1 dev eth0 scope link
  route default via 169.254.1.1 dev eth0
}
route 192.168.100.1/32 dev veth1
"""
GOOD = BAD.replace("host:veth1", "host:veth1 { proxy-arp on }")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    told: set[object] = set()
    for failure in proxy_failures(topology):
        forwards = failure.reply is not Reply.NO_PROXY_FORWARD
        cause = failure.door if forwards else failure.door.netns
        if failure.reply is Reply.NO_PROXY_ROUTE or cause in told:
            continue
        told.add(cause)
        yield _finding(check, topology, failure, forwards)


def _finding(check: Check, topology: Topology, failure: Failure, forwards: bool) -> Finding:
    door = failure.door
    if forwards:
        message = f"nobody answers for the gateway {failure.next_hop}: proxy ARP is off at {door.label}"
        help = f"write `{{ proxy-arp on }}` after {door.name}, in the statement of the link"
    else:
        message = f"nobody answers for the gateway {failure.next_hop}: {door.netns.label} does not forward IPv4"
        place = "at the top level of the file" if door.netns.is_root else f"to {door.netns.label}"
        help = f"add `forward ipv4` {place}"
    return check.find(
        failure.span,
        message,
        labels=[Label(topology.devices[door].span, "the far end")],
        effect=f"{failure.asking.label} would never learn a MAC address for it, and could send nothing by it",
        help=help,
    )


CHECK = Check("N408", "proxyarp-off", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
