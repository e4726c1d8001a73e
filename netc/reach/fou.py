"""UDP around tunnels: the ports at which the kernel takes it off.

Sources: kernel net/ipv4/fou_core.c (fou_udp_recv: what is inside is of the port's protocol; gue_udp_recv: of that which
the header names, or, without one, an IP packet), net/ipv4/udp.c (__udp4_lib_lookup: a port with a local address goes
before one without, then one with a device).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netc.parts.fou import FouPort

if TYPE_CHECKING:
    from netc.reach.hop import Walk
    from netc.reach.net import Net
    from netc.topology.frames import InUdp, Wrapping

_IP = frozenset({4, 41})  # protocol numbers of IPv4 and IPv6


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a namespace does not take an outer packet out of UDP; `unknown` if it may all the same."""

    why: str
    unknown: bool = False


def unopened(net: Net, wrapping: Wrapping, walk: Walk) -> Closed | None:
    """Return why an outer packet stays in UDP at the end of its walk; None where it is not in UDP, or comes out."""
    udp, where = wrapping.udp, walk.where
    if udp is None:
        return None
    entered, family = walk.hops[-1].entered, wrapping.target.version
    found = [
        port
        for port in net.topology.parts_of(FouPort)
        if (port.netns, port.port, port.family) == (where, udp.port, family)
        and port.local in {None, wrapping.target}
        and port.device in {None, entered}
    ]
    if any(port.peer is not None for port in found):
        return Closed(f"netc does not know from which port {wrapping.text} comes to {where.label}", unknown=True)
    port = max(found, key=lambda port: (port.local is not None, port.device is not None), default=None)
    if port is None:
        return Closed(f"{where.label} has no `fou` that takes {wrapping.text}")
    return (
        None if _opens(port, udp) else Closed(f"the `fou` of {where.label} expects something else than {wrapping.text}")
    )


def _opens(port: FouPort, udp: InUdp) -> bool:
    if port.protocol is None:
        return udp.gue or udp.protocol in _IP
    return not udp.gue and port.protocol == udp.protocol
