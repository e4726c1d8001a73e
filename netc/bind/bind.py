"""Binds a Document: walks its statements, then resolves what waits for the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from netc.bind.auto import assign_addresses
from netc.bind.cursor import Cursor, shape
from netc.bind.devices import bind_device, bind_link, is_link
from netc.bind.draft import HOST, Draft, Place, unnamed
from netc.bind.masters import bind_masters
from netc.bind.routes import find_devices
from netc.bind.statements import statements
from netc.diagnostics import Findings, did_you_mean, error
from netc.kinds import kinds
from netc.kinds.base import Form
from netc.source import Span
from netc.topology.model import Lab, NetnsKey, Origin, Topology
from netc.topology.values import BindError

if TYPE_CHECKING:
    from netc.syntax.tree import Block, Document, Statement

Bound = tuple["Statement", Place]


def bind(document: Document, stem: str, findings: Findings, prefix: str | None = None) -> Topology:
    """Return the Topology of an unrolled Document; what cannot be bound is told in `findings` and left out.

    `stem` names a lab that says no name itself; `prefix` overrides its `name-prefix`.
    """
    draft = Draft(findings, _lab(document, stem, prefix, findings))
    root = NetnsKey(HOST, "")
    draft.add_netns_key(root, draft.lab.span, Origin(draft.lab.span, f"lab {draft.lab.name}", -1))
    _declare_netnses(document.statements, draft)
    queue = list(_walk(document.statements, root, draft, count(), nested=False))
    for chosen in (_is_device, _is_link, _is_other):
        for statement, place in queue:
            if chosen(statement):
                _guarded(draft, lambda s=statement, p=place: _bind_one(s, p, draft))  # type: ignore[misc]
        if chosen is _is_link:
            for work in (*draft.derived, *draft.parents):
                _guarded(draft, work)
            bind_masters(draft)
    topology = assign_addresses(draft)
    topology = replace(topology, routes=find_devices(topology))
    for finish in draft.later:
        _guarded(draft, lambda f=finish: f(topology))  # type: ignore[misc]
    return replace(topology, expectations=tuple(draft.expectations))


def _guarded(draft: Draft, work: Callable[[], None]) -> None:
    try:
        work()
    except BindError as bad:
        draft.findings.add(bad.finding)


def _lab(document: Document, stem: str, prefix: str | None, findings: Findings) -> Lab:
    span = Span(document.source, 1, 1, 1, 1)
    name, said = stem, ""
    for statement in document.statements:
        if statement.keyword != "lab":
            continue
        span = statement.span
        try:
            cursor = Cursor(statement, statements()["lab"].form)
            word = cursor.word("the lab's name")
            if not word.text:
                raise unnamed(word.span, "the lab")
            name = word.text
            said = _name_prefix(cursor.block())
            cursor.end()
        except BindError as bad:
            findings.add(bad.finding)
        break
    used = said if prefix is None else prefix
    return Lab(used + name, used, span)


def _name_prefix(block: Block | None) -> str:
    prefix = None
    for statement in () if block is None else block.statements:
        if statement.head.text.replace("_", "-") != "name-prefix":
            help = did_you_mean(statement.head.text, ["name-prefix"])
            raise BindError(
                error("N004", statement.head.span, f"`lab` has no option `{statement.head.text}`", help=help)
            )
        cursor = Cursor(statement, "name-prefix PREFIX")
        cursor.once(statement.head, again=prefix is not None)
        prefix = cursor.word("the prefix").text
        cursor.end()
    return prefix or ""


def _declare_netnses(found: Iterable[Statement], draft: Draft) -> None:
    for statement in found:
        if statement.keyword == "netns" and statement.words:
            origin = Origin(statement.span, statement.title, 0)
            _guarded(draft, lambda s=statement, o=origin: draft.add_netns(HOST, s.words[0], o))  # type: ignore[misc]


def _walk(
    found: Iterable[Statement], netns: NetnsKey, draft: Draft, counter: Iterator[int], *, nested: bool
) -> Iterator[Bound]:
    """Yield the statements with their places, those in blocks of namespaces included."""
    for statement in found:
        place = Place(netns, next(counter))
        if statement.keyword not in {"netns", "in"}:
            yield statement, place
            continue
        try:
            if nested:
                raise shape(
                    statement.span,
                    f"`{statement.keyword}` cannot stand inside {netns.label}",
                    "namespaces are not nested: move it out of the block",
                )
            inner, block = _namespace_block(statement, place, draft)
        except BindError as bad:
            draft.findings.add(bad.finding)
            continue
        if block is not None:
            yield from _walk(block.statements, inner, draft, counter, nested=True)


def _namespace_block(statement: Statement, place: Place, draft: Draft) -> tuple[NetnsKey, Block | None]:
    keyword = statement.head.text
    cursor = Cursor(statement, statements()[keyword].form)
    name = cursor.word("the namespace's name")
    block = cursor.block()
    cursor.end()
    if keyword == "netns":
        return draft.own_netns(HOST, name), block
    if block is None:
        raise shape(statement.span, "`in` needs a block", f"write `{statements()['in'].form}`")
    return draft.netns(name, place.netns.machine), block


def _is_device(statement: Statement) -> bool:
    return statement.keyword in kinds() and not is_link(statement)


def _is_link(statement: Statement) -> bool:
    return statement.keyword in kinds() and is_link(statement)


def _is_other(statement: Statement) -> bool:
    return statement.keyword not in kinds()


def _bind_one(statement: Statement, place: Place, draft: Draft) -> None:
    if statement.head.quoted:
        raise BindError(
            error(
                "N003",
                statement.head.span,
                "a statement starts with a keyword, not with a string",
                help="leave out the quotes",
            )
        )
    keyword = statement.keyword
    kind = kinds().get(keyword)
    if kind is not None and kind.form is not Form.NONE:
        (bind_link if is_link(statement) else bind_device)(kind, statement, place, draft)
        return
    found = statements().get(keyword)
    if found is None:
        known = [
            *statements(),
            *(name for name, kind in kinds().items() if kind.form is not Form.NONE),
            "let",
            "for",
            "template",
            "use",
            "include",
        ]
        raise BindError(
            error(
                "N003",
                statement.head.span,
                f"there is no statement `{keyword}`",
                help=did_you_mean(keyword, known),
            )
        )
    if not found.in_block and not place.netns.is_root:
        raise shape(
            statement.span,
            f"`{keyword}` cannot stand inside {place.netns.label}",
            "move it to the top level of the file",
        )
    found.bind(statement, place, draft)
