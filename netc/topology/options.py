"""Options: the words that a block after a device may hold, each typed, documented and read in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from netc.diagnostics import Findings, Label, did_you_mean, error
from netc.syntax.tree import Block, Statement, Word
from netc.topology.model import Device, Setting
from netc.topology.values import BindError

T = TypeVar("T")


class WrongCount(Exception):
    """An option got more words, or fewer, than it takes."""


def one(parse: Callable[[Word], T]) -> Callable[[tuple[Word, ...]], T]:
    """Make a reader of exactly one word."""

    def read(words: tuple[Word, ...]) -> T:
        if len(words) != 1:
            raise WrongCount("one word")
        return parse(words[0])

    return read


def none(words: tuple[Word, ...]) -> bool:
    """Read an option that is its name alone."""
    if words:
        raise WrongCount("no word")
    return True


def several(parse: Callable[[Word], T]) -> Callable[[tuple[Word, ...]], tuple[tuple[T, Word], ...]]:
    """Make a reader of one word or more; each value comes with its word."""

    def read(words: tuple[Word, ...]) -> tuple[tuple[T, Word], ...]:
        if not words:
            raise WrongCount("one word or more")
        return tuple((parse(word), word) for word in words)

    return read


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """One option of a kind.

    `form` is what stands after the name, `doc` a sentence or two with units and source, `default` what holds where
    it is left out. `kernel` is set for a device's own sysctl: its path, with `*` for the device's name.
    """

    name: str
    parse: Callable[[tuple[Word, ...]], T]
    form: str
    doc: str
    default: str = "the kernel's"
    of_link: bool = False  # said at one end of a link, it holds for both
    kernel: tuple[str, ...] = ()

    def of(self, device: Device) -> T | None:
        """Return the option's value for `device`, or None where the lab does not say it."""
        setting = device.settings.get(self.name)
        value: T | None = None if setting is None else setting.value
        return value

    def read(self, statement: Statement) -> Setting:
        """Return what a statement of a block says; raises BindError."""
        words = statement.words
        try:
            if len(words) != len(statement.parts):
                raise WrongCount("words")
            value = self.parse(words)
        except WrongCount as count:
            help = f"write `{self.name} {self.form}`"
            raise BindError(error("N004", statement.span, f"`{self.name}` takes {count}", help=help)) from None
        span = words[0].span.until(words[-1].span) if words else statement.span
        return Setting(value, span, statement.head.span)


def read_block(block: Block, options: Mapping[str, Option[Any]], what: str, findings: Findings) -> dict[str, Setting]:
    """Return the settings of a block; unknown, repeated and ill-typed options are told in `findings`."""
    found: dict[str, Setting] = {}
    for statement in block.statements:
        name = statement.head.text.replace("_", "-")
        option = options.get(name)
        if option is None:
            help = did_you_mean(name, options)
            findings.add(error("N004", statement.head.span, f"{what} has no option `{statement.head.text}`", help=help))
        elif name in found:
            earlier = Label(found[name].name_span, "first said here")
            findings.add(
                error(
                    "N007",
                    statement.head.span,
                    f"`{name}` is said twice",
                    labels=(earlier,),
                    help="keep one of the two",
                )
            )
        else:
            try:
                found[name] = option.read(statement)
            except BindError as bad:
                findings.add(bad.finding)
    return found
