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
from netc.topology.model import (
    Device,
    DeviceKey,
    IPAddress,
    IPInterface,
    Made,
    NetnsKey,
    Origin,
    Part,
    Route,
    Sysctl,
    Topology,
)
from netc.topology.values import spelled

MODULE = "mpls_router"
PLATFORM_LABELS = ("net", "mpls", "platform_labels")
#: Kinds whose devices have no net.mpls.conf: kernel net/mpls/af_mpls.c, mpls_dev_notify, goes by the link's type.
_WITHOUT = {"lo", "nlmon", "tun", "wireguard", "xfrm"}
_SHOW = ("ip", "-f", "mpls", "-N", "route", "show")
#: A smaller number would end the routes of others beyond it: kernel net/mpls/af_mpls.c, resize_platform_label_table.
_NO_MORE = '[ "$(cat "$0" 2>/dev/null || echo 0)" -le "$1" ]'


@dataclass(frozen=True, slots=True)
class LabelHop:
    """A next hop, and the labels that take the route's place on the way to it, none where it is only taken off."""

    out: tuple[int, ...]
    gateway: IPAddress | None
    gateway_span: Span | None
    device: DeviceKey | None


@dataclass(frozen=True, slots=True)
class LabelRoute(Part):
    """A route for one label, with a next hop or several: each flow takes one of them.

    `ttl` says whether the TTL that the label had goes on; None leaves it to net.mpls.ip_ttl_propagate.
    """

    label: int
    hops: tuple[LabelHop, ...]
    ttl: bool | None = None

    @property
    def ways(self) -> tuple[Route, ...]:
        """Its gateways, as those of a route to everywhere: they are looked for in the same way."""
        everywhere: dict[int, IPInterface] = {4: IPv4Interface("0.0.0.0/0"), 6: IPv6Interface("::/0")}
        return tuple(
            Route(
                self.netns,
                everywhere[hop.gateway.version],
                self.origin.span,
                self.origin,
                gateway=hop.gateway,
                gateway_span=hop.gateway_span,
                device=hop.device,
            )
            for hop in self.hops
            if hop.gateway is not None
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
    marked = ["proto", protocol] if route.netns.is_root else []
    ttl = [] if route.ttl is None else ["ttl-propagate", "enabled" if route.ttl else "disabled"]
    words = [label, *ttl, *_way(route.hops[0], "as"), *marked]
    seen: tuple[str, ...] = (" ".join([label, *_way(route.hops[0], "as", "to")]),)
    if len(route.hops) > 1:
        words = [label, *ttl, *marked, *(word for hop in route.hops for word in ("nexthop", *_way(hop, "as")))]
        seen = (label, *(" ".join(["nexthop", *_way(hop, "as", "to")]) for hop in route.hops))
    observation = Observation(f"route for label {label} of {route.netns.label}", (*_SHOW, label), seen)
    undo: Undo = Absorbed(object_name(route.netns))
    taken: tuple[Taken, ...] = ()
    if route.netns.is_root:
        look = Look(f"{label} *proto {protocol}*", _SHOW)
        undo = Inverse(("ip", "-f", "mpls", "route", "del", *words), look)
        taken = (Taken(f"a route for label {label}", Look(f"{label} *", _SHOW), route.origin),)
    argv = ("ip", "-f", "mpls", "route", "add", *words)
    return Step(argv, undo, route.origin, route.netns, Stage.ROUTE, observation=observation, taken=taken)


def _way(hop: LabelHop, *before: str) -> list[str]:
    """Return a next hop in iproute2's words, with `before` where its labels begin."""
    words = [*before, "/".join(map(str, hop.out))] if hop.out else []
    if hop.gateway is not None:
        words += ["via", "inet" if hop.gateway.version == 4 else "inet6", spelled(hop.gateway)]
    return [*words, *(["dev", hop.device.name] if hop.device is not None else [])]
