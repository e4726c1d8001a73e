"""A filter for routed packets may drop those that a bridge passes on between its ports.

## What it does
Finds a bridge with two ports or more and a `filter forward drop` (or `reject`) of its namespace that takes packets
from port to port: one that names no other device, and has no `accept` before it that takes them first. With
`nf-call off` a bridge is out of the filter's way.

## What happens at run time
Where the module br_netfilter is loaded, docker does that, IP packets between two ports of a bridge pass the chains of
inet tables, with the bridge as the device that they come in and go out by; without it they do not. So the lab works on
one host and not on the next: ARP is answered, and every ping is lost (kernel net/bridge/br_netfilter_hooks.c,
br_nf_forward; net.bridge.bridge-nf-call-iptables is 1 unless someone sets it). See moby issues #39439 and #48365.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.parts.match import Match, OneOf
from netc.parts.table import Chain, Filter, TableRule, Verdict
from netc.topology.model import Device, NetnsKey, Topology

BAD = """
bridge br0
netns ns1 { veth eth0 10.0.0.1/24 -- br0 }
netns ns2 { veth eth0 10.0.0.2/24 -- br0 }
filter forward drop
expect ns1 <-> ns2
"""
GOOD = """
bridge br0
netns ns1 { veth eth0 10.0.0.1/24 -- br0 }
netns ns2 { veth eth0 10.0.0.2/24 -- br0 }
filter forward accept in br0 out br0
filter forward drop
expect ns1 <-> ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    rules: dict[NetnsKey, list[TableRule]] = {}
    for rule in topology.parts_of(TableRule):
        if rule.chain is Chain.FORWARD:
            rules.setdefault(rule.netns, []).append(rule)
    for device in (device for netns in rules for device in topology.devices_in(netns)):
        switched = device.settings.get("nf-call")
        if device.kind != "bridge" or len(topology.ports_of(device.key)) < 2:
            continue
        if switched is not None and switched.value is False:
            continue
        stopping = _stopping(device, rules[device.netns])
        if stopping is not None:
            loaded = "" if switched is not None else "where br_netfilter is loaded, "
            yield check.find(
                stopping.origin.span,
                f"the rule takes packets between the ports of {device.name} as well",
                effect=f"{loaded}it stops them: ARP is answered, and pings are not",
                help=f"write `filter forward accept in {device.name} out {device.name}` before it, "
                f"or `nf-call off` in the block of {device.name}",
                labels=[Label(device.span, "the bridge")],
            )


def _stopping(bridge: Device, rules: list[TableRule]) -> Filter | None:
    """Return the first rule that stops some packet from one port of a bridge to another, and that surely does."""
    accepted: list[Match] = []
    for rule in rules:
        if not isinstance(rule, Filter):
            return None  # what a rule in nft's words lets through is not known
        bridged = _between_ports(rule.match, bridge)
        if bridged is None:
            continue
        if rule.verdict is Verdict.ACCEPT:
            accepted.append(rule.match)
        elif not any(match.covers(bridged) for match in accepted):
            return rule
    return None


def _between_ports(match: Match, bridge: Device) -> Match | None:
    """Return the part of a match that comes in and goes out by a bridge, or None if nothing of it does."""
    for one in (match.in_device, match.out_device):
        if one is not None and (bridge.key in one.values) == one.negated:
            return None
    return replace(match, in_device=OneOf((bridge.key,)), out_device=OneOf((bridge.key,)))


CHECK = Check("N433", "brnf-drop", Severity.WARNING, _run, BAD, GOOD)
