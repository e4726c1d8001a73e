"""What the lab asks of the host: what must be there and what must not, and what it changes there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.kinds import kinds
from netc.kinds.base import Making
from netc.kinds.common import MTU
from netc.plan.routes import route_destination
from netc.plan.step import Inverse, Look, Need, Restore, Stage, Step, Taken, Uplink
from netc.topology.model import MAIN_TABLE, Device, Made, NetnsKey, Origin, Topology
from netc.topology.values import spelled

#: Where what removes itself is a change of the host, and not of a device that the lab makes there.
_BESIDE_DEVICES = {Stage.ADDRESS, Stage.NEIGHBOUR, Stage.POLICY, Stage.TRAFFIC}
_ROUTE_TYPES = (
    "@(|blackhole |unreachable |prohibit |throw |[6-9] )"  # `ip -N` prints types as numbers, see rtnetlink(7)
)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What up.sh looks at before it changes anything."""

    devices: tuple[tuple[str, Origin], ...]
    taken: tuple[Taken, ...]
    uplinks: tuple[Uplink, ...]
    needs: tuple[Need, ...]
    kinds: tuple[tuple[tuple[str, ...], str], ...]
    tools: tuple[str, ...]


def preflight_of(making: Making, machine: str, steps: tuple[Step, ...]) -> Preflight:
    """Return what up.sh on `machine` looks at first."""
    topology = making.topology
    devices = topology.devices_in(NetnsKey(machine, ""))
    made = [device for device in devices if device.made in {Made.LAB, Made.PEER}]
    uplinks = tuple(
        _uplink(device)
        for device in topology.devices.values()
        if device.netns.machine == machine and device.made is Made.OTHERS
    )
    return Preflight(
        devices=tuple((device.name, device.origin) for device in made),
        taken=tuple(dict.fromkeys([*_taken(making, machine, made), *(t for step in steps for t in step.taken)])),
        uplinks=uplinks,
        needs=tuple(_needs(steps)),
        kinds=tuple(_kinds(topology, machine)),
        tools=tuple(_tools(steps)),
    )


def _uplink(device: Device) -> Uplink:
    moved = not device.netns.is_root
    addresses = () if moved else tuple(spelled(address.interface) for address in device.addresses)
    return Uplink(device.name, addresses, device.origin, MTU.of(device), moved)


def _kinds(topology: Topology, machine: str) -> Iterator[tuple[tuple[str, ...], str]]:
    seen: set[str] = set()
    for device in topology.made_devices():
        words = kinds()[device.kind].probe_words
        if device.netns.machine == machine and words and device.kind not in seen:
            seen.add(device.kind)
            yield words, device.origin.text


def _tools(steps: tuple[Step, ...]) -> list[str]:
    """Return the commands that up.sh runs, sorted; a process's own command counts."""
    found = {step.argv[0] for step in steps} | {"ip", "flock"}
    if any(step.background for step in steps):
        found.add("setsid")
    return sorted(found)


def _needs(steps: tuple[Step, ...]) -> Iterator[Need]:
    """Yield what the steps want to be there; of several that want the same, the first says so."""
    seen: set[tuple[str, ...]] = set()
    for need in (need for step in steps for need in step.needs):
        if need.argv not in seen:
            seen.add(need.argv)
            yield need


def _taken(making: Making, machine: str, made: list[Device]) -> Iterator[Taken]:
    """Yield what of the host's routes, rules and addresses must be free: a lab never covers another's."""
    topology = making.topology
    for device in made:
        for address in device.addresses:
            network = address.interface.network
            if network.prefixlen < network.max_prefixlen:
                yield _taken_route(spelled(network), MAIN_TABLE, address.origin or device.origin, network.version)
    for route in topology.routes:
        if route.netns == NetnsKey(machine, ""):
            yield _taken_route(route_destination(route), route.table, route.origin, route.prefix.version)
    for rule in topology.rules:
        if rule.netns == NetnsKey(machine, ""):
            show = ("ip", f"-{rule.family}", "-N", "rule", "show")
            yield Taken(f"a rule with preference {rule.preference}", Look(f"{rule.preference}:*", show), rule.origin)
    for device in topology.devices_in(NetnsKey(machine, "")):
        for address in device.addresses if device.made is Made.KERNEL else ():
            look = Look(f"* {spelled(address.ip)}/*", ("ip", "-o", "addr", "show"))
            yield Taken(f"the address {spelled(address.ip)}", look, address.origin or device.origin)
    for entry in topology.neighbours:
        device = topology.devices[entry.device]
        if entry.netns == NetnsKey(machine, "") and device.made not in {Made.LAB, Made.PEER}:
            proxy = ("proxy",) if entry.mac is None else ()
            show = ("ip", f"-{entry.ip.version}", "-N", "neigh", "show", *proxy)
            look = Look(f"{spelled(entry.ip)} dev {device.name} *", show)
            yield Taken(f"a neighbour entry for {entry.ip}", look, entry.origin)


def _taken_route(destination: str, table: int, origin: Origin, version: int) -> Taken:
    family = ("-6",) if version == 6 else ()
    in_main = table == MAIN_TABLE
    name = "main" if in_main else "all"
    pattern = f"{_ROUTE_TYPES}{destination} {'' if in_main else f'*table {table} '}*"
    what = f"a route to {destination}" + ("" if in_main else f" in table {table}")
    return Taken(what, Look(pattern, ("ip", *family, "-N", "route", "show", "table", name)), origin)


def host_changes(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Return what the lab changes on the host beside the devices that it makes there, a line each."""
    found = []
    for step in steps:
        on_host = step.netns.is_root and step.stage is not Stage.NETNS
        if on_host and (isinstance(step.undo, Restore) or step.stage in {Stage.ROUTE, Stage.RULE, Stage.MODULE}):
            argv = step.argv[3:] if step.argv[:2] == ("sh", "-c") else step.argv  # what is written, and not how
            words = [word for word in argv if word not in {"-qw", "-e", "-q"}]
            found.append(f"{' '.join(words)}  ({step.origin.span.place})")
        elif on_host and isinstance(step.undo, Inverse) and step.stage in _BESIDE_DEVICES:
            shown = step.argv[3:] if step.argv[:2] == ("sh", "-c") else step.argv  # what a shell is for, not its script
            what = step.makes if step.stdin else " ".join(word for word in shown if word)
            found.append(f"{what}  ({step.origin.span.place})")
    return tuple(found)
