"""What macvlan and macvtap have in common: a parent, whose wire is theirs, and a mode."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING

from netc.kinds import kinds
from netc.kinds.attributes import Attribute, AttributeKind, numeric, one_of, shown, values_of
from netc.kinds.base import Form
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
        "frames for the child's own MAC need no listed source.",
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
        """Return whether the mode is one of the usual four, of all children: `source` looks at lists."""
        siblings = [] if device.parent is None else topology.children_of(device.parent)
        return all(MODE.option.of(sibling) != "source" for sibling in siblings)

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return the mode that looks at lists."""
        return "a child of its parent is in mode `source`"

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

        Broadcasts of a sibling, which somebody reflects, go only where its mode has not sent them already; those of a
        `private` or `passthru` one go back to itself alone, not to the parent either.
        """
        if frame.tags:
            return None
        own = (Passing(device.key, Way.IN, frame),)
        if frame.target is not None:
            taken = frame.target == device.key or _mode(device) == "passthru"
            return Catch(own, all=True) if taken else None
        sender = topology.devices[frame.source]
        if sender.parent is not None and sender.parent == device.parent and _is_mac_child(sender):
            heard = {"vepa": {"vepa", "bridge"}, "bridge": {"vepa"}}.get(_mode(sender))
            if heard is None:
                return Catch(own, all=True) if sender.key == device.key else None
            if _mode(device) not in heard or sender.key == device.key:
                return None
        return Catch(own, all=False)

    def traits(self, device: Device) -> Hashable:
        """Return its options: children of a parent that say the same are swapped without a trace."""
        return values_of(self.options, device)

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return the parent's."""
        return 1500 if device.parent is None else mtu_of(device.parent)


def _is_mac_child(device: Device) -> bool:
    """Whether a child is of either kind: one port of the parent has both (macvlan.c, macvlan_common_newlink)."""
    return isinstance(kinds()[device.kind], MacChild)


def _mode(device: Device) -> str:
    mode: str | None = MODE.option.of(device)
    return mode or "vepa"
