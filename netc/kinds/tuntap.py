"""What tun and tap have in common: devices whose other end is a program."""

from __future__ import annotations

from collections.abc import Iterator

from netc.kinds.base import Form, Kind, Making, configuration, object_name, undo_of_link
from netc.kinds.common import COMMON, MAC, MTU
from netc.kinds.link import QUEUES
from netc.plan.step import Need, Stage, Step
from netc.syntax.tree import Word
from netc.topology.model import Device
from netc.topology.options import Option, one
from netc.topology.values import bad_value, switch


def _account(word: Word) -> str:
    name = word.text
    if not name or not (name[0].isalnum() or name[0] == "_") or not all(c.isalnum() or c in "_.-" for c in name):
        raise bad_value(word.span, f"`{name}` is no name of an account", "write its name or its number")
    return name


USER: Option[str] = Option("user", one(_account), "USER", "Who may open the device beside root.", "nobody")
GROUP: Option[str] = Option("group", one(_account), "GROUP", "Whose members may open the device.", "nobody's")
_FLAGS: tuple[tuple[Option[bool], str], ...] = (
    (Option("pi", one(switch), "on|off", "Puts the protocol's number before each packet.", "off"), "pi"),
    (Option("vnet-hdr", one(switch), "on|off", "Puts a virtio header before each packet.", "off"), "vnet_hdr"),
    (Option("multi-queue", one(switch), "on|off", "Lets several threads open it at once.", "off"), "multi_queue"),
    (Option("one-queue", one(switch), "on|off", "Of no effect since kernel 3.8.", "off"), "one_queue"),
)
# A device of this kind cannot be made with a mark. So one for the host is made and marked in a namespace that nobody
# else sees, and handed over: if the script is killed in between, the device goes with that namespace.
_ON_HOST = 'device=$0 group=$1 && shift && ip tuntap add dev "$device" "$@" && '
_ON_HOST += 'ip link set dev "$device" group "$group" && exec ip link set dev "$device" netns "$PPID"'
_INSIDE = 'device=$0 group=$1 && shift && ip tuntap add dev "$device" "$@" && '
_INSIDE += 'exec ip link set dev "$device" group "$group"'


class TunTap(Kind):
    """A device whose other end is a program that opens /dev/net/tun."""

    form = Form.DEVICE
    options = (USER, GROUP, *(option for option, _ in _FLAGS))
    probe = None  # `ip link add` does not make it
    common = tuple(option for option in COMMON if option not in QUEUES)

    def unknown(self, device: Device) -> str:
        """Return what is not known: without a program it has no carrier, and drops all (drivers/net/tun.c)."""
        return f"which program has {device.key.label} open"

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return what ip-link(8) calls both."""
        return ("tun",)

    def creation(self, device: Device, making: Making) -> Step:
        """Return the step that creates the device, with the lab's mark."""
        words = ["mode", self.name]
        for option in (USER, GROUP):
            if (name := option.of(device)) is not None:
                words += [option.name, name]
        words += [word for option, word in _FLAGS if option.of(device)]
        group = str(making.mark.group)
        script = _ON_HOST if device.netns.is_root else _INSIDE
        argv: tuple[str, ...] = ("sh", "-c", script, device.name, group, *words)
        argv = ("unshare", "--net", *argv) if device.netns.is_root else argv
        need = Need(("stat", "/dev/net/tun"), "there is no /dev/net/tun here", device.origin)
        undo, made = undo_of_link(device, making), object_name(device.key)
        return Step(argv, undo, device.origin, device.netns, Stage.LINK, makes=made, needs=(need,))

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the device; its MAC and MTU, which cannot be said when it is made; and the rest."""
        first = self.creation(device, making)
        yield first
        words = []
        if (mac := MAC.of(device)) is not None:
            words += ["address", mac]
        if (mtu := MTU.of(device)) is not None:
            words += ["mtu", str(mtu)]
        configured = list(configuration(device, making, self))
        if words:
            argv = ("ip", "link", "set", "dev", device.name, *words)
            yield Step(argv, configured[-1].undo, device.origin, device.netns, Stage.LINK)
        yield from configured
