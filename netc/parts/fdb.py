"""Entries of forwarding databases: behind which port, or which far end of a tunnel, a MAC address is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.kinds.base import Making, taken_with_link
from netc.plan.step import Observation, Stage, Step
from netc.topology.model import DeviceKey, IPAddress, Part
from netc.topology.values import spelled

#: Frames whose MAC address has no entry go to the entries of this one (kernel drivers/net/vxlan, vxlan_xmit).
EVERYTHING = "00:00:00:00:00:00"


@dataclass(frozen=True, slots=True)
class FdbEntry(Part):
    """An entry: `at_bridge` is the FDB of the device's bridge, else that of the device itself."""

    mac: str
    device: DeviceKey
    at_bridge: bool
    local: bool = False  # the bridge's own: its frames go up, and not out of the port
    dst: IPAddress | None = None
    port: int | None = None
    vni: int | None = None
    src_vni: int | None = None
    vlan: int | None = None

    @property
    def is_one_of_many(self) -> bool:
        """Whether its MAC address may have an entry for each far end (drivers/net/vxlan, vxlan_fdb_update)."""
        return self.mac == EVERYTHING or (self.dst is not None and bool(int(self.mac[:2], 16) & 1))


def steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps that add the entries."""
    for entry in making.topology.parts_of(FdbEntry):
        if entry.netns.machine == machine:
            yield _step(entry, making)


def _step(entry: FdbEntry, making: Making) -> Step:
    device = making.topology.devices[entry.device]
    where = _words(
        ("dst", entry.dst and spelled(entry.dst)), ("port", entry.port), ("vni", entry.vni), ("src_vni", entry.src_vni)
    )
    vlan = _words(("vlan", entry.vlan))
    if entry.at_bridge:
        where += ["master", "local" if entry.local else "static"]
        master = "" if device.master is None else device.master.name
        seen = " ".join([entry.mac, *vlan, "master", master, "permanent" if entry.local else "static"])
    else:
        where += ["self", "permanent"]
        seen = f"{entry.mac} dst {spelled(entry.dst)}" if entry.dst is not None else entry.mac
    # `add` would refuse the second far end, and a MAC address that was learned since the device is up.
    verb = "append" if entry.is_one_of_many else "replace"
    argv = ("bridge", "fdb", verb, entry.mac, "dev", device.name, *where, *vlan)
    show = ("bridge", "fdb", "show", "dev", device.name)
    observation = Observation(f"FDB entry {entry.mac} of {device.key.label}", show, (seen,))
    undo = taken_with_link(device)
    return Step(argv, undo, entry.origin, entry.netns, Stage.NEIGHBOUR, observation=observation)


def _words(*pairs: tuple[str, object]) -> list[str]:
    return [word for name, value in pairs if value is not None for word in (name, str(value))]
