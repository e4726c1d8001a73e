"""The trip of a tunnel's outer packet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.parts.ipsec import State
    from netc.reach.hop import Walk
    from netc.topology.frames import Wrapping
    from netc.topology.model import DeviceKey


@dataclass(frozen=True, slots=True)
class Trip:
    """A tunnel's outer packet, the walk of it where it is sent, and the tunnel that takes it at its end.

    Without a taker, `why` says what is in the way beside the walk; `unknown` is whether there may be one all the same,
    and `returns` whether it is the tunnel itself, at a bridge, so that nobody knows what the bridge learns. `answer` is
    the trip of what would have to come back first, where that comes to nothing. Where IPsec makes the outer packet,
    `states` are those that do, the innermost first, and `tunnel` is the device that the load would have left by.
    """

    tunnel: DeviceKey
    wrapping: Wrapping | None
    walk: Walk | None = None
    taker: DeviceKey | None = None
    why: str = ""
    unknown: bool = False
    returns: bool = False
    answer: Trip | None = None
    states: tuple[State, ...] = ()

    @property
    def sender(self) -> str:
        """What puts it there, by name."""
        return f"IPsec at {self.tunnel.label}" if self.states else self.tunnel.label
