"""Binds a Document: walks its statements, then resolves what waits for the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netc.bind.auto import assign_addresses
from netc.bind.cursor import Cursor, shape
from netc.bind.devices import bind_device, bind_link, bind_segments, is_link
from netc.bind.draft import NOWHERE, Draft, Place, unnamed
from netc.bind.habits import habit
from netc.bind.masters import bind_masters
from netc.bind.references import bind_references
from netc.bind.routes import find_devices
from netc.bind.statements import statements
from netc.bind.walk import declare_netnses, guarded, walk
from netc.diagnostics import Findings, did_you_mean, error
from netc.kinds import kinds
from netc.kinds.base import Form
from netc.source import Span
from netc.topology.model import Lab, Topology
from netc.topology.values import BindError

if TYPE_CHECKING:
    from netc.syntax.tree import Block, Document, Statement


def bind(document: Document, stem: str, findings: Findings, prefix: str | None = None) -> Topology:
    """Return the Topology of an unrolled Document; what cannot be bound is told in `findings` and left out.

    `stem` names a lab that says no name itself; `prefix` overrides its `name-prefix`.
    """
    draft = Draft(findings, _lab(document, stem, prefix, findings))
    root = declare_netnses(document, draft)
    queue = list(walk(document.statements, root, draft))
    for chosen in (_is_device, _is_link, _is_other):
        for statement, place in queue:
            if chosen(statement):
                guarded(draft, lambda s=statement, p=place: _bind_one(s, p, draft))  # type: ignore[misc]
        if chosen is _is_link:
            for works in (draft.derived, draft.parents):  # a link with derived names may have parents
                for work in works:
                    guarded(draft, work)
            bind_masters(draft)
            bind_references(draft)
    bind_segments(draft)
    topology = assign_addresses(draft)
    topology = replace(topology, routes=find_devices(topology))
    for finish in draft.later:
        guarded(draft, lambda f=finish: f(topology))  # type: ignore[misc]
    return replace(topology, expectations=tuple(draft.expectations))


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
        _require_host(statement, place)
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
                help=habit(keyword)
                or did_you_mean(keyword, known)
                or "`netns`, `veth`, `bridge` and `route` are statements",
            )
        )
    if not (found.in_block or place.netns.is_root) or not (found.in_host or place.netns == draft.top):
        raise shape(
            statement.span,
            f"`{keyword}` cannot stand inside {place.netns.label}",
            "move it to the top level of the file",
        )
    if not found.of_lab:
        _require_host(statement, place)
    found.bind(statement, place, draft)


def _require_host(statement: Statement, place: Place) -> None:
    if place.netns.machine == NOWHERE:
        raise shape(
            statement.span,
            f"`{statement.keyword}` stands on no host, and this lab has several",
            "move it into the block of a `host`",
        )
