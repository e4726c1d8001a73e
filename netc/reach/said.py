"""Where a lab says what a kernel parameter is, for findings that tell what to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.reach.switches import option_for
from netc.source import Span
from netc.topology.model import DeviceKey, Topology


@dataclass(frozen=True, slots=True)
class Said:
    """A value of a parameter, the words of the lab that say it, with where if they do not tell, and their place."""

    value: int
    words: str
    span: Span


def said_at(topology: Topology, device: DeviceKey, name: str, value: int) -> Said | None:
    """Return what gives a device, or all of its namespace, this value of an IPv4 parameter below conf/.

    None where no statement does, as for `conf/default`, which says it for devices to come.
    """
    return next((said for said in _said(topology, device, name) if said.value == value), None)


def _said(topology: Topology, device: DeviceKey, name: str) -> Iterator[Said]:
    """Yield what a lab says, what holds in the end first: scripts set options before a device's parameters."""
    conf = ("net", "ipv4", "conf")
    for path in ((*conf, device.name, name), (*conf, "all", name)):
        for sysctl in reversed(topology.sysctls):
            if (sysctl.netns, sysctl.path) == (device.netns, path) and sysctl.value.isdecimal():
                yield Said(int(sysctl.value), f"`sysctl {sysctl.key} = {sysctl.value}`", sysctl.origin.span)
    option = option_for(name)
    setting = topology.devices[device].settings.get(option)
    if setting is not None:
        word = "on" if setting.value is True else setting.value
        words = f"`{option} {word}` at {device.label}"
        yield Said(int(setting.value), words, setting.name_span.until(setting.span))
