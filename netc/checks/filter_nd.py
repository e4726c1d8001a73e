"""A filter stops neighbour discovery, and with it all of IPv6.

## What it does
Finds `filter input drop` or `filter output drop` (or `reject`) that takes neighbour solicitations or advertisements, in
a namespace whose devices have IPv6 addresses, and with no `accept` before it that takes them first. Where an
expectation fails for a rule of that chain, N416 tells.

## What happens at run time
IPv6 finds a neighbour's MAC address with ICMPv6, which passes the filter like everything else; IPv4's ARP does not. The
kernel sends solicitations, no answer comes, and after three seconds every packet ends in "Address unreachable" (RFC
4861; RFC 4890, section 4.4.1, what a firewall must not drop). Connection tracking does not help: these packets are not
`established`.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.filtered import rules_told
from netc.diagnostics import Finding, Severity
from netc.parts.match import Match
from netc.parts.table import Chain, Filter, TableRule, Verdict
from netc.topology.model import Made, NetnsKey, Topology

BAD = """
netns ns1 {
  veth eth0 fd00::1/64 -- ns2:eth0 fd00::2/64
  filter input accept established
  filter input drop
}
netns ns2
"""
GOOD = """
netns ns1 {
  veth eth0 fd00::1/64 -- ns2:eth0 fd00::2/64
  filter input accept established
  filter input accept icmpv6
  filter input drop
}
netns ns2
"""
_SENT = tuple(
    Match(family=6, protocol="icmpv6", icmp_type=kind) for kind in ("nd-neighbor-solicit", "nd-neighbor-advert")
)


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    accepted: dict[tuple[NetnsKey, Chain], list[Match]] = {}
    told: set[tuple[NetnsKey, Chain]] = {(rule.netns, rule.chain) for rule in rules_told(topology)}
    for rule in topology.parts_of(TableRule):
        place = (rule.netns, rule.chain)
        if not isinstance(rule, Filter):
            told.add(place)  # what a rule in nft's words lets through is not known
            continue
        if rule.chain is Chain.FORWARD or not _has_ipv6(topology, rule.netns) or place in told:
            continue
        before = accepted.setdefault(place, [])
        if rule.verdict is Verdict.ACCEPT:
            before.append(rule.match)
            continue
        anywhere = _anywhere(rule.match)
        stopped = [sent for sent in _SENT if anywhere.covers(sent) and not any(_lets(m, sent) for m in before)]
        if stopped:
            told.add(place)
            yield check.find(
                rule.origin.span,
                f"the rule stops the neighbour discovery of {rule.netns.label}",
                effect='IPv6 would not find a neighbour: every packet ends in "Address unreachable"',
                help=f"write `filter {rule.chain} accept icmpv6` before it",
            )


def _anywhere(match: Match) -> Match:
    """Return a match without its devices: on those it names, it stops what it stops."""
    return Match(
        match.family,
        match.source,
        match.destination,
        match.protocol,
        match.icmp_type,
        match.source_ports,
        match.ports,
        states=match.states,
        mark=match.mark,
    )


def _lets(match: Match, sent: Match) -> bool:
    """Whether a match may let some of these packets pass, on whatever device."""
    return (
        match.family in {None, 6}
        and match.protocol in {None, "icmpv6"}
        and not match.states
        and (match.icmp_type in {None, sent.icmp_type})
    )


def _has_ipv6(topology: Topology, netns: NetnsKey) -> bool:
    devices = [device for device in topology.devices_in(netns) if device.made is not Made.KERNEL]
    return any(address.ip.version == 6 for device in devices for address in device.addresses)


CHECK = Check("N444", "filter-nd", Severity.WARNING, _run, BAD, GOOD)
