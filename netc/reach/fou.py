"""UDP around tunnels: the ports at which the kernel takes it off.

Sources: kernel net/ipv4/fou_core.c (fou_udp_recv: what is inside is of the port's protocol; gue_udp_recv: of that which
the header names, or, without one, an IP packet), net/ipv4/udp.c (__udp4_lib_lookup: a port with a local address goes
before one without, then one with a device).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netc.parts.fou import FouPort
from netc.reach.sockets import unheard

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
    known = [port for port in net.topology.parts_of(FouPort) if _is_for(net, port, wrapping, walk)]
    clause = unheard(net, walk.hops[-1].entered)
    found = [port for port in known if port.device is not None or not clause]
    if known and not found:
        return Closed(f"the `fou` of {where.label} {clause}")
    if any(port.peer is not None for port in found):
        return Closed(f"netc does not know from which port {wrapping.text} comes to {where.label}", unknown=True)
    port = max(found, key=lambda port: (port.local is not None, port.device is not None), default=None)
    if port is None:
        return Closed(f"{where.label} has no `fou` that takes {wrapping.text}")
    return (
        None if _opens(port, udp) else Closed(f"the `fou` of {where.label} expects something else than {wrapping.text}")
    )


def _is_for(net: Net, port: FouPort, wrapping: Wrapping, walk: Walk) -> bool:
    """Whether a packet may come to a port's socket (include/net/inet_sock.h, inet_bound_dev_eq)."""
    udp, entered = wrapping.udp, walk.hops[-1].entered
    assert udp is not None
    if (port.netns, port.port, port.family) != (walk.where, udp.port, wrapping.target.version):
        return False
    return port.device in {None, entered, net.vrf_at(entered)} and port.local in {None, wrapping.target}


def _opens(port: FouPort, udp: InUdp) -> bool:
    if port.protocol is None:
        return udp.gue or udp.protocol in _IP
    return not udp.gue and port.protocol == udp.protocol
