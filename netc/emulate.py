"""Topology to Topology: a lab of one or more hosts, on one machine.

Each host becomes a namespace of its name, and each of its namespaces one called HOST-NAMESPACE. A physical segment
becomes a bridge, in a namespace that holds all of them, so that neither the machine's own bridges nor its firewall
come near the packets; an uplink becomes one end of a veth, whose other end is a port of the bridge (ip-link(8)). A
bridge and a veth change neither TTL nor MTU, so every path is what it is between real hosts. What a host changes of
its own (kernel parameters, routes, nftables) its namespace changes instead. Nothing is left to do on the machine
itself but to load modules.

Virtual functions are refused. What joins them, the switch inside the NIC, with VLANs, rates and checks of sources that
the driver sets, is hardware; a bridge in its place would say of a lab that it works where it need not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from netc.diagnostics import Finding, error
from netc.kinds.virtual import functions
from netc.source import Span
from netc.topology.model import (
    Device,
    DeviceKey,
    Lab,
    Made,
    Module,
    Netns,
    NetnsKey,
    Origin,
    Setting,
    Topology,
)

#: The machine that stands in for all of them.
MACHINE = "host"
_SEGMENTS = "segments"
MTU = "mtu"
_FITS = re.compile(r"(?!all$|default$)[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
_NEVER_HOLD_KEYS = (str, int, Span, Origin, Setting, Lab, type(None))
T = TypeVar("T")


def refusals(topology: Topology) -> Iterator[Finding]:
    """Yield an error for each device that nothing can stand in for on one machine."""
    for device, physical in functions(topology):
        yield error(
            "N009",
            device.span,
            f"{device.key.label} is a virtual function of {physical.key.label}, and cannot be emulated",
            effect="the uplink would be a veth, which has none",
            help="run its host's own scripts there (`netc build -o DIR`), or try the lab with `macvlan` for `vf`",
        )


def emulate(topology: Topology) -> Topology:
    """Return the topology of one machine on which every path of `topology` is as it was."""
    names = _Names(topology)
    moved = names.moved(replace(topology, segments={}))
    devices = {device.key: _owned(device) for device in moved.devices.values()}
    segments = NetnsKey(MACHINE, names.free(_SEGMENTS))
    wires = list(_Wires(topology, names, segments).devices())
    for device in wires:
        devices[device.key] = device
        if device.peer is not None:
            devices[device.peer] = replace(devices[device.peer], peer=device.key)
    origin = Origin(topology.lab.span, f"lab {topology.lab.name}", -1)
    netnses = {NetnsKey(MACHINE, ""): Netns(NetnsKey(MACHINE, ""), topology.lab.span, origin), **moved.netnses}
    if wires:
        netnses[segments] = Netns(segments, topology.lab.span, origin)
        lo = DeviceKey(segments, "lo")
        devices[lo] = Device(lo, "lo", topology.lab.span, origin, Made.KERNEL)
    return replace(
        moved, machines=(MACHINE,), netnses=netnses, devices=devices, modules=tuple(_modules(topology.modules))
    )


class _Names:
    """The names that namespaces get on the one machine: the host's for its own, HOST-NAMESPACE for the others."""

    def __init__(self, topology: Topology) -> None:
        self._prefix = topology.lab.prefix
        self._taken: set[str] = set()
        self._keys: dict[NetnsKey, NetnsKey] = {}
        for key in sorted(topology.netnses, key=lambda key: not key.is_root):  # a host's own name is never changed
            inside = key.netns.removeprefix(self._prefix)
            name = key.machine if key.is_root else f"{key.machine}-{inside}"
            self._keys[key] = NetnsKey(MACHINE, self.free(name))

    def free(self, name: str) -> str:
        """Return `name` with the lab's prefix, and with a number where two would be the same; it is taken then."""
        found, turn = self._prefix + name, 1
        while found in self._taken:
            turn += 1
            found = f"{self._prefix}{name}-{turn}"
        self._taken.add(found)
        return found

    def moved(self, value: T) -> T:
        """Return a value of the model with every key in it, however deep, as it is on the one machine."""
        moved: Any = value
        match value:
            case NetnsKey():
                moved = self._keys[value]
            case DeviceKey():
                moved = DeviceKey(self._keys[value.netns], value.name)
            case tuple():
                moved = tuple(self.moved(item) for item in value)
            case Mapping():
                moved = {self.moved(key): self.moved(item) for key, item in value.items()}
            case _ if is_dataclass(value) and not isinstance(value, _NEVER_HOLD_KEYS) and not isinstance(value, type):
                before = {field.name: getattr(value, field.name) for field in fields(value)}
                after = {name: self.moved(item) for name, item in before.items()}
                changed = {name: item for name, item in after.items() if item is not before[name]}
                moved = replace(value, **changed)
        return moved  # type: ignore[no-any-return]


def _owned(device: Device) -> Device:
    """Return a device as the lab makes it: an uplink is one end of a veth."""
    if device.made is not Made.OTHERS:
        return device
    return replace(device, kind="veth", made=Made.LAB, segment=None, settings=_of_wire(device))


class _Wires:
    """What stands for the physical network: a bridge for each segment, and the far ends of the uplinks."""

    def __init__(self, topology: Topology, names: _Names, netns: NetnsKey) -> None:
        self._topology = topology
        self._names = names
        self._netns = netns
        self._taken = {"lo"}

    def devices(self) -> Iterator[Device]:
        """Yield the bridges, and then the ports."""
        bridges: dict[str | None, DeviceKey] = {}
        for segment in self._topology.segments.values():
            key = bridges[segment.name] = self._key(segment.name, f"segment{len(bridges)}")
            yield Device(key, "bridge", segment.span, segment.origin, Made.LAB)
        uplinks = [device for device in self._topology.devices.values() if device.made is Made.OTHERS]
        for number, uplink in enumerate(uplinks):
            key = self._key(f"{uplink.netns.machine}-{uplink.name}", f"port{number}")
            peer, master = self._names.moved(uplink.key), bridges.get(uplink.segment)
            settings = _of_wire(uplink)
            yield Device(
                key, "veth", uplink.span, uplink.origin, Made.PEER, settings=settings, peer=peer, master=master
            )

    def _key(self, name: str, otherwise: str) -> DeviceKey:
        """Return the key of a device of this name, or of the other where it is taken or cannot be a device's."""
        if name in self._taken or not _FITS.fullmatch(name):
            name = otherwise
        self._taken.add(name)
        return DeviceKey(self._netns, name)


def _of_wire(uplink: Device) -> Mapping[str, Setting]:
    """Return the settings of an uplink that both ends of its veth share."""
    return {name: setting for name, setting in uplink.settings.items() if name == MTU}


def _modules(modules: tuple[Module, ...]) -> Iterator[Module]:
    seen = set()
    for module in modules:
        if module.name not in seen:
            seen.add(module.name)
            yield replace(module, machine=MACHINE)
