"""What of a topology concerns each of its machines, so that a plan costs what its own machine holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from netc.topology.model import Device, NetnsKey, Topology

_OF_NETNS = ("routes", "rules", "neighbours", "sysctls", "forwards", "processes", "parts")


def slices(topology: Topology) -> Iterator[tuple[str, Topology]]:
    """Yield each machine with the part of the topology that its plan is made from.

    Of other machines it holds only the namespaces that the machine's own are expected to reach.
    """
    if len(topology.machines) == 1:
        yield topology.machines[0], topology
        return
    kept: dict[str, dict[str, list[Any]]] = {
        machine: {name: [] for name in (*_OF_NETNS, "modules", "expectations")} for machine in topology.machines
    }
    for name in _OF_NETNS:
        for item in getattr(topology, name):
            kept[item.netns.machine][name].append(item)
    for module in topology.modules:
        kept[module.machine]["modules"].append(module)
    for expectation in topology.expectations:
        kept[expectation.source.netns.machine]["expectations"].append(expectation)
    own: dict[str, list[NetnsKey]] = {machine: [] for machine in topology.machines}
    for key in topology.netnses:
        own[key.machine].append(key)
    devices: dict[str, list[Device]] = {machine: [] for machine in topology.machines}
    for device in topology.devices.values():
        devices[device.netns.machine].append(device)
    for machine, found in kept.items():
        reached = dict.fromkeys(expectation.target.netns for expectation in found["expectations"])
        others = [device for key in reached for device in topology.devices_in(key)]
        fields: dict[str, Any] = {name: tuple(items) for name, items in found.items()}
        fields["netnses"] = {key: topology.netnses[key] for key in (*own[machine], *reached)}
        fields["devices"] = {device.key: device for device in (*devices[machine], *others)}
        yield machine, replace(topology, **fields)
