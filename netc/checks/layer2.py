"""What several checks of layer 2 ask: options, parents and their children, near ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from netc.kinds import kinds
from netc.kinds.overlay import Overlay
from netc.parts.fdb import FdbEntry
from netc.reach.net import net_of
from netc.reach.pings import tests_of
from netc.topology.model import Device, DeviceKey, Expectation, IPAddress, Topology

if TYPE_CHECKING:
    from netc.reach.hop import Walk
    from netc.source import Span

Question = tuple[DeviceKey, IPAddress]


def option(device: Device, name: str) -> Any:
    """Return the value that the lab says for an option, or None."""
    setting = device.settings.get(name)
    return None if setting is None else setting.value


def option_span(device: Device, name: str) -> Span:
    """Return where an option stands, or where the device is declared."""
    setting = device.settings.get(name)
    return device.span if setting is None else setting.name_span.until(setting.span)


def children(topology: Topology, *names: str) -> dict[DeviceKey, list[Device]]:
    """Return the devices of some kinds by their parents, in the order of the text."""
    found: dict[DeviceKey, list[Device]] = {}
    for device in topology.devices.values():
        if device.parent is not None and device.kind in names:
            found.setdefault(device.parent, []).append(device)
    return found


def of_kind(topology: Topology, name: str) -> Iterator[Device]:
    """Yield the devices of a kind, in the order of the text."""
    return (device for device in topology.devices.values() if device.kind == name)


def bridge_of(topology: Topology, device: Device) -> Device | None:
    """Return the bridge that a device is a port of, or None."""
    if device.master is None:
        return None
    master = topology.devices[device.master]
    return master if master.kind == "bridge" else None


def outer_version(topology: Topology, tunnel: Device) -> int:
    """Return the IP version of a tunnel's outer packets."""
    kind = kinds()[tunnel.kind]
    assert isinstance(kind, Overlay)
    return kind.outer_version(tunnel, topology)


@dataclass(frozen=True, slots=True)
class Near:
    """An expected ping that ends, or may, where `ours` asks its own link for the address `target` of `theirs`."""

    expectation: Expectation
    ours: Device
    theirs: Device
    target: IPAddress

    @property
    def question(self) -> Question:
        """What is asked, and of which link."""
        return self.ours.key, self.target

    @property
    def ends(self) -> frozenset[DeviceKey]:
        """The two ends, the same in both directions."""
        return frozenset((self.ours.key, self.theirs.key))

    @property
    def pair(self) -> tuple[Span, frozenset[DeviceKey]]:
        """The two ends and their `expect` line: the same for both directions of `<->`."""
        return self.expectation.origin.span, self.ends


@lru_cache(maxsize=2)
def near_ends(topology: Topology) -> tuple[Near, ...]:
    """Return the expected pings that end, or may, where somebody is asked in vain who has the address."""
    net = net_of(topology)
    found = []
    for test in tests_of(topology):
        question = question_of(test.ping.last) if test.wanted and not test.ping.answered else None
        if question is not None:
            ours = topology.devices[question[0]]
            found += [Near(test.expectation, ours, holder, question[1]) for holder in net.holders.get(question[1], ())]
    return tuple(found)


def question_of(walk: Walk) -> Question | None:
    """Return the device by which a walk is to go on, and the next hop that it does not get to there."""
    hop = walk.hops[-1]
    if hop.entry is None or hop.entry.device is None or hop.next_hop is None:
        return None
    return hop.entry.device, hop.next_hop


def questions_between(topology: Topology, near: Near) -> Iterator[Question]:
    """Yield what the two ends of an expected ping ask each other in vain, in both directions."""
    return (other.question for other in near_ends(topology) if other.ends == near.ends)


@lru_cache(maxsize=2)
def fdb_of(topology: Topology) -> dict[DeviceKey, list[FdbEntry]]:
    """Return the FDB entries that the lab writes, by device."""
    found: dict[DeviceKey, list[FdbEntry]] = {}
    for entry in topology.parts_of(FdbEntry):
        found.setdefault(entry.device, []).append(entry)
    return found


def sends_to_everybody(topology: Topology, vxlan: Device) -> bool:
    """Whether a VXLAN knows where to send what it has no entry for, broadcasts above all."""
    if option(vxlan, "remote") is not None or option(vxlan, "group") is not None or option(vxlan, "external"):
        return True
    if vxlan.peer is not None:  # the far end of its link
        return True
    return any(entry.mac == "00:00:00:00:00:00" for entry in fdb_of(topology).get(vxlan.key, ()))
