"""UDP ports at which the kernel takes IP packets out of UDP: the far end of a tunnel with `encap`.

Source: ip-fou(8), kernel net/ipv4/fou.c (fou_core.c since 6.7): each is a socket of its namespace, and goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.kinds.base import Making, object_name
from netc.plan.step import Absorbed, Observation, Stage, Step
from netc.topology.model import DeviceKey, IPAddress, Part
from netc.topology.values import spelled


@dataclass(frozen=True, slots=True)
class FouPort(Part):
    """A port of IPv4 or IPv6: it takes packets of the IP protocol `protocol`, or, where that is None, of GUE.

    Of `local` alone, where that is said, by `device` alone, and from `peer`, an address and its port, alone.
    """

    port: int
    family: int
    protocol: int | None
    local: IPAddress | None = None
    device: DeviceKey | None = None
    peer: tuple[IPAddress, int] | None = None


def steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps that open the ports."""
    for port in making.topology.parts_of(FouPort):
        if port.netns.machine == machine:
            yield _step(port)


def _step(port: FouPort) -> Step:
    what = ["port", str(port.port), *(["gue"] if port.protocol is None else ["ipproto", str(port.protocol)])]
    what += ["-6"] if port.family == 6 else []
    local = [] if port.local is None else ["local", spelled(port.local)]
    peer = [] if port.peer is None else ["peer", spelled(port.peer[0]), "peer_port", str(port.peer[1])]
    device = [] if port.device is None else ["dev", port.device.name]
    # A port with a peer is shown with a local address, whether it has been given one or not.
    seen = [[*what, *local, *device]] if port.peer is None else [[*what, *(local or ["local"])], [*peer, *device]]
    words = tuple(" ".join(phrase) for phrase in seen)
    observation = Observation(f"UDP port {port.port} of {port.netns.label}", ("ip", "fou", "show"), words)
    argv = ("ip", "fou", "add", *what, *local, *peer, *device)
    undo = Absorbed(object_name(port.netns))
    return Step(argv, undo, port.origin, port.netns, Stage.POLICY, observation=observation)
