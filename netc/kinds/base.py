"""What a kind is: its options, its shape, and the steps that make a device of it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import Flag, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from netc.kinds.common import COMMON, MAC, MTU
from netc.kinds.link import not_printed, printed, queue_words, set_words
from netc.plan.step import REMOVE_LINK, Absorbed, Inverse, LinkLook, Look, Mark, Observation, Stage, Step, Undo
from netc.topology.frames import Passing, Way
from netc.topology.model import Address, Device, DeviceKey, IPNetwork, Made, NetnsKey, Setting, Topology
from netc.topology.options import Option
from netc.topology.segments import Tag
from netc.topology.values import spelled

if TYPE_CHECKING:
    from netc.syntax.tree import Word
    from netc.topology.frames import Catch, Frame


class Form(Flag):
    """Which shapes of statement a kind takes."""

    DEVICE = auto()  # KIND NAME [ADDRESS...] [on PARENT] { ... }
    LINK = auto()  # KIND LEFT ... -- RIGHT ...
    NONE = 0  # made by netc itself, never written


@dataclass(frozen=True)
class Making:
    """What a kind needs to know to make its devices."""

    topology: Topology
    mark: Mark
    kinds: Mapping[str, Kind]


@dataclass(frozen=True)
class Membership:
    """The VLANs of a port: the one that frames without a tag belong to both ways, and those that keep their tag."""

    protocol: str
    untagged: int | None
    tagged: frozenset[int]


class Kind:
    """A kind of link or device. A new one is a file in this folder with a `KIND` of a subclass of this class.

    The file's docstring is the kind's page in the reference; its last line names the man page it follows.
    """

    name: ClassVar[str]
    form: ClassVar[Form]
    options: ClassVar[tuple[Option[Any], ...]] = ()
    common: ClassVar[tuple[Option[Any], ...]] = COMMON  # of those of every device, what it takes
    port_options: ClassVar[tuple[Option[Any], ...]] = ()  # of the devices that have one of this kind as their master
    made: ClassVar[Made] = Made.LAB
    takes_parent: ClassVar[bool] = False
    needs_parent: ClassVar[bool] = False
    takes_segment: ClassVar[bool] = False  # `on SEGMENT`: it sits on a physical network
    parent_word: ClassVar[str] = "link"  # `link PARENT` before the name, or `dev PARENT` among the type's own words
    required: ClassVar[tuple[str, ...]] = ()  # options that cannot be left out
    given_by_link: ClassVar[tuple[str, ...]] = ()  # options that the far end of a link gives, said or not
    makes_peer: ClassVar[bool] = True  # one command makes both ends of a link; else each end is made on its own
    can_have_ports: ClassVar[bool] = False
    takes_ports_down: ClassVar[bool] = False  # a device that is up cannot join it
    drops_addresses: ClassVar[bool] = False  # a device that joins it loses its IPv6 addresses
    bridges_ports: ClassVar[bool] = True  # its ports share a segment, where it has any
    modelled: ClassVar[bool] = False  # whether its methods say where its frames go: see `is_followed`
    in_lab_only: ClassVar[bool] = False  # it cannot be made with the lab's mark, so that it has no place on the host
    up_last: ClassVar[bool] = False  # set up only once all its ports are
    probe: ClassVar[tuple[str, ...] | None] = ()  # words after `type NAME` with which any kernel that can makes one

    @cached_property
    def all_options(self) -> dict[str, Option[Any]]:
        """The kind's own options and those of every device, by name."""
        return {option.name: option for option in (*self.options, *self.common)}

    @property
    def page(self) -> str:
        """The kind's page: its file's docstring."""
        return inspect.cleandoc(sys.modules[type(self).__module__].__doc__ or "")

    @property
    def probe_words(self) -> tuple[str, ...]:
        """The words after `type` with which up.sh tries whether the kernel knows the kind; none: it cannot be tried."""
        return () if self.probe is None else (self.name, *self.probe)

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return what stands after `type` in `ip link add`."""
        raise NotImplementedError

    def joined(self, device: Device) -> tuple[DeviceKey, ...]:
        """Return the devices that share a layer-2 segment with `device` because of what it is."""
        return tuple(key for key in (device.peer, device.master) if key is not None)

    def missing(self, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """Return the options that a device with these settings lacks."""
        return tuple(name for name in self.required if name not in settings)

    def clashing(self, settings: Mapping[str, Setting]) -> Iterator[tuple[str, str, str]]:
        """Yield options that cannot stand beside the others: the name, what is wrong, and what to write instead."""
        return iter(())

    def clashing_port(
        self, master: Mapping[str, Setting], port: Mapping[str, Setting]
    ) -> Iterator[tuple[str, str, str]]:
        """Yield options of a port that cannot stand beside what its master says, in the same form."""
        return iter(())

    def tag(self, device: Device) -> Tag | None:
        """Return the VLAN tag that the device's frames carry at its parent, or None."""
        return None

    def membership(self, master: Device, port: Device) -> Membership | None:
        """Return which VLANs `port`, or the master itself, is in; None where the master looks at no tags."""
        return None

    def subnets(self, device: Device) -> tuple[tuple[IPNetwork, Word], ...]:
        """Return the subnets that the lab declares for the segment of `device` at this device."""
        option = self.all_options.get("subnet")
        return () if option is None else option.of(device) or ()

    def rests_on(self, device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
        """Return devices, beside parent and master, that must be there before `device` is made."""
        return ()

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield where a frame goes that is sent by `device`: a device with a peer hands it to the peer."""
        if device.peer is not None:
            yield Passing(device.peer, Way.IN, frame, checked=True)

    def takes(self, device: Device, port: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield where a frame goes that came in at `port`, a port of `device`."""
        return iter(())

    def catches(self, device: Device, frame: Frame, topology: Topology) -> Catch | None:
        """Return what `device` takes of a frame that came in at its parent; None if it is not for it."""
        return None

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Whether the methods above say where frames go that come to `device`; else that is "unknown"."""
        return self.modelled

    def is_partly_followed(self, device: Device, topology: Topology) -> bool:
        """Whether, where `is_followed` is false, the methods say it all the same of whom the lab knows beyond it."""
        return False

    def hides_parent(self, device: Device, topology: Topology) -> bool:
        """Return whether what is not known of a child, where `is_followed` is false, is its parent's frames as well."""
        return True

    def unknown(self, device: Device) -> str:
        """Return what is not known where `is_followed` is false: what comes after "netc does not know"."""
        return f"what lies beyond {device.key.label}"

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return why that is not known: a clause, or nothing where `unknown` says it all."""
        return ""

    def multicasts(self, device: Device) -> bool:
        """Whether a device sends multicast: with an IPv6 address it does, for neighbour discovery."""
        return any(address.ip.version == 6 for address in device.addresses)

    def passes_all(self, device: Device, topology: Topology) -> bool:
        """Whether every frame that comes to `device` goes on to all that it is joined with, whatever the frame."""
        return False

    def traits(self, device: Device) -> Hashable:
        """Return what tells `device` from others in its place, as far as frames are concerned: by default, itself.

        Its place is that of a port at its far end, or a parent. Devices with the same traits in the same place could be
        swapped, and no frame would tell.
        """
        return device.key

    def listed(self, device: Device) -> Collection[str]:
        """Return the MAC addresses that the options of `device` name, so that whoever has one is like nobody else."""
        return ()

    def port_traits(self, device: Device, port: Device) -> Hashable:
        """Return what tells `port` from the other ports of `device` in the same sense: by default, itself."""
        return port.key

    def routing_table(self, device: Device) -> int | None:
        """Return the routing table of the devices whose master `device` is, where they have one of their own."""
        return None

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return the MTU of `device` in bytes where the lab says none; `mtu_of` tells that of another device."""
        return 1500

    def mtu_cap(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int | None:
        """Return what the kernel lowers a larger MTU of the lab's to, in bytes; None where it takes it, or refuses."""
        return None

    def default_mac(self, device: Device, making: Making) -> str | None:
        """Return the MAC that a device gets where the lab says none; None leaves it to the kernel."""
        return None

    def up_words(self, device: Device) -> tuple[str, ...]:
        """Return the command that sets up a device that comes up last."""
        return ("ip", "link", "set", "dev", device.name, "up")

    def port_steps(self, port: Device, making: Making) -> Iterator[Step]:
        """Yield the steps that set `port` up as a port of its master, a device of this kind that it has joined."""
        return iter(())

    def default_mtu(self, device: Device, making: Making) -> int | None:
        """Return the MTU that a device gets where the lab says none; None leaves it to the kernel."""
        return None

    def shown(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return what `ip -d link show` prints of what the lab says of `device`, each phrase for itself."""
        return ()

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the steps that make `device`, and its peer where one command makes both."""
        yield self.creation(device, making)
        for end in ends(device, making.topology):
            yield from configuration(end, making, self)

    def creation(self, device: Device, making: Making) -> Step:
        """Return the step that creates `device`."""
        words, netns = self.link_words(device, making), device.netns
        type_words = [*self.type_words(device, making)]
        if device.parent is not None:
            if self.parent_word == "link":
                words = ["link", device.parent.name, *words]
            else:
                type_words += [self.parent_word, device.parent.name]
            if device.parent.netns != netns:  # made where its parent is, and put where it belongs
                words += ["netns", netns.netns]
                netns = device.parent.netns
        argv: tuple[str, ...] = ("ip", "link", "add", *words, "type", *type_words)
        if device.netns.is_root and not netns.is_root:
            # The host's own namespace has no name; the script, whose child this is, is in it.
            at = argv.index("netns")
            rest = (*argv[3:at], *argv[at + 2 :])
            argv = ("sh", "-c", 'exec ip link add netns "$PPID" "$@"', "sh", *rest)
        undo = undo_of_link(device, making)
        return Step(argv, undo, device.origin, netns, Stage.LINK, makes=object_name(device.key))

    def link_words(self, device: Device, making: Making) -> list[str]:
        """Return the words of `ip link add` that every kind shares, for one end."""
        words = ["name", device.name]
        if (mac := MAC.of(device) or self.default_mac(device, making)) is not None:
            words += ["address", mac]
        if (mtu := MTU.of(device) or self.default_mtu(device, making)) is not None:
            words += ["mtu", str(mtu)]
        return [*words, *queue_words(device), "group", str(making.mark.group)]


def object_name(key: DeviceKey | NetnsKey) -> str:
    """Return the name that steps give the object they make."""
    return f"link {key.label}" if isinstance(key, DeviceKey) else f"netns {key.label}"


def ends(device: Device, topology: Topology) -> tuple[Device, ...]:
    """Return a device and the peer that is made with it."""
    peer = None if device.peer is None else topology.devices[device.peer]
    return (device,) if peer is None or peer.made is not Made.PEER else (device, peer)


def undo_of_link(device: Device, making: Making) -> Undo:
    """Return what removes a link: `ip link del` for the end on the host, else the namespace's own undo.

    Deleting a namespace is asynchronous in the kernel, so an end on the host is always deleted by name, and so is a
    child of a device outside its namespace: name and parent are free at once for the next up.sh.
    """
    for end in ends(device, making.topology):
        outside = end.parent is not None and end.parent.netns != end.netns
        if end.netns.is_root or outside:
            show = ("ip", "-N", "-o", "link", "show", "group", str(making.mark.group))
            look = LinkLook(end.name) if end.netns.is_root else Look(f"*: {end.name}[@:]*", show)
            return Inverse((*REMOVE_LINK, end.name), look, end.netns)
    return Absorbed(object_name(device.netns))


def configuration(device: Device, making: Making, kind: Kind) -> Iterator[Step]:
    """Yield the steps that a fresh device needs: its sysctls, its addresses, its alias and master, and up."""
    taken_with = taken_with_link(device)
    yield from device_sysctls(device, taken_with)
    master = None if device.master is None else making.kinds[making.topology.devices[device.master].kind]
    first = master is not None and master.drops_addresses and any(a.ip.version == 6 for a in device.addresses)
    if device.master is not None and first:
        joining = ("ip", "link", "set", "dev", device.name, "master", device.master.name)
        yield Step(joining, taken_with, device.origin, device.netns, Stage.LINK)
    for address in device.addresses:
        if address.origin is None:
            yield address_step(device, address, making)
    alias = f"{making.mark.alias} {device.origin.span.place}"[:255]
    words = ["link", "set", "dev", device.name, "alias", alias]
    if device.master is not None and not first:
        words += ["master", device.master.name]
    if master is not None and master.takes_ports_down:
        yield Step(("ip", *words), taken_with, device.origin, device.netns, Stage.LINK)
        words = ["link", "set", "dev", device.name]
    words += set_words(device)
    last = comes_up_last(device, making)
    if not last:
        words.append("up")
    observation = observe_link(device, making, kind)
    yield Step(("ip", *words), taken_with, device.origin, device.netns, Stage.LINK, observation=observation)
    if master is not None:
        yield from master.port_steps(device, making)
    if last:
        yield Step(kind.up_words(device), taken_with, device.origin, device.netns, Stage.UP)


def comes_up_last(device: Device, making: Making) -> bool:
    """Whether a device comes up once all ports are: a bridge, and what has one as its parent, however far down.

    kernel net/8021q/vlan_dev.c, vlan_dev_open: a VLAN cannot be up before its parent ("Network is down").
    """
    seen: set[DeviceKey] = set()
    while device.key not in seen:
        seen.add(device.key)
        if making.kinds[device.kind].up_last:
            return True
        if device.parent is not None:
            device = making.topology.devices[device.parent]
    return False


def taken_with_link(device: Device) -> Absorbed:
    """Return the undo of what goes with a device that the lab makes."""
    return Absorbed(object_name(device.key if device.made is Made.LAB else device.peer or device.key))


def device_sysctls(device: Device, undo: Undo) -> Iterator[Step]:
    """Yield the steps for those options of a device that are sysctls of its own."""
    for option in COMMON:
        if not option.kernel or (value := option.of(device)) is None:
            continue
        text = str(int(value))
        path = tuple(device.name if part == "*" else part for part in option.kernel)
        key = ("/" if "." in device.name else ".").join(path)
        observation = Observation(f"sysctl {key}", ("sysctl", "-n", key), (text,))
        argv = ("sysctl", "-qw", f"{key}={text}")
        yield Step(argv, undo, device.origin, device.netns, Stage.LINK, observation=observation)


def address_step(device: Device, address: Address, making: Making, stage: Stage = Stage.LINK) -> Step:
    """Return the step that adds an address.

    On a device that the lab did not make, the address carries the lab's mark as the metric of its prefix route
    (ip-address(8)): the one attribute that every kernel since 4.18 keeps and shows for both families.
    """
    text = spelled(address.interface)
    words = ["addr", "add", text, "dev", device.name]
    undo: Undo = Absorbed(object_name(device.key if device.made is Made.LAB else device.peer or device.netns))
    if device.netns.is_root and device.made in {Made.KERNEL, Made.OTHERS}:
        metric = str(making.mark.group)
        words += ["metric", metric]
        look = Look(f"* {text} metric {metric} *", ("ip", "-o", "addr", "show", "dev", device.name))
        undo = Inverse(("ip", "addr", "del", text, "dev", device.name), look)
    elif address.ip.version == 6:
        # Duplicates inside the lab are a finding already (N204); without the wait the address serves at once.
        words.append("nodad")
    elif device.made is not Made.KERNEL and address.interface.network.prefixlen < 31:
        words[3:3] = ["brd", "+"]
    origin = address.origin or device.origin
    show = ("ip", "-o", "addr", "show", "dev", device.name)
    observation = Observation(f"address {text} of {device.key.label}", show, (text,))
    return Step(("ip", *words), undo, origin, device.netns, stage, observation=observation)


def observe_link(device: Device, making: Making, kind: Kind) -> Observation:
    """Return how status.sh sees that a link is as the lab declares it."""
    words = ["group", str(making.mark.group)]
    if (mac := MAC.of(device) or kind.default_mac(device, making)) is not None:
        words = [mac, "brd", *words]
    if (mtu := MTU.of(device)) is not None:
        words = ["mtu", str(mtu), *words]
    if device.master is not None:
        words = ["master", device.master.name, *words]
    pairs = tuple(f"{words[i]} {words[i + 1]}" for i in range(0, len(words), 2))
    show = ("ip", "-d", "-o", "link", "show", "dev", device.name)
    seen = ("UP", *pairs, *printed(device), *kind.shown(device, making))
    return Observation(f"{kind.name} {device.key.label}", show, seen, absent=not_printed(device))
