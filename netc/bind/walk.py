"""Which machine and which namespace each statement of a Document belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import HOST, NOWHERE, Draft, Place
from netc.bind.statements import statements
from netc.topology.model import NetnsKey, Origin
from netc.topology.values import BindError

if TYPE_CHECKING:
    from netc.syntax.tree import Block, Document, Statement

Bound = tuple["Statement", Place]


def guarded(draft: Draft, work: Callable[[], None]) -> None:
    """Do a piece of work; what it raises is told, and the rest goes on."""
    try:
        work()
    except BindError as bad:
        draft.findings.add(bad.finding)


def declare_netnses(document: Document, draft: Draft) -> NetnsKey:
    """Declare the machines and their namespaces, and return the namespace that the top level stands for.

    A file without `host` describes one machine; in one with hosts the top level is none of them.
    """
    hosts = [statement for statement in document.statements if statement.keyword == "host"]
    if not hosts:
        root = NetnsKey(HOST, "")
        draft.top = root
        draft.add_netns_key(root, draft.lab.span, Origin(draft.lab.span, f"lab {draft.lab.name}", -1))
        _declare_inside(document.statements, HOST, draft)
        return root
    for statement in hosts:
        if statement.words:
            guarded(draft, lambda s=statement: _declare_host(s, draft))  # type: ignore[misc]
    return NetnsKey(NOWHERE, "")


def _declare_host(statement: Statement, draft: Draft) -> None:
    name = statement.words[0]
    draft.add_machine(name, Origin(statement.span, statement.title, 0))
    block = _block_of(statement)
    if block is not None:
        _declare_inside(block.statements, name.text, draft)


def _declare_inside(found: Iterable[Statement], machine: str, draft: Draft) -> None:
    for statement in found:
        if statement.keyword == "netns" and statement.words:
            origin = Origin(statement.span, statement.title, 0)
            guarded(draft, lambda s=statement, o=origin: draft.add_netns(machine, s.words[0], o))  # type: ignore[misc]


def _block_of(statement: Statement) -> Block | None:
    cursor = Cursor(statement, "")
    cursor.words()
    return cursor.block()


def walk(found: Iterable[Statement], root: NetnsKey, draft: Draft) -> Iterator[Bound]:
    """Yield the statements with their places, those in blocks of hosts and namespaces included."""
    return _Walk(draft).body(found, root, ())


class _Walk:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._counter = count()

    def body(self, found: Iterable[Statement], netns: NetnsKey, around: tuple[str, ...]) -> Iterator[Bound]:
        """Yield the statements of one block; `around` are the keywords of the blocks that it stands in."""
        for statement in found:
            place = Place(netns, next(self._counter))
            keyword = statement.keyword
            if keyword not in {"host", "netns", "in"}:
                yield statement, place
                continue
            try:
                self._refuse_nesting(statement, netns, around)
                inner, block = self._opened(statement, place)
            except BindError as bad:
                self._draft.findings.add(bad.finding)
                continue
            if block is not None and not self._is_second(statement):
                yield from self.body(block.statements, inner, (*around, keyword))

    def _refuse_nesting(self, statement: Statement, netns: NetnsKey, around: tuple[str, ...]) -> None:
        keyword = statement.keyword
        if keyword == "host" and around:
            help = "hosts are not nested: move it out of the block"
        elif "netns" in around or "in" in around:
            help = "namespaces are not nested: move it out of the block"
        elif keyword == "netns" and netns.machine == NOWHERE:
            help = "move it into the block of a `host`"
            raise shape(statement.span, "this namespace is on no host, and the lab has several", help)
        else:
            return
        raise shape(statement.span, f"`{keyword}` cannot stand inside {netns.label}", help)

    def _is_second(self, statement: Statement) -> bool:
        """Whether a statement declares a host that is declared already, which has been told."""
        if statement.keyword != "host":
            return False
        declared = self._draft.netnses.get(NetnsKey(statement.words[0].text, ""))
        return declared is None or declared.origin.span != statement.span

    def _opened(self, statement: Statement, place: Place) -> tuple[NetnsKey, Block | None]:
        """Return the namespace that a statement's block is about, and the block."""
        keyword = statement.keyword
        cursor = Cursor(statement, statements()[keyword].form)
        name = cursor.word("the host's name" if keyword == "host" else "the namespace's name")
        block = cursor.block()
        cursor.end()
        if keyword == "host":
            return NetnsKey(name.text, ""), block
        if keyword == "netns":
            return self._draft.own_netns(place.netns.machine, name), block
        if block is None:
            raise shape(statement.span, "`in` needs a block", f"write `{statements()['in'].form}`")
        return self._draft.netns(name, place.netns.machine), block
