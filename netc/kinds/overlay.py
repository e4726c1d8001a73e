"""What all tunnels have in common: packets of their own inside others, between two outer addresses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from netc.kinds import kinds
from netc.kinds.attributes import AttributeKind, ip_address, mirrored
from netc.kinds.base import Form, Making
from netc.kinds.common import MTU
from netc.kinds.segments import segments_of
from netc.kinds.veth import SUBNET
from netc.topology.model import Device, DeviceKey, IPAddress, IPInterface, NetnsKey, Setting, Topology

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from netc.topology.frames import Far, Frame, Load, Passing, Wrapping
    from netc.topology.options import Option

LOCAL = mirrored(
    ip_address(
        "local",
        "The outer source: an address of the namespace that the tunnel is made in. In a link it is the other end's "
        "`remote`, and worked out from the addresses of both namespaces where they leave one answer.",
        "any; in a link, worked out",
    ),
    "remote",
)
REMOTE = ip_address(
    "remote", "The outer destination. In a link it is the other end's `local`.", "any; in a link, theirs"
)


@dataclass(frozen=True, slots=True)
class Outer:
    """The outer addresses of one end of a tunnel, and the device that has the local one where the lab says so."""

    local: IPAddress
    remote: IPAddress
    device: DeviceKey | None


@dataclass(frozen=True, slots=True)
class _Choice:
    """An address that an end of a tunnel could use."""

    ip: IPAddress
    device: DeviceKey | None = None
    interface: IPInterface | None = None


class Overlay(AttributeKind):
    """A kind of tunnel. Each end of a link is a device that is made on its own."""

    form = Form.DEVICE | Form.LINK
    makes_peer = False
    given_by_link = ("local", "remote")
    outer_versions: ClassVar[tuple[int, ...]] = (4,)  # of IP, that its packets can travel in
    has_ends: ClassVar[bool] = True  # two outer addresses are its own
    sets_mtu: ClassVar[bool] = False  # in a link, netc says the MTU, where the kernel would not know the way
    asks_route: ClassVar[bool] = False  # the kernel asks the route to the far end for the MTU, when it makes the device
    carries_frames: ClassVar[bool] = True  # Ethernet frames, and not IP packets
    over_udp: ClassVar[bool] = False  # see is_over_udp
    binds: ClassVar[bool] = False  # the kernel binds a socket to `local` when it makes the tunnel
    turns_back: ClassVar[bool] = False  # what it sends to its own namespace comes in there, whatever its MAC addresses
    has_fdb: ClassVar[bool] = False  # `fdb` may say which far end a MAC address is at
    is_marked: ClassVar[bool] = False  # the mark of its packets names the kind, in the third place
    unfollowed: ClassVar[tuple[str, ...]] = ()  # options that change which packets go where, in ways netc does not know

    @classmethod
    def extra_options(cls) -> tuple[Option[Any], ...]:
        """Return the subnet of what is inside."""
        return (SUBNET,)

    def overhead(self, device: Device, version: int) -> int:
        """Return how many bytes the tunnel puts before a packet's IP header, when its own packets are of `version`."""
        raise NotImplementedError

    def outer_version(self, device: Device, topology: Topology) -> int:
        """Return the IP version of the outer packets: that of its addresses, or the first that they can have."""
        return next((ip.version for ip in ends_of(topology, device) if ip is not None), self.outer_versions[0])

    def outer_netns(self, device: Device) -> NetnsKey:
        """Return the namespace of the outer packets: the one in which the device is made, that of its parent."""
        return device.netns if device.parent is None else device.parent.netns

    def listens_at(self, device: Device, topology: Topology) -> DeviceKey | None:
        """Return the device in whose VRF a tunnel's socket is, if that is bound."""
        return None

    def is_over_udp(self, device: Device, topology: Topology) -> bool:
        """Return whether a socket for a port takes its packets, which hears VRFs or does not."""
        return self.over_udp

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether addresses and what `wraps` puts into the packets decide, and nothing else."""
        return self.modelled and not any(said(device, name) for name in self.unfollowed)

    def unknown(self, device: Device) -> str:
        """Return which option decides in ways that netc does not know."""
        option = next((name for name in self.unfollowed if said(device, name)), None)
        return super().unknown(device) if option is None else f"what `{option}` makes of what {device.key.label} sends"

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return that the kind is not followed, where no option is to blame."""
        return "" if any(said(device, name) for name in self.unfollowed) else f"netc does not follow {self.name}"

    def advice(self, device: Device) -> str:
        """Return what to write where a tunnel has no outer packet to send."""
        return f"say `local` and `remote` of {device.key.label}, and a mode that carries it"

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield nothing: what a tunnel sends goes by `wraps`."""
        return iter(())

    def wraps(self, device: Device, load: Load, far: Far | None, topology: Topology) -> Wrapping | None:
        """Return the outer packet for a far end that the FDB names, or the device's own; None if it cannot be sent."""
        return None

    def unwraps(self, device: Device, wrapping: Wrapping, topology: Topology) -> int | None:
        """Return how well an outer packet, with its source, fits the device, 0 best; None if it is not for it."""
        return None

    def may_take(self, wrapping: Wrapping) -> bool:
        """Whether an outer packet may be for a device of this kind, whatever its options say: by its protocol."""
        return not self.is_marked or wrapping.mark[2:3] == (self.name,)

    def learns(self, device: Device) -> bool:
        """Whether the device learns the far end of a MAC address from the frames that come in."""
        return False

    def rests_on(self, device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
        """Return the devices of the outer addresses: they are there first, so that the kernel finds the way."""
        near = self._near(device, topology) if self.asks_route else None
        below = below_of(topology, device)
        return tuple(key for key in dict.fromkeys((below, near)) if key is not None and key != device.key)

    def _near(self, device: Device, topology: Topology) -> DeviceKey | None:
        """Return the device with an address of the far end's subnet, where devices are made: `address` comes later."""
        remote = ends_of(topology, device)[1]
        for address, owner in topology.addresses_of(self.outer_netns(device)):
            if remote is not None and remote in address.interface.network and address.origin is None:
                return None if owner.key == device.key else owner.key
        return None

    def link_below(self, device: Device, topology: Topology) -> DeviceKey | None:
        """Return the device by which the kernel finds the far end when it makes a tunnel; None where it does not.

        Routes come later than devices, and bridges come up last.
        """
        near = self._near(device, topology)
        return None if near is None or kinds()[topology.devices[near].kind].up_last else near

    def default_mtu(self, device: Device, making: Making) -> int | None:
        """Return what leaves room in the packets of the device below, for links of kinds that do not see to it."""
        outer = outer_of(making.topology, device) if self.sets_mtu and device.peer is not None else None
        if outer is None or outer.device is None:
            return None
        return mtu_of(making.topology.devices[outer.device], making) - self.overhead(device, outer.local.version)

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the type and its words; in a link, the outer addresses that nobody says are worked out."""
        return super().type_words(_with_ends(device, making), making)

    def shown(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return what is printed of the options, and of the outer addresses that are worked out."""
        return super().shown(_with_ends(device, making), making)


def _with_ends(device: Device, making: Making) -> Device:
    """Return an end of a link with the outer addresses that nobody says."""
    outer = outer_of(making.topology, device) if device.peer is not None else None
    if outer is None:
        return device
    found = {"local": outer.local, "remote": outer.remote}
    known = {name: Setting(ip, device.span, device.span) for name, ip in found.items()}
    return replace(device, settings={**known, **device.settings})


def below_of(topology: Topology, device: Device) -> DeviceKey | None:
    """Return the device of the same namespace that has the outer address of a tunnel, as far as the lab tells."""
    outer = outer_of(topology, device) if device.peer is not None else None
    if outer is not None:
        return outer.device
    local = LOCAL.option.of(device)
    owners = () if local is None else topology.owners_of(local)
    return next((owner.key for owner in owners if owner.netns == device.netns and owner.key != device.key), None)


def is_external(settings: Mapping[str, Setting]) -> bool:
    """Whether a device takes its ends from the packets' metadata, so that it has none of its own."""
    return "external" in settings and settings["external"].value is True


def beside_external(settings: Mapping[str, Setting], *names: str) -> Iterator[tuple[str, str, str]]:
    """Yield those of the named options that the lab says, though each packet brings its own."""
    for name in names:
        if name in settings:
            yield name, f"`{name}` cannot stand beside `external on`: each packet brings its own", "leave it out"


def mtu_of(device: Device, making: Making) -> int:
    """Return the MTU of a device, as far as the lab says it; else the one of Ethernet."""
    return MTU.of(device) or making.kinds[device.kind].default_mtu(device, making) or 1500


def outer_of(topology: Topology, device: Device) -> Outer | None:
    """Return the outer addresses of an end of a link; None where the lab leaves none, or more than one answer.

    What the ends say (`local`, `remote`, `on PARENT`) comes first. Else they are two addresses of one subnet of a
    segment that both namespaces are on; else of one segment; else, across routers, any. IPv4 comes before IPv6.
    """
    return _outers(topology).get(device.key)


def outer_choices(topology: Topology, device: Device) -> list[tuple[IPAddress, IPAddress]]:
    """Return the pairs of outer addresses that are left for an end of a link, its own first."""
    return [(one.ip, two.ip) for one, two in _pairs(topology).get(device.key, ())]


@lru_cache(maxsize=2)
def _outers(topology: Topology) -> Mapping[DeviceKey, Outer]:
    only = {key: pairs[0] for key, pairs in _pairs(topology).items() if len(pairs) == 1}
    return {key: Outer(local.ip, remote.ip, local.device) for key, (local, remote) in only.items()}


@lru_cache(maxsize=2)
def _pairs(topology: Topology) -> Mapping[DeviceKey, list[tuple[_Choice, _Choice]]]:
    home = {device.key: number for number, one in enumerate(segments_of(topology)) for device in one.devices}
    tunnels = {device.key for device in topology.devices.values() if _kind(device) is not None}
    found = {}
    for device in topology.devices.values():
        kind = _kind(device)
        if kind is None or device.peer is None:
            continue
        mine, theirs = (_choices(topology, one, kind, tunnels) for one in (device, topology.devices[device.peer]))
        pairs = [(a, b) for a in mine for b in theirs if a.ip.version == b.ip.version and a.ip != b.ip]
        found[device.key] = _nearest(pairs, home)
    return found


def _kind(device: Device) -> Overlay | None:
    kind = kinds()[device.kind]
    return kind if isinstance(kind, Overlay) else None


def _nearest(pairs: list[tuple[_Choice, _Choice]], home: dict[DeviceKey, int]) -> list[tuple[_Choice, _Choice]]:
    """Return the best pairs: of one subnet and segment, else of one segment, else all; of IPv4, if there are any."""

    def together(pair: tuple[_Choice, _Choice]) -> bool:
        one, two = pair
        return one.device is not None and two.device is not None and home[one.device] == home[two.device]

    def near(pair: tuple[_Choice, _Choice]) -> bool:
        return together(pair) and pair[0].interface is not None and pair[1].ip in pair[0].interface.network

    best = [p for p in pairs if near(p)] or [p for p in pairs if together(p)] or pairs
    return [pair for pair in best if pair[0].ip.version == 4] or best


def _choices(topology: Topology, device: Device, kind: Overlay, tunnels: set[DeviceKey]) -> list[_Choice]:
    """Return the addresses that an end could use, by what the lab says of it."""
    peer = None if device.peer is None else topology.devices[device.peer]
    said = LOCAL.option.of(device) or (None if peer is None else REMOTE.option.of(peer))
    held = [choice for choice in _held(topology, device, tunnels) if choice.ip.version in kind.outer_versions]
    if said is not None:
        return [choice for choice in held if choice.ip == said] or [_Choice(said)]
    return held


def _held(topology: Topology, device: Device, tunnels: set[DeviceKey]) -> Iterator[_Choice]:
    for address, owner in topology.addresses_of(device.netns):
        below = owner.key not in tunnels if device.parent is None else owner.key == device.parent
        if below and not address.ip.is_link_local:
            yield _Choice(address.ip, owner.key, address.interface)


def ends_of(topology: Topology, device: Device) -> tuple[IPAddress | None, IPAddress | None]:
    """Return the outer addresses, local and remote."""
    outer = outer_of(topology, device) if device.peer is not None else None
    if outer is not None:
        return outer.local, outer.remote
    return LOCAL.option.of(device), REMOTE.option.of(device)


def number_of(device: Device, name: str) -> int:
    """Return a number of this end or the other, which are the same where only one is said; 0 where none is."""
    other = name.removeprefix("peer-") if name.startswith("peer-") else f"peer-{name}"
    setting: Setting | None = device.settings.get(name, device.settings.get(other))
    return 0 if setting is None else int(setting.value)


def said(device: Device, name: str, default: object = None) -> Any:
    """Return the value of an option, or the default where the lab says none."""
    return device.settings[name].value if name in device.settings else default


def said_ttl(device: Device) -> int | None:
    """Return the TTL or hop limit of the outer packets where the lab says a number."""
    text = str(said(device, "ttl", said(device, "hoplimit")))
    return int(text) or None if text.isdigit() else None
