"""The tunnels of a topology with the addresses and numbers that the kernel tells them apart by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from netc.kinds import kinds
from netc.kinds.overlay import LOCAL, REMOTE, Overlay, is_external, outer_of
from netc.topology.model import Device, IPAddress, Topology

#: Kinds whose tunnels may have the same ends if their keys differ.
_KEYED = {"gre", "gretap", "ip6gre", "ip6gretap", "vti", "vti6"}


@dataclass(frozen=True, slots=True)
class TunnelEnd:
    """One tunnel device, and what packets it sends and takes; `into` and `out` are its keys."""

    device: Device
    local: IPAddress | None
    remote: IPAddress | None
    into: int | None
    out: int | None


@lru_cache(maxsize=2)
def tunnel_ends(topology: Topology) -> tuple[TunnelEnd, ...]:
    """Return the tunnels of a topology that have ends of their own, in the order of the text."""
    return tuple(_ends(topology))


def _ends(topology: Topology) -> Iterator[TunnelEnd]:
    for device in topology.devices.values():
        kind = kinds()[device.kind]
        if not isinstance(kind, Overlay) or not kind.has_ends or is_external(device.settings):
            continue
        outer = outer_of(topology, device) if device.peer is not None else None
        local = LOCAL.option.of(device) or (None if outer is None else outer.local)
        remote = REMOTE.option.of(device) or (None if outer is None else outer.remote)
        said = {name: setting.value for name, setting in device.settings.items()}
        key = said.get("key")
        yield TunnelEnd(device, local, remote, said.get("ikey", key), said.get("okey", key))


def has_key(end: TunnelEnd) -> bool:
    """Whether tunnels of its kind are told apart by keys."""
    return end.device.kind in _KEYED


def number(end: TunnelEnd, name: str) -> int | None:
    """Return a number that an end says, such as its `id`."""
    setting = end.device.settings.get(name)
    return None if setting is None else setting.value
