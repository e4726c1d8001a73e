"""The Topology while it is being bound: what has been declared so far, and under which names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from netc.diagnostics import Findings, Label, did_you_mean, error
from netc.kinds import kinds
from netc.source import Span
from netc.syntax.tree import Statement, Word
from netc.topology.model import (
    Address,
    Device,
    DeviceKey,
    Expectation,
    Forward,
    Lab,
    Made,
    Module,
    Neighbour,
    Netns,
    NetnsKey,
    Origin,
    Part,
    Process,
    Route,
    Rule,
    Setting,
    Sysctl,
    Topology,
)
from netc.topology.values import BindError

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.kinds.base import Kind
    from netc.topology.networks import PhysicalSegment

HOST = "host"
#: The machine of what stands outside every `host` of a lab that has some: none.
NOWHERE = ""
_NO_NETNS = NetnsKey(NOWHERE, "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands: in which namespace, and as the how-manieth of the unrolled text."""

    netns: NetnsKey
    order: int

    def origin(self, statement: Statement) -> Origin:
        """Return the origin of what `statement` declares."""
        return Origin(statement.span, statement.title, self.order)


@dataclass(slots=True)
class DeviceDraft:
    """A device that is still being put together."""

    key: DeviceKey
    kind: Kind
    span: Span
    origin: Origin
    made: Made
    addresses: list[Address] = field(default_factory=list)
    settings: dict[str, Setting] = field(default_factory=dict)
    peer: DeviceKey | None = None
    parent: DeviceKey | None = None
    master: DeviceKey | None = None
    master_span: Span | None = None
    waiting: list[Statement] = field(default_factory=list)  # options whose meaning its master decides
    segment: Word | None = None

    def freeze(self) -> Device:
        """Return the device, its addresses in the order of the text."""
        return Device(
            self.key,
            self.kind.name,
            self.span,
            self.origin,
            self.made,
            tuple(sorted(self.addresses, key=lambda address: address.order)),
            self.settings,
            self.peer,
            self.parent,
            self.master,
            self.master_span,
            None if self.segment is None else self.segment.text,
        )


@dataclass(frozen=True, slots=True)
class AutoAddress:
    """A request for the next free address of the segment of a device."""

    device: DeviceKey
    span: Span
    order: tuple[int, int]
    origin: Origin | None


@dataclass(slots=True)
class Draft:
    """Everything bound so far. Lookups go by the names that the lab uses; keys carry the real ones."""

    findings: Findings
    lab: Lab
    top: NetnsKey = _NO_NETNS  # what the top level of the file stands for
    netnses: dict[NetnsKey, Netns] = field(default_factory=dict)
    devices: dict[DeviceKey, DeviceDraft] = field(default_factory=dict)
    autos: list[AutoAddress] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    neighbours: list[Neighbour] = field(default_factory=list)
    sysctls: list[Sysctl] = field(default_factory=list)
    parameters: dict[tuple[NetnsKey, tuple[str, ...]], Span] = field(default_factory=dict)  # where each is set
    forwards: list[Forward] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    once: dict[tuple[object, ...], Span] = field(default_factory=dict)  # what parts can say once, and where they do
    segments: dict[str, PhysicalSegment] = field(default_factory=dict)
    derived: list[Callable[[], None]] = field(default_factory=list)  # links that wait for every said name
    parents: list[Callable[[], None]] = field(default_factory=list)  # devices that wait for every other device
    later: list[Callable[[Topology], None]] = field(default_factory=list)  # what needs every address
    _netns_names: dict[tuple[str, str], NetnsKey] = field(default_factory=dict)
    _netnses_called: dict[str, list[NetnsKey]] = field(default_factory=dict)
    _device_names: dict[tuple[NetnsKey, str], DeviceKey] = field(default_factory=dict)
    _turns: dict[tuple[NetnsKey, str], int] = field(default_factory=dict)

    # -- machines and namespaces -----------------------------------------------------------------------------

    def add_machine(self, word: Word, origin: Origin) -> None:
        """Declare a machine, and with it its root namespace."""
        if not word.text:
            raise unnamed(word.span, "a host")
        key = NetnsKey(word.text, "")
        if key in self.netnses:
            raise twice(word.span, f"the host {word.text}", self.netnses[key].span)
        self.add_netns_key(key, word.span, origin)

    def add_netns(self, machine: str, word: Word, origin: Origin) -> None:
        """Declare a namespace."""
        if not word.text:
            raise unnamed(word.span, "a namespace")
        earlier = self._netns_names.get((machine, word.text))
        if earlier is not None:
            raise twice(word.span, f"the namespace {word.text}", self.netnses[earlier].span)
        key = NetnsKey(machine, self.lab.prefix + word.text)
        self._netns_names[machine, word.text] = key
        self._netnses_called.setdefault(word.text, []).append(key)
        self.add_netns_key(key, word.span, origin)

    def add_netns_key(self, key: NetnsKey, span: Span, origin: Origin) -> None:
        """Add a namespace under its key, with its lo."""
        self.netnses[key] = Netns(key, span, origin)
        lo = DeviceKey(key, "lo")
        self.devices[lo] = DeviceDraft(lo, kinds()["lo"], span, origin, Made.KERNEL)
        self._device_names[key, "lo"] = lo

    def find_netns(self, word: Word, machine: str) -> NetnsKey | None:
        """Return the namespace that a word names, or None; a machine's name is that of its root namespace."""
        return self.find_netns_named(word.text, word.span, machine)

    def find_netns_named(self, text: str, span: Span, machine: str) -> NetnsKey | None:
        """Return the namespace called `text`; raises BindError where it could be two.

        MACHINE/NETNS says it whole. Else those of `machine` come first, then every other machine's.
        """
        if "/" in text:
            first, _, rest = text.partition("/")
            return self._netns_names.get((first, rest))
        own = self._netns_names.get((machine, text))
        found = self._netnses_called.get(text, []) if own is None else [own]
        root = NetnsKey(text, "")
        candidates = ([root] if root in self.netnses else []) + found
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        names = [f"{key.machine}/{text}" for key in found]
        labels = [Label(self.netnses[key].span, f"`{name}`") for key, name in zip(found, names, strict=True)][:5]
        message = f"`{text}` could be any of {', '.join(names[:5])}{'...' if len(names) > 5 else ''}"
        help = f"write `{names[0]}`, or the one that is meant"
        if root in self.netnses:
            message = f"`{text}` is both the machine and a namespace"
            help = f"write `{names[0]}` for the namespace, or give it another name"
        raise BindError(error("N008", span, message, help=help, labels=labels))

    def own_netns(self, machine: str, word: Word) -> NetnsKey:
        """Return the key of a namespace that the machine declares by this very name; raises BindError."""
        found = self._netns_names.get((machine, word.text))
        if found is None:  # its declaration was refused
            raise unnamed(word.span, "a namespace")
        return found

    def said_name(self, netns: NetnsKey) -> str:
        """Return what the lab calls a namespace: its name without the lab's prefix, or its machine's."""
        return netns.netns.removeprefix(self.lab.prefix) or netns.machine

    def netns(self, word: Word, machine: str) -> NetnsKey:
        """Return the namespace that a word names; raises BindError."""
        found = self.find_netns(word, machine)
        if found is None:
            raise unknown(
                word.span,
                f"there is no namespace `{word.text}`",
                did_you_mean(word.text, self.netns_names(machine)),
            )
        return found

    def netns_names(self, machine: str) -> list[str]:
        """Return the names of namespaces that can be used on a machine."""
        own = [name for owner, name in self._netns_names if owner == machine]
        return own + list(self._netnses_called.keys() - set(own)) + [key.machine for key in self.machines]

    @property
    def machines(self) -> list[NetnsKey]:
        """The root namespaces of the machines, in the order of the text."""
        return [key for key in self.netnses if key.is_root]

    # -- devices ---------------------------------------------------------------------------------------------

    def say_once(self, key: tuple[object, ...], span: Span, message: str, *, label: str, help: str) -> None:
        """Take down where something is said that can be said once; raises BindError with `message` the second time."""
        earlier = self.once.setdefault(key, span)
        if earlier is not span:
            raise BindError(error("N007", span, message, labels=[Label(earlier, label)], help=help))

    def add_device(self, netns: NetnsKey, name: str, span: Span, kind: Kind, origin: Origin) -> DeviceDraft:
        """Declare a device; raises BindError where the namespace has one of that name."""
        if not name:
            raise unnamed(span, "a device")
        prefix = self.lab.prefix if netns.is_root and kind.made is Made.LAB else ""
        key = DeviceKey(netns, prefix + name)
        # An uplink has no prefix, so that two names in the lab could be one on the host.
        earlier = self._device_names.get((netns, name)) or (key if key in self.devices else None)
        if earlier is not None:
            what = f"the device {earlier.name} of {netns.label}"
            if earlier.name == "lo":
                what = f"lo, which {netns.label} has from the start,"
            raise twice(span, what, self.devices[earlier].span)
        draft = DeviceDraft(key, kind, span, origin, kind.made)
        self.devices[key] = draft
        self._device_names[netns, name] = key
        return draft

    def free_name(self, netns: NetnsKey, base: str, named: Callable[[str], str]) -> str:
        """Return the first of `named(base)`, `named(base-2)`, `named(base-3)`... that no device of a namespace has."""
        turn = self._turns.get((netns, base), 0)
        while True:
            turn += 1
            name = named(base if turn == 1 else f"{base}-{turn}")
            if (netns, name) not in self._device_names:
                self._turns[netns, base] = turn
                return name

    def master_names(self, netns: NetnsKey) -> list[str]:
        """Return the lab's names for what can have ports, in a namespace and on its host."""
        scopes = {netns, NetnsKey(netns.machine, "")}
        return [
            name
            for (owner, name), key in self._device_names.items()
            if owner in scopes and self.devices[key].kind.can_have_ports
        ]

    def find_device(self, netns: NetnsKey, name: str) -> DeviceDraft | None:
        """Return the device of a namespace by the lab's name for it, or None."""
        key = self._device_names.get((netns, name))
        return None if key is None else self.devices[key]

    def device(self, netns: NetnsKey, word: Word) -> DeviceDraft:
        """Return the device that a word names in a namespace; raises BindError."""
        found = self.find_device(netns, word.text)
        if found is None:
            known = self.device_names(netns)
            raise unknown(word.span, f"{netns.label} has no device `{word.text}`", did_you_mean(word.text, known))
        return found

    def device_names(self, netns: NetnsKey) -> list[str]:
        """Return the lab's names for the devices of a namespace."""
        return [name for owner, name in self._device_names if owner == netns]

    def find_master(self, netns: NetnsKey, name: str) -> DeviceDraft | None:
        """Return the bridge (or the like) called `name` in a namespace, else on its host, or None."""
        for scope in dict.fromkeys((netns, NetnsKey(netns.machine, ""))):
            found = self.find_device(scope, name)
            if found is not None and found.kind.can_have_ports:
                return found
        return None

    def topology(self) -> Topology:
        """Return what is bound so far, frozen."""
        devices = sorted(
            self.devices.values(), key=lambda device: (device.made is not Made.KERNEL, device.origin.order)
        )
        return Topology(
            lab=self.lab,
            machines=tuple(key.machine for key in self.machines),
            netnses=self.netnses,
            devices={device.key: device.freeze() for device in devices},
            routes=tuple(self.routes),
            rules=tuple(self.rules),
            neighbours=tuple(self.neighbours),
            sysctls=tuple(self.sysctls),
            forwards=tuple(self.forwards),
            modules=tuple(self.modules),
            processes=tuple(self.processes),
            expectations=tuple(self.expectations),
            parts=tuple(self.parts),
            segments=self.segments,
        )


def twice(span: Span, what: str, earlier: Span) -> BindError:
    """Build the error for a name that is declared twice."""
    return BindError(
        error(
            "N007",
            span,
            f"{what} is declared twice",
            labels=[Label(earlier, "first declared here")],
            help="choose another name for one of them",
        )
    )


def unnamed(span: Span, what: str) -> BindError:
    """Build the error for a name without a character."""
    return BindError(error("N005", span, f"the name of {what} is empty", help="write a name"))


def unknown(span: Span, message: str, help: str) -> BindError:
    """Build the error for a name that nothing has."""
    return BindError(error("N006", span, message, help=help))
