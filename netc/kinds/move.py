"""A device that the host already has, given to a namespace as a whole, and back on down: see the statement `move`.

Source: ip-link(8) "ip link set", kernel net/core/dev.c, __dev_change_net_namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from netc.kinds.base import Form, Kind, Making, configuration, object_name
from netc.kinds.common import MTU, SYSCTLS
from netc.plan.step import AtRunTime, Inverse, LinkLook, Look, Need, Stage, Step
from netc.topology.model import Device, Made, NetnsKey

if TYPE_CHECKING:
    from netc.topology.options import Option

# `ip link` shows what preflight asks for: a move takes it from a device, and nothing brings it back.
_SHOWN = 'link=$(ip -o link show dev "$0")'
_IDLE = _SHOWN + ' && case $link in *[\\<,]UP[,\\>]*|*" master "*) exit 1 ;; esac'
_PLAIN = _SHOWN + ' && case $link in *" alias "*) exit 1 ;; *" group default "*) ;; *) exit 1 ;; esac'
_BARE = '[ -z "$(ip -o addr show dev "$0")" ]'


class Moved(Kind):
    """The kind of what `move` takes, which is never written."""

    name = "move"
    form = Form.NONE
    made = Made.OTHERS

    @property
    def all_options(self) -> dict[str, Option[Any]]:
        """The options that a namespace keeps, and the MTU, which is looked at: what else would change the device."""
        return {option.name: option for option in (MTU, *SYSCTLS)}

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the steps that mark the device, move it and set it up there."""
        host, name, origin = NetnsKey(device.netns.machine, ""), device.name, device.origin
        set_link = ("ip", "link", "set", "dev", name)
        yield Step(
            (*set_link, "group", str(making.mark.group)),
            Inverse((*set_link, "alias", "", "group", "0"), LinkLook(name)),
            origin,
            host,
            Stage.LINK,
            makes=object_name(device.key),
            needs=tuple(_needs(device)),
        )
        look = Look(f"*: {name}[@:]*", ("ip", "-N", "-o", "link", "show", "group", str(making.mark.group)))
        back = Inverse((*set_link, "netns", AtRunTime()), look, device.netns)
        yield Step((*set_link, "netns", device.netns.netns), back, origin, host, Stage.LINK)
        yield from configuration(device, making, self)


def _needs(device: Device) -> Iterator[Need]:
    name = device.name
    for script, why in (
        (_IDLE, f"{name} is used: it is up, or belongs to another device"),
        (_PLAIN, f"{name} is in a link group or has an alias, so it is somebody's"),
        (_BARE, f"{name} has addresses of the host, which it would lose"),
    ):
        yield Need(("sh", "-c", script, name), why, device.origin)


KIND = Moved()
