"""What a lab has of all that decides about its packets: read off its topology, whoever wrote or drew it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from netc.checks import checks
from netc.kinds.common import COMMON
from netc.parts.fdb import FdbEntry
from netc.parts.table import Filter, Nat, RawRule
from netc.reach.pings import Ping
from netc.reach.switches import build_switches
from netc.topology.model import MAIN_TABLE, Device, Made, Route, RouteType, Rule, Topology

#: These are told as kernel parameters.
_PARAMETERS = frozenset(option.name for option in COMMON if option.kernel)
_TRAITS: dict[str, Callable[[Route], object]] = {
    "by a device alone": lambda route: route.gateway is None and route.type is RouteType.UNICAST,
    "gateway of the other family": lambda route: route.gateway and route.gateway.version != route.prefix.version,
    "in a table of its own": lambda route: route.table != MAIN_TABLE,
    "in a VRF": lambda route: route.vrf is not None,
    "metric": lambda route: route.metric is not None,
    "mtu": lambda route: route.mtu is not None,
    "onlink": lambda route: route.onlink,
    "scope": lambda route: route.scope is not None,
    "several next hops": lambda route: route.hops > 1,
    "src": lambda route: route.source is not None,
}
_MANY = 2  # selectors, which one rule may have several of


def mechanisms(topology: Topology, pings: Iterable[Ping] = ()) -> frozenset[str]:
    """Return the names of everything that a lab has, and of how those of its pings end that are not answered."""
    found = chain(
        chain.from_iterable(_of_device(device) for device in topology.devices.values()),
        (f"parameter {path[-1]} = {value}" for (_, path), value in build_switches(topology).values.items()),
        chain.from_iterable(_of_route(route) for route in topology.routes),
        chain.from_iterable(_of_rule(rule) for rule in topology.rules),
        (
            f"neighbour entry: {'proxy' if n.mac is None else 'permanent'} IPv{n.ip.version}"
            for n in topology.neighbours
        ),
        _of_parts(topology),
        (f"mistake {check.code} {check.name}" for check in checks().values() if any(check.run(check, topology))),
        (f"ping ends: {ping.last.stop.value}" for ping in pings if not ping.answered),
    )
    return frozenset(found)


def _of_device(device: Device) -> Iterator[str]:
    if device.made is not Made.KERNEL:
        yield f"device {device.kind}"
    yield from (f"address: IPv{address.ip.version}" for address in device.addresses)
    for name, setting in device.settings.items():
        if name not in _PARAMETERS:
            value = f" {setting.value}" if isinstance(setting.value, str) and name in {"mode", "flag", "state"} else ""
            yield f"option {name}{value}"


def _of_route(route: Route) -> Iterator[str]:
    yield f"route: {route.type}"
    yield from (f"route: {trait}" for trait, has in _TRAITS.items() if has(route))


def _of_rule(rule: Rule) -> Iterator[str]:
    words = [word for word in rule.selector if word in {"from", "to", "iif", "oif", "not", "fwmark", "ipproto"}]
    yield f"rule: {rule.action[0] if rule.action else 'l3mdev'}"
    yield from (f"rule: {word}" for word in words)
    if len([word for word in words if word != "not"]) >= _MANY:
        yield "rule: several selectors"


def _of_parts(topology: Topology) -> Iterator[str]:
    for part in topology.parts:
        match part:
            case Filter():
                yield f"filter {part.chain} {part.verdict}"
            case Nat():
                yield f"nat {part.translation}"
            case RawRule():
                yield "rule in nft's own words"
            case FdbEntry():
                yield "FDB entry"


def table(labs: int, found: Counter[str]) -> Iterator[str]:
    """Yield the lines of a table: how many labs have what, of how many."""
    width = max(map(len, found), default=0)
    yield f"{'':{width}}  of {labs} labs"
    yield from (f"{name:{width}}  {found[name]}" for name in sorted(found))
