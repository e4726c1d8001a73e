"""A VLAN of its parent: frames leave the parent with the tag, and those that come in with it are the child's.

    netns a {
      veth eth0 -- host:trunk
      vlan eth0.100 10.0.100.1/24 on eth0 { id 100 }
    }

Source: ip-link(8) "VLAN Type Support", IEEE 802.1Q, 802.1ad.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netc.kinds.attributes import Attribute, AttributeKind, numeric, on_off, one_of, shown, values_of
from netc.kinds.base import Form
from netc.topology.frames import Catch, Passing, Way
from netc.topology.options import Option, several
from netc.topology.values import bad_value

if TYPE_CHECKING:
    from netc.syntax.tree import Word
    from netc.topology.frames import Frame
    from netc.topology.model import Device, DeviceKey, Topology
    from netc.topology.segments import Tag

PROTOCOL = shown(
    one_of(
        "protocol", ("802.1q", "802.1ad"), "The tag's protocol; 802.1ad is the outer one of stacked tags.", "802.1q"
    ),
    lambda given: ("protocol " + given.replace("q", "Q"),),
)
ID = numeric("id", 1, 4094, "The VLAN identifier.", "required")


def _mapping(word: Word) -> str:
    """Parse FROM:TO, the two numbers of a mapping of priorities."""
    if not re.fullmatch(r"[0-9]{1,10}:[0-9]{1,10}", word.text):
        raise bad_value(word.span, f"`{word.text}` maps no priority to another", "write FROM:TO, such as 0:3")
    return word.text


def _qos(name: str, doc: str) -> Attribute:
    option = Option(name, several(_mapping), "FROM:TO...", doc, "none")
    return Attribute(option, lambda given: (name, *(mapping for mapping, _ in given)), shown=lambda given: ())


def _flag(name: str, doc: str, default: str) -> Attribute:
    """Make an attribute that is written NAME on or off, and printed as NAME in capitals, or not at all."""
    word = name.replace("-", "_")
    return shown(on_off(name, doc, default, word), lambda given: (word.upper(),) if given else ())


class Vlan(AttributeKind):
    """The kind `vlan`."""

    name = "vlan"
    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    probe = None  # it needs a parent
    attributes = (
        PROTOCOL,
        ID,
        _flag("reorder-hdr", "Takes the tag off frames that come in, before anything sees them.", "on"),
        _flag("gvrp", "Registers the VLAN with switches by GVRP.", "off"),
        _flag("mvrp", "Registers the VLAN with switches by MVRP.", "off"),
        _flag("loose-binding", "Is up whatever the parent's state.", "off"),
        _flag("bridge-binding", "Takes its state from the bridge ports that carry the VLAN.", "off"),
        _qos("ingress-qos-map", "Tag priorities of frames that come in, to the kernel's."),
        _qos("egress-qos-map", "The kernel's priorities of frames that go out, to the tag's."),
    )
    required = ("id",)
    modelled = True

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield the parent, with the tag (kernel net/8021q/vlan_dev.c, vlan_dev_hard_start_xmit)."""
        tag = self.tag(device)
        if device.parent is not None and tag is not None:
            yield Passing(device.parent, Way.OUT, replace(frame, tags=(tag, *frame.tags)))

    def catches(self, device: Device, frame: Frame, topology: Topology) -> Catch | None:
        """Return what comes with the tag; the parent does not see it (net/8021q/vlan_core.c, vlan_do_receive)."""
        if not frame.tags or frame.tags[0] != self.tag(device):
            return None
        return Catch((Passing(device.key, Way.IN, replace(frame, tags=frame.tags[1:])),), all=True)

    def traits(self, device: Device) -> Hashable:
        """Return its options, the tag among them."""
        return values_of(self.options, device)

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return the parent's."""
        return 1500 if device.parent is None else mtu_of(device.parent)

    def tag(self, device: Device) -> Tag | None:
        """Return the tag of the device's frames on its parent's wire."""
        vid: int | None = ID.option.of(device)
        return None if vid is None else (PROTOCOL.option.of(device) or "802.1q", vid)


KIND = Vlan()
