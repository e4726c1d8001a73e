"""What macvlan and macvtap have in common: a parent, whose wire is theirs, and a mode."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.attributes import Attribute, AttributeKind, numeric, one_of, shown, values_of
from netc.kinds.base import Form
from netc.kinds.common import MAC
from netc.topology.frames import Catch, Passing, Way
from netc.topology.model import Device, DeviceKey
from netc.topology.options import Option, several
from netc.topology.values import mac

if TYPE_CHECKING:
    from netc.topology.frames import Frame
    from netc.topology.model import Topology

MODES = ("bridge", "private", "vepa", "passthru", "source")
MODE = one_of("mode", MODES, "Which frames pass between children: see above.", "vepa")
SOURCES = Attribute(
    Option("macaddr", several(mac), "MAC...", "In `source` mode: whose frames the child gets.", "nobody's"),
    lambda given: ("macaddr", "set", *(address for address, _ in given)),
    shown=lambda given: (),
)
#: kernel include/uapi/linux/if_link.h, MACVLAN_FLAG_*
FLAG = shown(
    one_of(
        "flag",
        ("nopromisc", "nodst"),
        "`nopromisc`: a `passthru` child does not make its parent listen to everything. `nodst`: in `source` mode, "
        "frames from a listed MAC come to the children that list it, and to nobody else.",
        "none",
    ),
    lambda given: (given,),
)


class MacChild(AttributeKind):
    """A child with a MAC address of its own."""

    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    probe = None  # it needs a parent
    attributes = (
        MODE,
        FLAG,
        SOURCES,
        numeric("bcqueuelen", 0, 2**32 - 1, "How many broadcasts may wait for the parent's children.", "1000"),
    )

    def joined(self, device: Device) -> tuple[DeviceKey, ...]:
        """Return the parent, too: its wire is the child's."""
        return (*super().joined(device), *(() if device.parent is None else (device.parent,)))

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether it is known whose frames children in mode `source` get, where there are such ones.

        Whoever has a listed MAC must be alone with it: ports and children may give theirs to their bridge or parent.
        Such a child takes what is for its parent as well, and must not forward it a second time (seen on kernel 6.18).
        """
        children = _listing(topology).get(device.parent, ())
        if not children:
            return True
        if any(_may_forward(child, topology) for child in children):
            return False
        listed = {mac for child in children for mac in _sources(child)}
        owners = [other for other in topology.devices.values() if MAC.of(other) in listed]
        return all(other.master is None and not topology.children_of(other.key) for other in owners)

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return the mode that looks at lists, where there is such a child."""
        return "a child of its parent is in mode `source`" if device.parent in _listing(topology) else ""

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield the parent's wire; in mode `bridge`, siblings in that mode (macvlan.c, macvlan_queue_xmit)."""
        if device.parent is None:
            return
        if _mode(device) == "bridge":
            for sibling in topology.children_of(device.parent):
                if sibling.key != device.key and _is_mac_child(sibling) and _mode(sibling) == "bridge":
                    if frame.target == sibling.key:
                        yield Passing(sibling.key, Way.IN, frame)
                        return
                    if frame.target is None:
                        yield Passing(sibling.key, Way.IN, frame)
        yield Passing(device.parent, Way.OUT, frame)

    def catches(self, device: Device, frame: Frame, topology: Topology) -> Catch | None:
        """Return what comes in at the parent for the child, or for everybody (macvlan.c, macvlan_handle_frame).

        Frames from a MAC that a child in mode `source` lists come to it first; with `nodst` they go no further. The
        first of the children stands for all of these here. Broadcasts of a sibling, which somebody reflects, go only
        where its mode has not sent them already; those of one in another mode than `bridge` and `vepa` go back to
        itself alone, not to the parent either.
        """
        if frame.tags:
            return None
        listing = _listing(topology).get(device.parent, ())
        if not listing:
            return self._takes(device, frame, topology)
        mac = MAC.of(topology.devices[frame.source])
        lists = [sibling for sibling in listing if mac in _sources(sibling)]
        first = device == _siblings(device, topology)[0]
        copies = tuple(Passing(sibling.key, Way.IN, frame) for sibling in lists) if first else ()
        if any(FLAG.option.of(sibling) == "nodst" for sibling in lists):
            return Catch(copies, all=True)
        found = self._takes(device, frame, topology)
        if copies:
            return Catch((*copies, *(found.onward if found else ())), all=found is not None and found.all)
        return found

    def _takes(self, device: Device, frame: Frame, topology: Topology) -> Catch | None:
        """Return what comes in for the child by where it goes."""
        own = (Passing(device.key, Way.IN, frame),)
        if frame.target is not None:
            taken = (frame.target == device.key and _mode(device) != "source") or _mode(device) == "passthru"
            return Catch(own, all=True) if taken else None
        sender = topology.devices[frame.source]
        if sender.parent is not None and sender.parent == device.parent and _is_mac_child(sender):
            heard = {"vepa": {"vepa", "bridge"}, "bridge": {"vepa"}}.get(_mode(sender))
            if heard is None:
                return Catch(own, all=True) if sender.key == device.key else None
            if _mode(device) not in heard or sender.key == device.key:
                return None
        return None if _mode(device) == "source" else Catch(own, all=False)

    def listed(self, device: Device) -> Collection[str]:
        """Return whose frames it gets in mode `source`."""
        return _sources(device)

    def traits(self, device: Device) -> Hashable:
        """Return its options: children of a parent that say the same are swapped without a trace."""
        return values_of(self.options, device)

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return the parent's."""
        return 1500 if device.parent is None else mtu_of(device.parent)


def _is_mac_child(device: Device) -> bool:
    """Whether a child is of either kind: one port of the parent has both (macvlan.c, macvlan_common_newlink)."""
    return isinstance(kinds()[device.kind], MacChild)


def _siblings(device: Device, topology: Topology) -> list[Device]:
    """Return the children of a child's parent that share its port there, itself among them."""
    children = () if device.parent is None else topology.children_of(device.parent)
    return [child for child in children if _is_mac_child(child)]


@lru_cache(maxsize=2)
def _listing(topology: Topology) -> Mapping[DeviceKey | None, tuple[Device, ...]]:
    """Return the children in mode `source` that list somebody, by their parent."""
    found: dict[DeviceKey | None, list[Device]] = {}
    for device in topology.devices.values():
        if _is_mac_child(device) and _sources(device):
            found.setdefault(device.parent, []).append(device)
    return {parent: tuple(children) for parent, children in found.items()}


def _sources(device: Device) -> frozenset[str]:
    """Return the MAC addresses whose frames a child in mode `source` gets."""
    listed = SOURCES.option.of(device) if _mode(device) == "source" else None
    return frozenset(address for address, _ in listed or ())


def _may_forward(device: Device, topology: Topology) -> bool:
    """Return whether the lab says anything of forwarding in a device's namespace."""
    said = (one.path for one in topology.sysctls if one.netns == device.netns)
    routers = {forward.netns for forward in topology.forwards}
    own = any("forwarding" in other.settings for other in topology.devices_in(device.netns))
    return own or device.netns in routers or any(path[-1] in {"forwarding", "ip_forward"} for path in said)


def _mode(device: Device) -> str:
    mode: str | None = MODE.option.of(device)
    return mode or "vepa"
