"""The order in which the devices of a machine are made, and get their addresses."""

from __future__ import annotations

from collections.abc import Iterable

from netc.kinds import kinds
from netc.kinds.base import ends
from netc.topology.model import Address, Device, DeviceKey, Made, Topology


def creation_order(topology: Topology, machine: str) -> list[Device]:
    """Return the devices that have steps, parents and masters before what needs them, else in the text's order."""
    return _ordered(topology, (d for d in topology.devices.values() if d.netns.machine == machine))


def _ordered(topology: Topology, devices: Iterable[Device]) -> list[Device]:
    ordered: dict[DeviceKey, Device] = {}

    def place(device: Device, path: tuple[DeviceKey, ...]) -> None:
        if device.key in ordered or device.key in path:
            return
        for end in ends(device, topology):
            for needed in (end.parent, end.master, *kinds()[end.kind].rests_on(end, topology)):
                if needed is not None:
                    place(_maker(topology.devices[needed], topology), (*path, device.key))
        ordered[device.key] = device

    for device in devices:
        if device.made is Made.LAB or device.made is Made.OTHERS:
            place(device, ())
    return list(ordered.values())


def device_order(topology: Topology) -> list[Device]:
    """Return every device in the order in which the kernel gets them: what is there before the lab comes first."""
    devices: list[Device] = []
    by_machine: dict[str, list[Device]] = {}
    for device in topology.devices.values():
        by_machine.setdefault(device.netns.machine, []).append(device)
        if device.made is Made.KERNEL or device.made is Made.OTHERS:
            devices.append(device)
    for machine in topology.machines:
        for device in _ordered(topology, by_machine.get(machine, ())):
            devices += ends(device, topology)
    return list({device.key: device for device in devices}.values())


def addressing_order(topology: Topology) -> list[tuple[Device, Address]]:
    """Return every address with its device, in the order in which the kernel gets them.

    A device's own come when it is made, those of `address` statements once all devices are there.
    """
    pairs = [(device, address) for device in device_order(topology) for address in device.addresses]
    return sorted(pairs, key=lambda pair: pair[1].origin is not None and pair[0].made is not Made.OTHERS)


def _maker(device: Device, topology: Topology) -> Device:
    """Return the end of a pair that makes both."""
    return topology.devices[device.peer] if device.made is Made.PEER and device.peer is not None else device
