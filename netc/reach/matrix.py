"""Who reaches whom: the pings of every pair of namespaces, worked out once for each pair of groups."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netc.reach.ends import Place
from netc.reach.groups import Group, groups_of
from netc.reach.net import Net, net_of
from netc.reach.pings import Ping, addresses_of, ping
from netc.reach.story import verdict
from netc.topology.model import Topology

_MOST_COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Cell:
    """The ping of one family from each of a group to each of another, or to each other of its own."""

    source: int
    target: int
    ping: Ping

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.ping.there.target.version

    @property
    def mark(self) -> str:
        """The TTL of the reply, `-` for none, `?` where that is unknown."""
        if self.ping.answered:
            return str(self.ping.ttl)
        return "?" if self.ping.unknown else "-"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every pair of a lab's namespaces that have addresses of one family."""

    net: Net
    groups: tuple[Group, ...]
    cells: tuple[Cell, ...]

    def lines(self) -> Iterator[str]:
        """Yield the matrix as text: a table for each family, then why some do not reach others."""
        total = sum(len(group.members) for group in self.groups)
        yield f"{total} namespaces with addresses, in {len(self.groups)} group{'s' * (len(self.groups) != 1)}"
        for number, group in enumerate(self.groups, 1):
            names = ", ".join(key.label for key in group.members[:8])
            more = f", and {len(group.members) - 8} more" if len(group.members) > 8 else ""
            yield f"  {number:>3}  {names}{more}"
        for family in (4, 6):
            cells = [cell for cell in self.cells if cell.family == family]
            if cells:
                yield ""
                yield f"IPv{family}: the TTL of the reply; - for no answer, ? for unknown"
                yield from self._table(cells) if len(self.groups) <= _MOST_COLUMNS else self._sums(cells)
        yield from self._reasons()

    def _table(self, cells: list[Cell]) -> Iterator[str]:
        marks = {(cell.source, cell.target): cell.mark for cell in cells}
        numbers = range(len(self.groups))
        width = max(len(group.name) for group in self.groups)
        yield "  " + " " * (width + 5) + "".join(f"{number + 1:>5}" for number in numbers)
        for row in numbers:
            cellmarks = "".join(f"{marks.get((row, column), '.'):>5}" for column in numbers)
            yield f"  {row + 1:>3}  {self.groups[row].name:<{width}}{cellmarks}"

    def _sums(self, cells: list[Cell]) -> Iterator[str]:
        """Yield a line for each group, where a table would be too wide."""
        for row, group in enumerate(self.groups):
            marks: dict[str, list[int]] = {}
            for cell in cells:
                if cell.source == row:
                    marks.setdefault(cell.mark, []).append(cell.target + 1)
            parts = [f"{mark}: {_ranges(marks[mark])}" for mark in sorted(marks, key=_order)]
            yield f"  {row + 1:>3}  {group.name}  " + "; ".join(parts)

    def _reasons(self) -> Iterator[str]:
        reasons: dict[str, list[Cell]] = {}
        for cell in self.cells:
            if not cell.ping.answered:
                reasons.setdefault(verdict(self.net, cell.ping), []).append(cell)
        if reasons:
            yield ""
        for text, cells in reasons.items():
            pairs = [f"{self.groups[c.source].name} -> {self.groups[c.target].name}" for c in cells[:3]]
            more = f", and {len(cells) - 3} more" if len(cells) > 3 else ""
            yield f"{', '.join(pairs)}{more}: {text}"

    def text(self) -> str:
        """Return the matrix as text."""
        return "\n".join(self.lines()) + "\n"

    def json(self) -> str:
        """Return the matrix as JSON: the groups, and a ping for each pair of their numbers and each family."""
        return json.dumps(self._data(), indent=1) + "\n"

    def _data(self) -> dict[str, Any]:
        return {
            "groups": [[key.label for key in group.members] for group in self.groups],
            "pings": [
                {
                    "from": cell.source,
                    "to": cell.target,
                    "family": cell.family,
                    "answered": None if cell.ping.unknown else cell.ping.answered,
                    **({"ttl": cell.ping.ttl} if cell.ping.answered else {"why": verdict(self.net, cell.ping)}),
                    "path": [hop.netns.label for hop in cell.ping.there.hops],
                }
                for cell in self.cells
            ],
        }


def matrix_of(topology: Topology) -> Matrix:
    """Return who reaches whom in a lab. Two members stand for a group: the second one for pings within it."""
    net = net_of(topology)
    groups = tuple(group for group in groups_of(net) if topology.addresses_of(group.members[0]))
    return Matrix(net, groups, tuple(_cells(net, groups)))


def _cells(net: Net, groups: tuple[Group, ...]) -> Iterator[Cell]:
    firsts = [{key: addresses_of(net.topology, Place(key)) for key in group.members[:2]} for group in groups]
    for row, group in enumerate(groups):
        sender = group.members[0]
        families = firsts[row][sender].keys()
        for column, other in enumerate(groups):
            if row == column and len(other.members) == 1:
                continue
            receiver = other.members[1 if row == column else 0]
            for family, target in sorted(firsts[column][receiver].items()):
                if family in families:
                    yield Cell(row, column, ping(net, sender, target))


def _order(mark: str) -> tuple[int, str]:
    return (-int(mark), "") if mark.isdigit() else (1, mark)


def _ranges(numbers: list[int]) -> str:
    """Return numbers as `1-3, 7`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
