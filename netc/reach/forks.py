"""Routes with several next hops: which one a packet takes is known to the kernel alone, so every one is followed.

Sources: kernel net/ipv4/route.c (fib_multipath_hash) and net/ipv6/route.c (rt6_multipath_hash): a hash of a packet's
addresses, with a secret of the boot, picks the next hop, the same one for every packet between these two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.reach.entry import Entry
    from netc.reach.rules import Flow
    from netc.topology.model import IPAddress, IPNetwork, NetnsKey

    Fork = tuple[NetnsKey, IPNetwork, int, IPAddress | None, IPAddress]

MOST = 64  # combinations of next hops that are followed before nothing is known


@dataclass(slots=True)
class Forks:
    """The next hops that one ping takes, in the order in which it came to them."""

    taken: dict[Fork, int] = field(default_factory=dict)
    entries: dict[Fork, Entry] = field(default_factory=dict)

    def take(self, netns: NetnsKey, entry: Entry, flow: Flow) -> Entry:
        """Return the entry of the next hop that a packet takes: the first one, unless another is to be followed."""
        table = 0 if entry.route is None else entry.route.table
        fork = (netns, entry.prefix, table, flow.source, flow.target)
        self.entries[fork] = entry
        return entry.ways[self.taken.setdefault(fork, 0)]

    def next(self) -> Forks | None:
        """Return what to follow after this: the last next hop that has another after it; None where all are done."""
        left = list(self.taken.items())
        while left:
            fork, number = left.pop()
            if number + 1 < len(self.entries[fork].ways):
                return Forks({**dict(left), fork: number + 1})
        return None

    def parting(self, other: Forks) -> tuple[NetnsKey, Entry, Entry] | None:
        """Return where this ping and another one part, and the entries that they take there."""
        for fork, number in self.taken.items():
            if other.taken.get(fork, number) != number:
                ways = self.entries[fork].ways
                return fork[0], ways[number], ways[other.taken[fork]]
        return None
