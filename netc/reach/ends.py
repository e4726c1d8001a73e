"""Which end of a ping a word names, for `netc trace`: the words of `expect`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from netc.diagnostics import did_you_mean

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, IPAddress, NetnsKey, Topology


class NoEnd(Exception):
    """A word names no end of a ping; the text says why, and what may be meant."""


@dataclass(frozen=True, slots=True)
class Place:
    """A namespace, and perhaps one of its devices or addresses."""

    netns: NetnsKey
    device: DeviceKey | None = None
    ip: IPAddress | None = None


def find_end(topology: Topology, text: str) -> Place:
    """Return what NETNS, NETNS:DEVICE or an address names; raises NoEnd."""
    prefix = topology.lab.prefix
    names: dict[str, NetnsKey] = {}
    for key in topology.netnses:
        for name in (key.label, f"{key.machine}/{key.netns}", key.netns.removeprefix(prefix) or key.machine):
            names.setdefault(name, key)
    if text in names:
        return Place(names[text])
    ip = _address(text)
    if ip is not None:
        owners = {device.netns: device for device in topology.owners_of(ip)}
        if len(owners) != 1:
            who = " and ".join(netns.label for netns in owners)
            text = f"{who} have the address {ip}" if owners else f"nobody in the lab has the address {ip}"
            raise NoEnd(f"{text}; name a namespace, or NETNS:DEVICE")
        return Place(next(iter(owners)), ip=ip)
    netns, colon, rest = text.partition(":")
    if colon and netns in names:
        devices = {device.name: device.key for device in topology.devices_in(names[netns])}
        if rest in devices:
            return Place(names[netns], devices[rest])
        raise NoEnd(_meant(f"{netns} has no device {rest}", did_you_mean(rest, devices)))
    raise NoEnd(_meant(f"there is no namespace {netns}", did_you_mean(netns, names)))


def _meant(message: str, hint: str) -> str:
    return f"{message}; {hint}" if hint else message


def _address(text: str) -> IPAddress | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
