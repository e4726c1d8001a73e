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
from typing import TYPE_CHECKING

from netc.kinds.aggregate import Aggregate
from netc.kinds.base import Form, Making, configuration, object_name, taken_with_link
from netc.kinds.programs import is_harmless
from netc.plan.step import Absorbed, Need, Observation, Stage, Step
from netc.topology.options import Option, one
from netc.topology.values import choice, text

if TYPE_CHECKING:
    from netc.topology.model import Device, DeviceKey, Topology

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
# In two modes the kernel leaves ports their MAC addresses (drivers/net/team/team_mode_activebackup.c and
# team_mode_loadbalance.c have no team_modeop_port_enter), so that frames for the team's would be dropped: teamd(8) sets
# them by itself.
_ADDRESS = 'set -- "$1" $(ip -br link show dev "$0") && '  # the team's name, state and address
_ADDRESS += 'ip link set dev "$1" address "$4"'
# teamnl(8) takes the port's interface index, which only the host knows.
_ACTIVATE = f'port=$(ip -o link show dev "$1") && {_ADDRESS} && exec teamnl "$0" setoption activeport "${{port%%:*}}"'


class Team(Aggregate):
    """The kind `team`."""

    name = "team"
    form = Form.DEVICE
    options = (MODE, ACTIVE)
    required = ("mode",)

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the type alone: it has no words."""
        return ("team",)

    def is_settled(self, device: Device, topology: Topology) -> bool:
        """Return whether no program of the namespace may be teamd(8), which chooses ports itself."""
        ours = (process for process in topology.processes if process.netns == device.netns)
        return all(is_harmless(process) for process in ours)

    def senders(self, device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
        """Return the active port, or all; without a hash function, loadbalance takes the first.

        kernel drivers/net/team/team_mode_activebackup.c, ab_transmit; team_mode_loadbalance.c, lb_get_skb_hash.
        """
        ports = self.listeners(device, topology)
        return ports[:1] if MODE.of(device) == "loadbalance" else ports

    def listeners(self, device: Device, topology: Topology) -> tuple[DeviceKey, ...]:
        """Return the active port, or all (team_mode_activebackup.c, ab_receive; team.c, team_handle_frame)."""
        ports, active = topology.ports_of(device.key), ACTIVE.of(device)
        return tuple(port.key for port in ports if MODE.of(device) != "activebackup" or port.name == active)

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

    def port_steps(self, port: Device, making: Making) -> Iterator[Step]:
        """Yield what gives a port the team's MAC address, where every port has to have it and the kernel does not."""
        assert port.master is not None
        if MODE.of(making.topology.devices[port.master]) == "loadbalance":
            argv = ("sh", "-c", _ADDRESS, port.master.name, port.name)
            yield Step(argv, taken_with_link(port), port.origin, port.netns, Stage.LINK)


KIND = Team()
