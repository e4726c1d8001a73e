"""Kernel parameters of namespaces and devices, as a lab's statements, options and sysctls set them together.

Source: kernel Documentation/networking/ip-sysctl.rst; include/linux/inetdevice.h for how a device's value and that of
`all` go together. What the lab does not say counts as the kernel's own default: a script sets whatever it relies on.
The values are those after up.sh: parameters of a namespace first, then devices come and copy `default`, then their
options, then `sysctl` statements that name a device.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from netc.kinds.common import COMMON
from netc.topology.model import DeviceKey, Made, NetnsKey, Topology

_BY_OPTION = {option.name: option.kernel for option in COMMON if option.kernel}
_FAMILY = {4: "ipv4", 6: "ipv6"}
_ALIASES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("net", "ipv4", "ip_forward"): ("net", "ipv4", "conf", "all", "forwarding"),
}
Path = tuple[str, ...]


@dataclass(frozen=True)
class Switches:
    """The values of kernel parameters that the lab sets; `inherits` are the devices that copy `default`."""

    values: Mapping[tuple[NetnsKey, Path], str]
    inherits: frozenset[DeviceKey]

    def of(self, netns: NetnsKey, path: Path, default: int = 0) -> int:
        """Return a parameter's value."""
        value = self.values.get((netns, path))
        return default if value is None else _number(value)

    def said(self, netns: NetnsKey) -> tuple[tuple[Path, str], ...]:
        """Return everything that the lab sets in a namespace, in order."""
        return self._by_netns.get(netns, ())

    @cached_property
    def _by_netns(self) -> Mapping[NetnsKey, tuple[tuple[Path, str], ...]]:
        found: dict[NetnsKey, list[tuple[Path, str]]] = {}
        for (netns, path), value in self.values.items():
            found.setdefault(netns, []).append((path, value))
        return {netns: tuple(sorted(pairs)) for netns, pairs in found.items()}

    def conf(self, device: DeviceKey, family: int, name: str) -> int:
        """Return a device's own value of a parameter below conf/."""
        conf = ("net", _FAMILY[family], "conf")
        own = self.values.get((device.netns, (*conf, device.name, name)))
        if own is None and device in self.inherits:
            own = self.values.get((device.netns, (*conf, "default", name)))
        return 0 if own is None else _number(own)

    def every(self, netns: NetnsKey, family: int, name: str) -> int:
        """Return the value of a parameter below conf/all."""
        return self.of(netns, ("net", _FAMILY[family], "conf", "all", name))

    def either(self, device: DeviceKey, family: int, name: str) -> bool:
        """Whether a parameter is on at a device or for all (IN_DEV_ORCONF)."""
        return bool(self.conf(device, family, name) or self.every(device.netns, family, name))

    def larger(self, device: DeviceKey, name: str) -> int:
        """Return the larger of a device's value and that of all (IN_DEV_MAXCONF)."""
        if (device, name) not in self._larger:
            self._larger[device, name] = max(self.conf(device, 4, name), self.every(device.netns, 4, name))
        return self._larger[device, name]

    @cached_property
    def _larger(self) -> dict[tuple[DeviceKey, str], int]:
        return {}

    def forwards(self, device: DeviceKey, family: int) -> bool:
        """Whether packets of a family that come in by a device are forwarded.

        IPv4 asks the device that they come in by (net/ipv4/route.c, ip_route_input_slow), IPv6 the whole namespace
        (net/ipv6/ip6_output.c, ip6_forward).
        """
        if family == 6:
            return self.every(device.netns, 6, "forwarding") != 0
        return self.conf(device, 4, "forwarding") != 0

    def answers_for_others(self, device: DeviceKey) -> bool:
        """Whether proxy ARP is on at a device, by its own switch or that of the namespace."""
        return self.either(device, 4, "proxy_arp")

    def answers_for_neighbours(self, device: DeviceKey) -> bool:
        """Whether proxy ARP at a device also covers what lies behind the device itself."""
        return self.either(device, 4, "proxy_arp_pvlan")

    def is_choosy(self, device: DeviceKey) -> bool:
        """Whether ARP at a device may keep silent about addresses that the namespace has elsewhere."""
        return bool(self.larger(device, "arp_ignore") or self.either(device, 4, "arp_filter"))


def option_for(name: str) -> str:
    """Return a device's option for an IPv4 parameter below conf/: `rp-filter` for rp_filter."""
    return name.replace("_", "-")


def _number(value: str) -> int:
    try:
        return int(value.split(maxsplit=1)[0], 0)
    except (ValueError, IndexError):
        return 0


def build_switches(topology: Topology) -> Switches:
    """Return the switches of a topology."""
    inherits = frozenset(d.key for d in topology.devices.values() if d.made in {Made.LAB, Made.PEER})
    early = dict(_early(topology))  # before devices are made, which copy `default` then
    for device in topology.devices.values():
        for name, setting in device.settings.items():
            if name in _BY_OPTION:
                path = tuple(device.name if part == "*" else part for part in _BY_OPTION[name])
                early[device.netns, path] = str(int(setting.value))
    for sysctl in topology.sysctls:
        if sysctl.device is not None:
            early[sysctl.netns, sysctl.path] = sysctl.value
    return Switches(early, inherits)


def _early(topology: Topology) -> Iterator[tuple[tuple[NetnsKey, Path], str]]:
    """Yield what is set before devices are made, with what the kernel changes along, in the scripts' order.

    `all/forwarding` rewrites `default` and every device that is there (net/ipv4/devinet.c, inet_forward_change;
    net/ipv6/addrconf.c, addrconf_forward_change).
    """
    there: dict[NetnsKey, list[str]] = {}
    for device in topology.devices.values():
        if device.made in {Made.KERNEL, Made.OTHERS}:
            there.setdefault(device.netns, []).append(device.name)
    said: list[tuple[NetnsKey, Path, str]] = [
        (f.netns, ("net", _FAMILY[f.family], "conf", "all", "forwarding"), "1") for f in topology.forwards
    ]
    said += [(s.netns, _ALIASES.get(s.path, s.path), s.value) for s in topology.sysctls if s.device is None]
    for netns, path, value in said:
        yield (netns, path), value
        if len(path) == 5 and path[2:4] == ("conf", "all") and path[4] == "forwarding":
            for name in ("default", *there.get(netns, ())):
                yield (netns, (*path[:3], name, path[4])), value
