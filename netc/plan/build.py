"""Topology to Plan: collects the steps of one machine and puts them in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netc.kinds import kinds
from netc.kinds.base import Making, address_step, object_name
from netc.kinds.order import creation_order
from netc.parts import planners
from netc.plan.host import host_changes, preflight_of
from netc.plan.mark import mark_of
from netc.plan.probes import probes_of
from netc.plan.routes import neighbour_steps, route_steps, rule_steps
from netc.plan.settings import forward_steps, sysctl_steps
from netc.plan.step import (
    EndProcesses,
    Inverse,
    Kept,
    NetnsLook,
    Observation,
    Plan,
    Row,
    Stage,
    Step,
)
from netc.topology.model import Made, Module, NetnsKey, Topology
from netc.topology.values import spelled


def build_plan(topology: Topology, machine: str) -> Plan:
    """Return what the scripts of `machine` do. The topology has no error findings: names are harmless."""
    making = Making(topology, mark_of(topology.lab.name), kinds())
    found = list(_steps(making, machine))
    steps = tuple(sorted(found, key=lambda step: step.stage))  # stable: within a stage the order is that of `_steps`
    preflight = preflight_of(making, machine, steps)
    return Plan(
        lab=topology.lab,
        machine=machine,
        alone=len(topology.machines) == 1,
        mark=making.mark,
        steps=steps,
        netnses=tuple(key.netns for key in _netnses(topology, machine)),
        host_devices=preflight.devices,
        taken=preflight.taken,
        uplinks=preflight.uplinks,
        needs=preflight.needs,
        kinds=preflight.kinds,
        modules=tuple((module.name, module.origin) for module in _modules(topology, machine)),
        tools=preflight.tools,
        probes=probes_of(topology, machine),
        table=tuple(_table(topology, machine)),
        host_changes=host_changes(steps),
    )


def _modules(topology: Topology, machine: str) -> list[Module]:
    """Return the modules that a machine loads, each once: several statements may need the same."""
    found: dict[str, Module] = {}
    for module in topology.modules:
        if module.machine == machine:
            found.setdefault(module.name, module)
    return list(found.values())


def _netnses(topology: Topology, machine: str) -> list[NetnsKey]:
    found = [netns for netns in topology.netnses.values() if netns.key.machine == machine and not netns.key.is_root]
    return [netns.key for netns in found]


def _steps(making: Making, machine: str) -> Iterator[Step]:
    topology = making.topology
    root = NetnsKey(machine, "")
    for module in _modules(topology, machine):
        kept = Kept("others may use it by now")
        yield Step(("modprobe", module.name), kept, module.origin, root, Stage.MODULE)
    for key in _netnses(topology, machine):
        yield _netns_step(key, making)
    yield from forward_steps(topology, machine)
    yield from sysctl_steps(topology, machine)
    for device in creation_order(topology, machine):
        yield from kinds()[device.kind].steps(device, making)
    for device in topology.devices.values():
        for address in device.addresses:
            if address.origin is not None and device.netns.machine == machine:
                yield address_step(device, address, making, Stage.ADDRESS)
    yield from neighbour_steps(making, machine)
    yield from route_steps(making, machine)
    yield from rule_steps(making, machine)
    for steps_of in planners():
        yield from steps_of(making, machine)
    for process in topology.processes:
        if process.netns.machine == machine:
            yield Step(process.argv, EndProcesses(), process.origin, process.netns, Stage.PROCESS, background=True)


def _netns_step(key: NetnsKey, making: Making) -> Step:
    """Return the step that makes a namespace: it carries the lab's mark before it has a name.

    `ip netns add` would name it first; killed right after, it would leave a namespace that nobody can tell from
    another's. So a fresh namespace gets its mark, and only then its name (ip-netns(8), `attach`).
    """
    netns = making.topology.netnses[key]
    script = 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$'
    undo = Inverse(("ip", "netns", "del", key.netns), NetnsLook(key.netns))
    show = ("ip", "-o", "link", "show", "dev", "lo")
    observation = Observation(f"netns {key.netns}", show, (f"alias {making.mark.alias}",))
    argv = ("unshare", "--net", "sh", "-c", script, making.mark.alias, key.netns)
    root = NetnsKey(key.machine, "")
    step = Step(argv, undo, netns.origin, root, Stage.NETNS, makes=object_name(key), observation=observation)
    return replace(step, observed_in=key)


def _table(topology: Topology, machine: str) -> Iterator[Row]:
    for key, devices in topology.devices_by_netns.items():
        if key.machine != machine:
            continue
        shown = [device for device in devices if device.made is not Made.KERNEL or device.addresses]
        for device in shown:
            joined = [f"in {device.master.name}"] if device.master is not None else []
            if device.peer is not None:
                joined.append(f"to {device.peer.label}")
            if device.parent is not None:
                joined.append(f"on {device.parent.label}")
            if device.made is Made.OTHERS:
                joined.append("the host's own" + (f", on {device.segment}" if device.segment is not None else ""))
            addresses = tuple(spelled(address.interface) for address in device.addresses)
            yield Row(key.label, device.name, addresses, ", ".join(joined) or device.kind)
        if not shown and not key.is_root:
            yield Row(key.label, "-", (), "")
