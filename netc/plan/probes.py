"""Expectations to the pings of verify.sh."""

from __future__ import annotations

import math
from collections.abc import Iterator

from netc.parts.impair import journey
from netc.plan.step import Probe
from netc.topology.model import End, Expected, IPAddress, Topology


def probes_of(topology: Topology, machine: str) -> tuple[Probe, ...]:
    """Return the pings that prove what a machine's namespaces are expected to reach.

    Answered ones come first, since they let addresses settle.
    """
    found = [probe for probe in _probes(topology) if probe.source.machine == machine]
    return tuple(sorted(found, key=lambda probe: probe.expectation.expected is Expected.UNANSWERED))


def _probes(topology: Topology) -> Iterator[Probe]:
    for expectation in topology.expectations:
        sources, targets = (_addresses(end, topology) for end in (expectation.source, expectation.target))
        for family in (4, 6):
            silent = expectation.expected is Expected.UNANSWERED and not sources
            if family in targets and (family in sources or silent):
                said = expectation.source.device is not None or expectation.source.ip is not None
                interface = str(sources[family]) if said and family in sources else None
                octets = max(1514, expectation.mtu or 0)  # a full frame of Ethernet, if nothing larger is sent
                way = journey(topology, expectation.source.netns, expectation.target.netns, octets)
                wait = 1 + math.ceil(way.seconds)
                source, target = expectation.source.netns, targets[family]
                yield Probe(expectation, source, target, interface, wait, way.arriving, way.attempts)


def _addresses(end: End, topology: Topology) -> dict[int, IPAddress]:
    """Return an end's first address of each family."""
    if end.ip is not None:
        return {end.ip.version: end.ip}
    found: dict[int, IPAddress] = {}
    for address, device in topology.addresses_of(end.netns):
        if end.device in {None, device.key}:
            found.setdefault(address.ip.version, address.ip)
    return found
