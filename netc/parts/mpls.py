"""Label routes: what becomes of a packet that comes in with an MPLS label on top.

A namespace takes no labels until net.mpls.platform_labels is larger than them, and a device none until its `input` is
1: both come with the routes, where the lab says nothing else. Sources: ip-route(8), kernel
Documentation/networking/mpls-sysctl.rst, net/mpls/af_mpls.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface

from netc.kinds.base import Making, object_name, taken_with_link
from netc.plan.step import Absorbed, Inverse, Look, Need, Note, Observation, Restore, Stage, Step, Taken, Undo
from netc.source import Span
from netc.topology.model import Device, DeviceKey, IPAddress, Made, NetnsKey, Origin, Part, Route, Sysctl, Topology
from netc.topology.values import spelled

MODULE = "mpls_router"
PLATFORM_LABELS = ("net", "mpls", "platform_labels")
#: Kinds whose devices have no net.mpls.conf: kernel net/mpls/af_mpls.c, mpls_dev_notify, goes by the link's type.
_WITHOUT = {"lo", "nlmon", "tun", "wireguard", "xfrm"}
_SHOW = ("ip", "-f", "mpls", "-N", "route", "show")
#: A smaller number would end the routes of others beyond it: kernel net/mpls/af_mpls.c, resize_platform_label_table.
_NO_MORE = '[ "$(cat "$0" 2>/dev/null || echo 0)" -le "$1" ]'


@dataclass(frozen=True, slots=True)
class LabelRoute(Part):
    """A route for one label: the labels that take its place, none where it is only taken off, and the next hop."""

    label: int
    out: tuple[int, ...]
    gateway: IPAddress | None
    gateway_span: Span | None
    device: DeviceKey | None

    @property
    def hop(self) -> Route:
        """Its next hop, as that of a route to everywhere: a gateway is looked for in the same way."""
        assert self.gateway is not None
        everywhere = IPv4Interface("0.0.0.0/0") if self.gateway.version == 4 else IPv6Interface("::/0")
        return Route(
            self.netns,
            everywhere,
            self.origin.span,
            self.origin,
            gateway=self.gateway,
            gateway_span=self.gateway_span,
            device=self.device,
        )


def input_path(device: DeviceKey) -> tuple[str, ...]:
    """Return the parameter by which a device takes packets with labels, or not."""
    return ("net", "mpls", "conf", device.name, "input")


def takes_labels(device: Device) -> bool:
    """Whether a device gets that parameter, and can have it."""
    return device.made is not Made.KERNEL and device.kind not in _WITHOUT


def said_sysctls(topology: Topology) -> dict[tuple[NetnsKey, tuple[str, ...]], Sysctl]:
    """Return the parameters that the lab sets itself."""
    return {(sysctl.netns, sysctl.path): sysctl for sysctl in topology.sysctls}


def steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps of the label routes of a machine, and of the parameters that they need."""
    routes: dict[NetnsKey, list[LabelRoute]] = {}
    for route in making.topology.parts_of(LabelRoute):
        if route.netns.machine == machine:
            routes.setdefault(route.netns, []).append(route)
    said = said_sysctls(making.topology)
    for netns, found in routes.items():
        first = found[0].origin
        if (netns, PLATFORM_LABELS) not in said:
            yield _platform(netns, max(route.label for route in found) + 1, first)
        for device in making.topology.devices_in(netns):
            if takes_labels(device) and (netns, input_path(device.key)) not in said:
                yield _input(device, first)
        for route in found:
            yield _step(route, making)


def _platform(netns: NetnsKey, number: int, origin: Origin) -> Step:
    key, value = ".".join(PLATFORM_LABELS), str(number)
    argv = ("sysctl", "-qw", f"{key}={value}")
    observation = Observation(f"sysctl {key} of {netns.label}", ("sysctl", "-n", key), (value,))
    if not netns.is_root:
        absorbed = Absorbed(object_name(netns))
        return Step(argv, absorbed, origin, netns, Stage.NETNS, observation=observation)
    file = "/proc/sys/" + "/".join(PLATFORM_LABELS)
    refusal = f"{key} is more than {value} already, for routes of others: write `sysctl {key} = ...` into the lab"
    need = Need(("sh", "-c", _NO_MORE, file, value), refusal, origin)
    notes = (Note(value, (file,)),)
    return Step(argv, Restore(), origin, netns, Stage.HOST, notes=notes, observation=observation, needs=(need,))


def _input(device: Device, origin: Origin) -> Step:
    sysctl = Sysctl(device.netns, input_path(device.key), "1", origin, device.key)
    argv = ("sysctl", "-qw", f"{sysctl.key}=1")
    observation = Observation(f"sysctl {sysctl.key} of {device.netns.label}", ("sysctl", "-n", sysctl.key), ("1",))
    undo: Undo = taken_with_link(device)
    notes: tuple[Note, ...] = ()
    if device.netns.is_root and device.made is Made.OTHERS:
        undo, notes = Restore(), (Note("1", (sysctl.file,)),)
    return Step(argv, undo, origin, device.netns, Stage.SETTING, notes=notes, observation=observation)


def _step(route: LabelRoute, making: Making) -> Step:
    label, protocol = str(route.label), str(making.mark.protocol)
    words = [label]
    if route.out:
        words += ["as", _labels(route)]
    way = []
    if route.gateway is not None:
        way += ["via", "inet" if route.gateway.version == 4 else "inet6", spelled(route.gateway)]
    if route.device is not None:
        way += ["dev", route.device.name]
    seen = " ".join([label, *(["as to", _labels(route)] if route.out else []), *way])
    observation = Observation(f"route for label {label} of {route.netns.label}", _SHOW, (seen,))
    undo: Undo = Absorbed(object_name(route.netns))
    taken: tuple[Taken, ...] = ()
    if route.netns.is_root:
        look = Look(f"{label} *proto {protocol}*", _SHOW)
        undo = Inverse(("ip", "-f", "mpls", "route", "del", *words, *way, "proto", protocol), look)
        way += ["proto", protocol]
        taken = (Taken(f"a route for label {label}", Look(f"{label} *", _SHOW), route.origin),)
    argv = ("ip", "-f", "mpls", "route", "add", *words, *way)
    return Step(argv, undo, route.origin, route.netns, Stage.ROUTE, observation=observation, taken=taken)


def _labels(route: LabelRoute) -> str:
    return "/".join(map(str, route.out))
