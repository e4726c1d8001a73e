"""The largest packet that passes is not as large as the lab says.

## What it does
Walks the request and the reply of every `expect A -> B mtu N`, and finds the smallest MTU on the way: of the devices
that packets leave by, of the routes' `mtu`, and of the ports and cables on layer 2.

## What happens at run time
A larger packet with DF is refused by the sender itself (`message too long`), or by a router, which tells the sender
(ICMP type 3 code 4, ICMPv6 type 2). On layer 2 it is dropped without a word, which nobody finds out but by its
absence; the kernel lets four bytes more than the MTU pass there, the size of a VLAN tag. Kernel net/ipv4/ip_forward.c,
net/ipv6/ip6_output.c, net/core/dev.c (__dev_forward_skb).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.reach.net import net_of
from netc.reach.pings import tests_of
from netc.reach.sizes import limit_of
from netc.reach.wire import mtu_of
from netc.topology.model import Topology

BAD = """
netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24; route default via 10.1.0.1 }
netns b { veth e 10.2.0.2/24 { mtu 1400 } -- r:b 10.2.0.1/24; route default via 10.2.0.1 }
netns r { forward ipv4 }
expect a -> b mtu 1500
"""
GOOD = BAD.replace("mtu 1500", "mtu 1400")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for test in tests_of(topology):
        ends = test.expectation
        if not test.wanted or ends.mtu is None or not test.ping.answered:
            continue
        limit = limit_of(net, test.ping)
        if limit is None or limit.size == ends.mtu:
            continue
        few = limit.size < ends.mtu
        passes = f"a packet of {ends.mtu} bytes would not pass" if few else "a larger packet would pass as well"
        is_its_own = mtu_of(topology, limit.device) == limit.size
        sets = f"has an MTU of {limit.size}" if is_its_own else f"sets the limit, {limit.size} bytes"
        apart = f"between {ends.source.netns.label} and {ends.target.netns.label}"
        yield check.find(
            ends.target.span,
            f"{'only packets' if few else 'packets'} of up to {limit.size} bytes pass {apart}",
            effect=f"{limit.device.label} {sets}: {passes}, and verify.sh would fail",
            help=f"write `mtu {limit.size}`, or change the MTU of {limit.device.label}",
        )


CHECK = Check("N413", "expect-mtu", Severity.ERROR, _run, BAD, GOOD, whole=True, comes_up=True)
