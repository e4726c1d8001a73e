"""Steps for routes, rules and neighbour entries."""

from __future__ import annotations

from collections.abc import Iterator

from netc.kinds.base import Making, object_name
from netc.plan.step import Absorbed, Inverse, Look, Observation, Stage, Step, Undo
from netc.topology.model import MAIN_TABLE, Device, DeviceKey, Made, Neighbour, Route, RouteType, Rule

#: RTN_* of rtnetlink(7): what `ip -N` prints instead of the word.
_TYPE_NUMBERS = {RouteType.BLACKHOLE: 6, RouteType.UNREACHABLE: 7, RouteType.PROHIBIT: 8}


def route_steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps of routes: those without a gateway first, since gateways are found by them."""
    routes = [route for route in making.topology.routes if route.netns.machine == machine]
    for route in sorted(routes, key=lambda route: route.gateway is not None):
        words = route_words(route)
        family = ("-6",) if route.prefix.version == 6 else ()
        undo: Undo = Absorbed(object_name(route.netns))
        if route.netns.is_root:
            protocol = str(making.mark.protocol)
            words += ["proto", protocol]
            undo = _undo_of_route(route, words, protocol, making)
        argv = ("ip", *family, "route", "add", *words)
        yield Step(argv, undo, route.origin, route.netns, Stage.ROUTE, observation=_observe_route(route))


def route_words(route: Route) -> list[str]:
    """Return a route in iproute2's words, its device always said."""
    words = [] if route.type is RouteType.UNICAST else [route.type.value]
    words.append(route_destination(route))
    if route.gateway is not None:
        words += ["via", str(route.gateway)]
    if route.device is not None:
        words += ["dev", route.device.name]
    if route.onlink:
        words.append("onlink")
    for name, value in (("scope", route.scope), ("metric", route.metric), ("src", route.source), ("mtu", route.mtu)):
        if value is not None:
            words += [name, str(value)]
    if route.vrf is not None:
        words += ["vrf", route.vrf.name]
    elif route.table != MAIN_TABLE:
        words += ["table", str(route.table)]
    return words


def route_destination(route: Route) -> str:
    """Return the destination as `ip route` prints it."""
    if route.prefix.prefixlen == 0:
        return "default"
    single = route.prefix.prefixlen == route.prefix.max_prefixlen
    return str(route.prefix.network_address if single else route.prefix)


def _undo_of_route(route: Route, words: list[str], protocol: str, making: Making) -> Undo:
    device = making.topology.devices[route.device] if route.device is not None else None
    if device is not None and device.made in {Made.LAB, Made.PEER}:
        return Absorbed(_made_with(device))
    family = ("-6",) if route.prefix.version == 6 else ()
    in_main = route.table == MAIN_TABLE
    kind = "" if route.type is RouteType.UNICAST else f"@({route.type.value}|{_TYPE_NUMBERS[route.type]}) "
    table = "" if in_main else f"*table {route.table} "
    metric = "" if route.metric is None else f"*metric {route.metric} "
    look = Look(
        f"{kind}{route_destination(route)} {table}{metric}*",
        ("ip", *family, "-N", "route", "show", "table", "main" if in_main else "all", "proto", protocol),
    )
    return Inverse(("ip", *family, "route", "del", *words), look)


def _made_with(device: Device) -> str:
    key: DeviceKey = device.key if device.made is Made.LAB or device.peer is None else device.peer
    return object_name(key)


def _observe_route(route: Route) -> Observation:
    family = ("-6",) if route.prefix.version == 6 else ()
    exact = str(route.prefix)
    table = ("vrf", route.vrf.name) if route.vrf is not None else ("table", str(route.table))
    words = [] if route.type is RouteType.UNICAST else [route.type.value]
    words.append(route_destination(route))
    if route.gateway is not None:
        words.append(f"via {route.gateway}")
    if route.device is not None:
        words.append(f"dev {route.device.name}")
    if route.metric is not None:
        words.append(f"metric {route.metric}")
    what = f"route {route_destination(route)} of {route.netns.label}"
    return Observation(what, ("ip", *family, "route", "show", "exact", exact, *table), tuple(words))


def rule_steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps of policy rules."""
    for rule in making.topology.rules:
        if rule.netns.machine != machine:
            continue
        family = "-6" if rule.family == 6 else "-4"
        words = [*_leading(rule), *rule.action]
        protocol = str(making.mark.protocol)
        undo: Undo = Absorbed(object_name(rule.netns))
        if rule.netns.is_root:
            look = Look(f"{rule.preference}:*proto {protocol}*", ("ip", family, "-N", "rule", "show"))
            words += ["protocol", protocol]
            undo = Inverse(("ip", family, "rule", "del", *words), look)
        what = f"rule {rule.preference} of {rule.netns.label}"
        show = ("ip", family, "-N", "rule", "show", "pref", str(rule.preference))
        observation = Observation(what, show, (f"{rule.preference}:",))
        yield Step(
            ("ip", family, "rule", "add", *words), undo, rule.origin, rule.netns, Stage.RULE, observation=observation
        )


def _leading(rule: Rule) -> list[str]:
    """Return preference and selector; `not` must come first for ip-rule(8)."""
    selector = [word for word in rule.selector if word != "not"]
    return [*(["not"] if "not" in rule.selector else []), "pref", str(rule.preference), *selector]


def neighbour_steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps of neighbour entries."""
    for entry in making.topology.neighbours:
        if entry.netns.machine == machine:
            yield _neighbour_step(entry, making)


def _neighbour_step(entry: Neighbour, making: Making) -> Step:
    ip, name, protocol = str(entry.ip), entry.device.name, str(making.mark.protocol)
    device = making.topology.devices[entry.device]
    proxy = ["proxy"] if entry.mac is None else []
    words = [*proxy, ip, *([] if entry.mac is None else ["lladdr", entry.mac]), "dev", name]
    if entry.mac is not None:
        words += ["nud", "permanent"]
    undo: Undo = Absorbed(_made_with(device) if device.made in {Made.LAB, Made.PEER} else object_name(entry.netns))
    show = ("ip", "-N", "neigh", "show", *proxy, "dev", name)
    if device.netns.is_root and device.made not in {Made.LAB, Made.PEER}:
        words += ["protocol", protocol]
        look = Look(f"{ip} *proto {protocol}*", show)
        undo = Inverse(("ip", "neigh", "del", *proxy, ip, "dev", name), look)
    what = f"neighbour {ip} of {entry.device.label}"
    seen = (ip, *([] if entry.mac is None else [f"lladdr {entry.mac}"]))
    observation = Observation(what, (*show[:4], *proxy, "to", ip, "dev", name) if not proxy else show, seen)
    return Step(
        ("ip", "neigh", "add", *words), undo, entry.origin, entry.netns, Stage.NEIGHBOUR, observation=observation
    )
