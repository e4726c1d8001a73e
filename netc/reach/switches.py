"""Forwarding and proxy ARP, as a lab's statements, options and sysctls set them together.

Source: kernel Documentation/networking/ip-sysctl.rst. What the lab does not say counts as off: that is the kernel's
default, and a script sets whatever it relies on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netc.kinds.common import COMMON
from netc.topology.model import DeviceKey, NetnsKey, Topology

_BY_OPTION = {option.name: option.kernel for option in COMMON if option.kernel}
_FAMILY = {4: "ipv4", 6: "ipv6"}
_ALIASES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("net", "ipv4", "ip_forward"): ("net", "ipv4", "conf", "all", "forwarding"),
}


@dataclass(frozen=True, slots=True)
class Switches:
    """The values of kernel parameters that the lab sets."""

    values: Mapping[tuple[NetnsKey, tuple[str, ...]], str]

    def forwards(self, device: DeviceKey, family: int) -> bool:
        """Whether packets of a family that come in by a device are forwarded.

        IPv4 asks the device that they come in by (net/ipv4/route.c, ip_route_input_slow), IPv6 the whole namespace
        (net/ipv6/ip6_output.c, ip6_forward).
        """
        conf = ("net", _FAMILY[family], "conf")
        everywhere = self._is_on(device.netns, (*conf, "all", "forwarding"))
        if family == 6:
            return everywhere
        own = self.values.get((device.netns, (*conf, device.name, "forwarding")))
        if own is not None:
            return own != "0"
        return everywhere or self._is_on(device.netns, (*conf, "default", "forwarding"))

    def answers_for_others(self, device: DeviceKey) -> bool:
        """Whether proxy ARP is on at a device, by its own switch or that of the namespace."""
        return self._any(device, "proxy_arp")

    def answers_for_neighbours(self, device: DeviceKey) -> bool:
        """Whether proxy ARP at a device also covers what lies behind the device itself."""
        return self._any(device, "proxy_arp_pvlan")

    def is_choosy(self, device: DeviceKey) -> bool:
        """Whether ARP at a device may keep silent about addresses that the namespace has elsewhere."""
        return self._any(device, "arp_ignore") or self._any(device, "arp_filter")

    def _any(self, device: DeviceKey, name: str) -> bool:
        conf = ("net", "ipv4", "conf")
        return any(self._is_on(device.netns, (*conf, part, name)) for part in (device.name, "all", "default"))

    def _is_on(self, netns: NetnsKey, path: tuple[str, ...]) -> bool:
        return self.values.get((netns, path), "0") != "0"


def build_switches(topology: Topology) -> Switches:
    """Return the switches of a topology."""
    values: dict[tuple[NetnsKey, tuple[str, ...]], str] = {}
    for device in topology.devices.values():
        for name, setting in device.settings.items():
            if name in _BY_OPTION:
                path = tuple(device.name if part == "*" else part for part in _BY_OPTION[name])
                values[device.netns, path] = str(int(setting.value))
    for forward in topology.forwards:
        values[forward.netns, ("net", _FAMILY[forward.family], "conf", "all", "forwarding")] = "1"
    for sysctl in topology.sysctls:
        values[sysctl.netns, _ALIASES.get(sysctl.path, sysctl.path)] = sysctl.value
    return Switches(values)
