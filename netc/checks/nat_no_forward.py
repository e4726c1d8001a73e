"""A namespace translates what passes through it, and lets nothing pass.

## What it does
Finds `masquerade`, and `nat snat` or `nat masquerade` of sources that the namespace does not have itself, or would not
get another address for when it sends by the device that the rule asks for, and `nat dnat` to an address that is not
its own, where no device of the namespace forwards the family in question and no program runs that could change that.
Where a rule translates what the namespace itself sends for one of the lab's `expect`, there is nothing to tell, and
where N401 tells already, neither.

## What happens at run time
A packet that is not for the namespace itself is dropped before its source would be translated, and one whose
destination has been translated right after (kernel net/ipv4/route.c, ip_route_input_slow): NAT needs a router under it.
On the host forwarding may be on by chance, docker sees to that; a lab says what it relies on.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.no_forward import idle_routers
from netc.diagnostics import Finding, Severity
from netc.parts.table import Nat, Translation
from netc.reach.entry import EntryType
from netc.reach.hooks import Change, masquerading
from netc.reach.hop import Walk
from netc.reach.net import Net, net_of
from netc.reach.pings import tests_of
from netc.reach.rules import Flow
from netc.reach.source import select_source
from netc.topology.model import IPAddress, NetnsKey, Topology

BAD = """
netns client { veth eth0 10.0.0.2/24 -- router:lan 10.0.0.1/24 }
netns router {
  veth wan 203.0.113.2/24 -- outside:eth0 203.0.113.1/24
  masquerade 10.0.0.0/24 out wan
}
netns outside
"""
GOOD = """
netns client { veth eth0 10.0.0.2/24 -- router:lan 10.0.0.1/24 }
netns router {
  forward ipv4
  veth wan 203.0.113.2/24 -- outside:eth0 203.0.113.1/24
  masquerade 10.0.0.0/24 out wan
}
netns outside
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    told = set(idle_routers(topology))
    used = {change.rule for test in tests_of(topology) for walk in test.ping.walks for change in _changes(walk)}
    for rule in topology.parts_of(Nat):
        family = None if rule in used else _passing(net, rule)
        if family is None or (rule.netns, family) in told or _may_forward(net, rule.netns, family):
            continue
        told.add((rule.netns, family))
        where = "at the top level of the file" if rule.netns.is_root else f"to {rule.netns.label}"
        yield check.find(
            rule.origin.span,
            f"{rule.netns.label} does not forward IPv{family}, and so has nothing to translate",
            effect="it would drop every packet that this rule is for",
            help=f"add `forward ipv{family}` {where}",
        )


def _changes(walk: Walk) -> Iterator[Change]:
    """Yield what tables change of a packet on its way."""
    return (change for hop in walk.hops for change in hop.changes)


def _passing(net: Net, rule: Nat) -> int | None:
    """Return the family of the packets on their way through that a rule is for, or None if others may be meant."""
    if rule.translation is Translation.DNAT and rule.ip is not None:
        entry = net.fibs[rule.netns].lookup(Flow(rule.ip))
        return None if entry is not None and entry.type is EntryType.LOCAL else rule.ip.version
    source = rule.match.source
    if rule.translation not in {Translation.MASQUERADE, Translation.SNAT} or source is None or source.negated:
        return None
    if rule.match.out_device is None:
        own = any(ip in subnet for ip in _addresses(net, rule.netns) for subnet in source.values)
    else:
        own = any(ip in subnet for ip in _changed(net, rule) for subnet in source.values)
    return None if own else source.values[0].version


def _addresses(net: Net, netns: NetnsKey) -> Iterator[IPAddress]:
    return (address.ip for address, _ in net.topology.addresses_of(netns))


def _changed(net: Net, rule: Nat) -> Iterator[IPAddress]:
    """Yield the addresses that the namespace sends from by the device that a rule asks for, if it gets another one."""
    wanted = rule.match.out_device
    for table in net.fibs[rule.netns].tables.values():
        for entry in table.entries():
            device, target = entry.device, entry.prefix.network_address
            fits = wanted is not None and (device in wanted.values) != wanted.negated
            if device is None or entry.type is not EntryType.UNICAST or not fits:
                continue
            source = select_source(net, rule.netns, target, entry)
            given = rule.ip or masquerading(net, device, target, entry.next_hop(target))
            if source not in {None, given} and source is not None:
                yield source


def _may_forward(net: Net, netns: NetnsKey, family: int) -> bool:
    devices = net.topology.devices_in(netns)
    return netns in net.unsettled or any(net.switches.forwards(device.key, family) for device in devices)


CHECK = Check("N443", "nat-no-forward", Severity.WARNING, _run, BAD, GOOD, whole=True)
