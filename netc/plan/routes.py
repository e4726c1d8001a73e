"""Steps for routes, rules and neighbour entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from netc.kinds.base import Making, object_name
from netc.plan.step import Absorbed, Inverse, Look, Observation, Stage, Step, Undo
from netc.topology.model import MAIN_TABLE, Device, DeviceKey, Made, Neighbour, Route, RouteType, Rule
from netc.topology.values import spelled

#: RTN_* of rtnetlink(7): what `ip -N` prints instead of the word.
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "sctp": 132}  # RFC 5237, as `ip -N` prints them
_TYPE_NUMBERS = {RouteType.BLACKHOLE: 6, RouteType.UNREACHABLE: 7, RouteType.PROHIBIT: 8, RouteType.THROW: 9}
Hops: TypeAlias = tuple[Route, ...]  #: one route's next hops, at least one


def route_steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps of routes: those without a gateway first, since gateways are found by them."""
    found = grouped(route for route in making.topology.routes if route.netns.machine == machine)
    for hops in sorted(found, key=lambda hops: any(hop.gateway is not None for hop in hops)):
        route = hops[0]
        family = ("-6",) if route.prefix.version == 6 else ()
        marked: list[str] = []
        undo: Undo = Absorbed(object_name(route.netns))
        if route.netns.is_root:
            marked = ["proto", str(making.mark.protocol)]
            undo = _undo_of_route(hops, making)
        argv = ("ip", *family, "route", "add", *route_words(hops, marked))
        yield Step(argv, undo, route.origin, route.netns, Stage.ROUTE, observation=_observe_route(hops))


def grouped(routes: Iterable[Route]) -> list[Hops]:
    """Return routes with their next hops together; `routes` are in the order of the text."""
    found: list[list[Route]] = []
    for route in routes:
        if route.hop:
            found[-1].append(route)
        else:
            found.append([route])
    return [tuple(hops) for hops in found]


def route_words(hops: Hops, marked: Iterable[str] = ()) -> list[str]:
    """Return a route in iproute2's words, its devices always said, with `marked` where they end or next hops begin."""
    route = hops[0]
    words = [] if route.type is RouteType.UNICAST else [route.type.value]
    words.append(route_destination(route))
    if len(hops) == 1:
        words += _hop_words(route)
    # On the host an IPv6 route's metric is always said: `ip route del` takes the first of those that match.
    said = route.metric or (route.netns.is_root and route.prefix.version == 6)
    metric = route.priority if said else None
    source = None if route.source is None else spelled(route.source)
    for name, value in (("scope", route.scope), ("metric", metric), ("src", source)):
        if value is not None:
            words += [name, str(value)]
    if route.mtu is not None:
        words += ["mtu", *(["lock"] if route.mtu_locked else []), str(route.mtu)]
    words += route.metrics
    if route.vrf is not None:
        words += ["vrf", route.vrf.name]
    elif route.table != MAIN_TABLE:
        words += ["table", str(route.table)]
    words += marked
    if len(hops) > 1:
        words += [word for hop in hops for word in ("nexthop", *_hop_words(hop))]
    return words


def _hop_words(hop: Route) -> list[str]:
    words = ["encap", *hop.encap] if hop.encap else []
    if hop.gateway is not None:
        words += ["via", *_family_of(hop), spelled(hop.gateway)]
    if hop.device is not None:
        words += ["dev", hop.device.name]
    if hop.weight is not None:
        words += ["weight", str(hop.weight)]
    return [*words, *(["onlink"] if hop.onlink else [])]


def _family_of(hop: Route) -> list[str]:
    """Return what ip-route(8) wants before a gateway of another family than the destination's."""
    assert hop.gateway is not None
    return [] if hop.gateway.version == hop.prefix.version else ["inet6"]


def route_destination(route: Route) -> str:
    """Return the destination as `ip route` prints it."""
    if route.prefix.prefixlen == 0:
        return "default"
    single = route.prefix.prefixlen == route.prefix.max_prefixlen
    return spelled(route.prefix.network_address if single else route.prefix)


def _undo_of_route(hops: Hops, making: Making) -> Undo:
    """Return what removes a route of the host, where it does not go with a device of the lab."""
    route, protocol = hops[0], str(making.mark.protocol)
    device = making.topology.devices[route.device] if route.device is not None else None
    if len(hops) == 1 and device is not None and device.made in {Made.LAB, Made.PEER}:
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
    return Inverse(("ip", *family, "route", "del", *route_words(hops, ["proto", protocol])), look)


def _made_with(device: Device) -> str:
    key: DeviceKey = device.key if device.made is Made.LAB or device.peer is None else device.peer
    return object_name(key)


def _observe_route(hops: Hops) -> Observation:
    route = hops[0]
    family = ("-6",) if route.prefix.version == 6 else ()
    exact = spelled(route.prefix)
    table = ("vrf", route.vrf.name) if route.vrf is not None else ("table", str(route.table))
    words = [] if route.type is RouteType.UNICAST else [route.type.value]
    words.append(route_destination(route))
    for hop in hops:
        via = [] if hop.gateway is None else ["via", *_family_of(hop), spelled(hop.gateway)]
        dev = [] if hop.device is None else ["dev", hop.device.name]
        weight = ["weight", str(hop.weight or 1)] if len(hops) > 1 else []
        seen = [" ".join(["nexthop" if not hop.encap else "", *via, *dev, *weight]).strip()] if weight else []
        words += seen or [" ".join(part) for part in (via, dev) if part]
    if route.priority:
        words.append(f"metric {route.priority}")
    if route.scope in {"link", "host"} and route.prefix.version == 4:
        words.append(f"scope {route.scope}")
    if route.source is not None:
        words.append(f"src {spelled(route.source)}")
    if route.mtu is not None:
        words.append(f"mtu {'lock ' if route.mtu_locked else ''}{route.mtu}")
    if len(hops) == 1 and route.onlink:
        words.append("onlink")
    words += _shown_metrics(route)
    what = f"route {route_destination(route)} of {route.netns.label}"
    return Observation(what, ("ip", *family, "route", "show", "exact", exact, *table), tuple(words))


def _shown_metrics(route: Route) -> Iterator[str]:
    """Yield what the kernel keeps with a route as `ip route` prints it (iproute2 ip/iproute.c, print_rta_metrics)."""
    for name, value in zip(route.metrics[::2], route.metrics[1::2], strict=True):
        shown = value
        if value.endswith("ms") and (milliseconds := int(value[:-2])) >= 1000:
            shown = f"{milliseconds / 1000:g}s"
        if value != "0":  # what is off is not printed
            yield f"{name} {'lock ' if name == 'rto_min' else ''}{shown}"


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
            case "fwmark" | "tos":
                yield f"{word} {next(words)}"
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
    own = device.made in {Made.LAB, Made.PEER}
    undo: Undo = Absorbed(_made_with(device) if own else object_name(entry.netns))
    show = ("ip", "-N", "neigh", "show", *proxy, "dev", name)
    seen_by = ("ip", f"-{entry.ip.version}", "-N", "neigh", "show", *proxy)  # without `dev`: an uplink may have gone
    if device.netns.is_root and not own:
        words += ["protocol", protocol]
        look = Look(f"{ip} dev {name} *proto {protocol}*", seen_by)
        undo = Inverse(("ip", "neigh", "del", *proxy, ip, "dev", name), look)
    what = f"neighbour {ip} of {entry.device.label}"
    seen = (ip, *([] if entry.mac is None else [f"lladdr {entry.mac}"]))
    observation = Observation(what, (*show[:4], *proxy, "to", ip, "dev", name) if not proxy else show, seen)
    # `add` would refuse a neighbour that has been asked for, or has asked, since the device is up.
    argv = ("ip", "neigh", "replace" if own and entry.mac is not None else "add", *words)
    return Step(argv, undo, entry.origin, entry.netns, Stage.NEIGHBOUR, observation=observation)
