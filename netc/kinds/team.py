"""Several devices that act as one, in the way that a program or `teamnl` sets: bond's younger sister.

    netns a {
      team team0 10.0.0.1/24 { mode roundrobin }
      veth e0 { master team0 } -- host:p0
      veth e1 { master team0 } -- host:p1
    }

iproute2 can make a team, but not say what it does: without a mode it carries nothing. So up.sh sets the mode with
`teamnl` (Debian: libteam-utils), before any port joins. `activebackup` sends by its `active-port` alone, which gets the
team's MAC address. To watch links, or for LACP, it takes teamd(8): `exec a "teamd -o -t team0 -c ..."`.

Source: teamnl(8), teamd(8), kernel drivers/net/team.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.kinds.base import Form, Kind, Making, configuration, object_name
from netc.plan.step import Absorbed, Need, Observation, Stage, Step
from netc.topology.model import Device
from netc.topology.options import Option, one
from netc.topology.values import choice, text

_MODES = ("roundrobin", "broadcast", "random", "activebackup", "loadbalance")
MODE: Option[str] = Option(
    "mode",
    one(choice(*_MODES)),
    "|".join(_MODES),
    "How packets are spread over the ports: in turn, to all, by chance, by `active-port`, or by a hash.",
    "required",
)
ACTIVE: Option[str] = Option(
    "active-port", one(text), "DEVICE", "In `activebackup`, the port that is used.", "none: nothing is sent"
)
# teamnl(8) takes the port's interface index, which only the host knows. In this mode alone the kernel leaves ports
# their MAC addresses (drivers/net/team/team_mode_activebackup.c has no port_enter), so that frames for the team's would
# be dropped.
_ACTIVATE = (
    'port=$(ip -o link show dev "$1") && set -- "$1" $(ip -br link show dev "$0") && '  # its name, state and address
    'ip link set dev "$1" address "$4" && exec teamnl "$0" setoption activeport "${port%%:*}"'
)


class Team(Kind):
    """The kind `team`."""

    name = "team"
    form = Form.DEVICE
    can_have_ports = True
    takes_ports_down = True
    options = (MODE, ACTIVE)
    required = ("mode",)

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the type alone: it has no words."""
        return ("team",)

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the device, its mode while it has no port, and the active port once all have joined."""
        yield self.creation(device, making)
        undo, mode = Absorbed(object_name(device.key)), str(MODE.of(device))
        argv = ("teamnl", device.name, "setoption", "mode", mode)
        show = ("teamnl", device.name, "getoption", "mode")
        observation = Observation(f"mode of {device.key.label}", show, (mode,))
        need = Need(("teamnl", "-h"), "this lab needs the command teamnl, which is not here", device.origin)
        yield Step(argv, undo, device.origin, device.netns, Stage.LINK, observation=observation, needs=(need,))
        yield from configuration(device, making, self)
        if (port := ACTIVE.of(device)) is not None:
            argv = ("sh", "-c", _ACTIVATE, device.name, port)
            yield Step(argv, undo, device.origin, device.netns, Stage.UP)


KIND = Team()
