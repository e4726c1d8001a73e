"""Document to Document: networks become the plain statements that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from netc.networks.base import Line, Names, drivers, statement, word
from netc.networks.survey import Survey, survey
from netc.syntax.tree import Block, Document, Part, Statement

if TYPE_CHECKING:
    from netc.diagnostics import Findings
    from netc.topology.networks import Network

_WORDS = {"network", "join", "attach"}


@dataclass(frozen=True, slots=True)
class Expansion:
    """A document without networks, and the networks that it had."""

    document: Document
    networks: tuple[Network, ...]


def expand(document: Document, findings: Findings, prefix: str | None = None) -> Expansion:
    """Return `document` with every `join` and `attach` written out.

    What comes of one stands at its place in the text, in its namespace or host. `prefix` overrides the lab's own.
    """
    if not _has_networks(document.statements):
        return Expansion(document, ())
    found = survey(document, findings)
    writer = _Writer(found, Names(_prefix(document) if prefix is None else prefix))
    several = any(each.keyword == "host" for each in document.statements)
    statements = tuple(writer.body(document.statements, on_host=not several))
    return Expansion(replace(document, statements=statements), tuple(found.networks.values()))


def _has_networks(statements: Iterable[Statement]) -> bool:
    for each in statements:
        if each.keyword in _WORDS:
            return True
        if each.keyword in {"host", "netns", "in"}:
            inside = (part.statements for part in each.parts if isinstance(part, Block))
            if any(_has_networks(block) for block in inside):
                return True
    return False


def _prefix(document: Document) -> str:
    for each in document.statements:
        if each.keyword == "lab":
            for block in (part for part in each.parts if isinstance(part, Block)):
                for option in block.statements:
                    if option.head.text.replace("_", "-") == "name-prefix" and option.words:
                        return option.words[0].text
    return ""


class _Writer:
    """Writes the statements out. A host says once what several networks, or several statements, would say alike."""

    def __init__(self, found: Survey, names: Names) -> None:
        self._found = found
        self._names = names
        self._said: set[tuple[str, Line]] = set()

    def body(self, statements: Iterable[Statement], *, on_host: bool) -> Iterator[Statement]:
        """Yield statements with those of networks written out, and what a host has for its ports after them.

        `on_host` tells whether statements of a host can stand here.
        """
        for each in statements:
            if each.keyword in {"host", "netns", "in"}:
                yield replace(each, parts=tuple(self._part(part) for part in each.parts))
                if each.keyword != "host":
                    yield from self._beside(each, on_host=on_host)
            elif id(each) in self._found.members:
                yield from self._join(each)
            elif id(each) in self._found.ports:
                yield from self._attach(each)
            elif id(each) not in self._found.read:
                yield each  # a `join` that stands where it cannot is told when it is bound

    def _part(self, part: Part) -> Part:
        if not isinstance(part, Block):
            return part
        return replace(part, statements=tuple(self.body(part.statements, on_host=True)))

    def _join(self, written: Statement) -> Iterator[Statement]:
        name, machine = self._found.members[id(written)]
        network, member = self._found.networks[name], self._found.member(name, machine)
        lines = drivers()[network.driver].join(network, member, self._names)
        yield from self._written(lines, written, machine)

    def _attach(self, written: Statement) -> Iterator[Statement]:
        name, machine, port = self._found.ports[id(written)]
        network, member = self._found.networks[name], self._found.member(name, machine)
        for line in drivers()[network.driver].attach(network, member, port, self._names):
            yield statement(line, written, written.title)

    def _beside(self, block: Statement, *, on_host: bool) -> Iterator[Statement]:
        """Yield what the host has for the ports of a namespace: as statements of the host, or of `in HOST`."""
        for part in block.parts:
            for written in part.statements if isinstance(part, Block) else ():
                known = self._found.ports.get(id(written))
                if known is None:
                    continue
                network, machine, port = self._found.networks[known[0]], known[1], known[2]
                member = self._found.member(network.name, machine)
                lines = drivers()[network.driver].beside(network, member, port, self._names)
                made = tuple(self._written(lines, written, machine))
                if on_host:
                    yield from made
                elif made:
                    yield replace(block, parts=(word(machine, block.span), Block(made, block.span)))

    def _written(self, lines: Iterator[Line], written: Statement, machine: str) -> Iterator[Statement]:
        for line in lines:
            key = (machine, tuple(str(part) for part in line))
            if key not in self._said:
                self._said.add(key)
                yield statement(line, written, written.title)
