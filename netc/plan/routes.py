"""Steps for routes, rules and neighbour entries."""

from __future__ import annotations

from collections.abc import Iterator

from netc.kinds.base import Making, object_name
from netc.plan.step import Absorbed, Inverse, Look, Observation, Stage, Step, Undo
from netc.topology.model import MAIN_TABLE, Device, DeviceKey, Made, Neighbour, Route, RouteType, Rule
from netc.topology.values import spelled

#: RTN_* of rtnetlink(7): what `ip -N` prints instead of the word.
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "sctp": 132}  # RFC 5237, as `ip -N` prints them
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
        words += ["via", spelled(route.gateway)]
    if route.device is not None:
        words += ["dev", route.device.name]
    if route.onlink:
        words.append("onlink")
    # On the host an IPv6 route's metric is always said: `ip route del` takes the first of those that match.
    said = route.metric or (route.netns.is_root and route.prefix.version == 6)
    metric = route.priority if said else None
    source = None if route.source is None else spelled(route.source)
    for name, value in (("scope", route.scope), ("metric", metric), ("src", source), ("mtu", route.mtu)):
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
    return spelled(route.prefix.network_address if single else route.prefix)


def _undo_of_route(route: Route, words: list[str], protocol: str, making: Making) -> Undo:
    device = making.topology.devices[route.device] if route.device is not None else None
    if device is not None and device.made in {Made.LAB, Made.PEER}:
        return Absorbed(_made_with(device))
    family = ("-6",) if route.prefix.version == 6 else ()
    in_main = route.table == MAIN_TABLE
    kind = "" if route.type is RouteType.UNICAST else f"@({route.type.value}|{_TYPE_NUMBERS[route.type]}) "
    table = "" if in_main else f"*table {route.table} "
    metric = f"*metric {route.priority} *" if route.priority else "!(*metric *)"
    look = Look(
        f"{kind}{route_destination(route)} {table}{metric}",
        ("ip", *family, "-N", "route", "show", "table", "main" if in_main else "all", "proto", protocol),
    )
    return Inverse(("ip", *family, "route", "del", *words), look)


def _made_with(device: Device) -> str:
    key: DeviceKey = device.key if device.made is Made.LAB or device.peer is None else device.peer
    return object_name(key)


def _observe_route(route: Route) -> Observation:
    family = ("-6",) if route.prefix.version == 6 else ()
    exact = spelled(route.prefix)
    table = ("vrf", route.vrf.name) if route.vrf is not None else ("table", str(route.table))
    words = [] if route.type is RouteType.UNICAST else [route.type.value]
    words.append(route_destination(route))
    if route.gateway is not None:
        words.append(f"via {spelled(route.gateway)}")
    if route.device is not None:
        words.append(f"dev {route.device.name}")
    if route.priority:
        words.append(f"metric {route.priority}")
    if route.scope in {"link", "host"} and route.prefix.version == 4:
        words.append(f"scope {route.scope}")
    if route.source is not None:
        words.append(f"src {spelled(route.source)}")
    if route.mtu is not None:
        words.append(f"mtu {route.mtu}")
    if route.onlink:
        words.append("onlink")
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
        observation = Observation(what, show, (f"{rule.preference}:", *_shown(rule)))
        yield Step(
            ("ip", family, "rule", "add", *words), undo, rule.origin, rule.netns, Stage.RULE, observation=observation
        )


def _shown(rule: Rule) -> Iterator[str]:
    """Yield a rule's words as `ip -N rule show` prints them (iproute2 ip/iprule.c, print_rule)."""
    words = iter((*rule.selector, *rule.action))
    if "from" not in rule.selector:
        yield "from all"
    for word in words:
        match word:
            case "not":
                yield word
            case "l3mdev":
                yield "lookup [l3mdev-table]"
            case "blackhole" | "unreachable" | "prohibit":
                yield str(_TYPE_NUMBERS[RouteType(word)])
            case "from" | "to":
                yield f"{word} {next(words).removesuffix('/32').removesuffix('/128')}"
            case "fwmark":
                yield f"{word} {int(next(words)):#x}"
            case "tos":
                yield f"{word} {int(next(words)):#04x}"
            case "ipproto":
                yield f"{word} ipproto-{_PROTOCOLS[next(words)]}"
            case _:
                yield f"{word} {next(words)}"


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
    ip, name, protocol = spelled(entry.ip), entry.device.name, str(making.mark.protocol)
    device = making.topology.devices[entry.device]
    proxy = ["proxy"] if entry.mac is None else []
    words = [*proxy, ip, *([] if entry.mac is None else ["lladdr", entry.mac]), "dev", name]
    if entry.mac is not None:
        words += ["nud", "permanent"]
    undo: Undo = Absorbed(_made_with(device) if device.made in {Made.LAB, Made.PEER} else object_name(entry.netns))
    show = ("ip", "-N", "neigh", "show", *proxy, "dev", name)
    seen_by = ("ip", f"-{entry.ip.version}", "-N", "neigh", "show", *proxy)  # without `dev`: an uplink may have gone
    if device.netns.is_root and device.made not in {Made.LAB, Made.PEER}:
        words += ["protocol", protocol]
        look = Look(f"{ip} dev {name} *proto {protocol}*", seen_by)
        undo = Inverse(("ip", "neigh", "del", *proxy, ip, "dev", name), look)
    what = f"neighbour {ip} of {entry.device.label}"
    seen = (ip, *([] if entry.mac is None else [f"lladdr {entry.mac}"]))
    observation = Observation(what, (*show[:4], *proxy, "to", ip, "dev", name) if not proxy else show, seen)
    return Step(
        ("ip", "neigh", "add", *words), undo, entry.origin, entry.netns, Stage.NEIGHBOUR, observation=observation
    )
