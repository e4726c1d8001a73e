"""Options: the words that a block after a device may hold, each typed, documented and read in one place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from netc.diagnostics import Findings, Label, did_you_mean, error
from netc.source import Span
from netc.syntax.tree import Block, Statement, Word
from netc.topology.model import DeviceKey, Setting
from netc.topology.values import BindError

T = TypeVar("T")


class HasSettings(Protocol):
    """What options are said of: a device, a network."""

    @property
    def settings(self) -> Mapping[str, Setting]:
        """What the lab says, by the option's name."""


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
    it is left out. `kernel` is set for a device's own sysctl: its path, with `*` for the device's name. A `repeatable`
    option may be said several times: its values are tuples, put together. One that `names_device` names a device of
    the same namespace; once bound, its value is that device's real name.
    """

    name: str
    parse: Callable[[tuple[Word, ...]], T]
    form: str
    doc: str
    default: str = "the kernel's"
    of_link: bool = False  # said at one end of a link, it holds for both
    of_each: bool = False  # of a link: said at one end, it holds for the other too, unless that says its own
    mirror: str = ""  # the option of the other end of a link that is the same thing: `remote` there is `local` here
    kernel: tuple[str, ...] = ()
    repeatable: bool = False
    names_device: bool = False

    def of(self, device: HasSettings) -> T | None:
        """Return the option's value for `device`, or for a network, or None where the lab does not say it."""
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the blocks of an option such as `peer`, which may be said several times."""

    span: Span
    settings: Mapping[str, Setting]
    word: Word | None = None
    device: DeviceKey | None = None  # that `word` names


@dataclass(frozen=True, slots=True)
class Blocks(Option[tuple[Entry, ...]]):
    """An option with a block of its own, said once or several times: `peer [NETNS:DEVICE] { ... }`.

    The word before the block names another device of the same kind; without it, what is `required` must be said.
    """

    inner: tuple[Option[Any], ...] = ()
    required: tuple[str, ...] = ()

    def entry_setting(self, statement: Statement, findings: Findings) -> Setting:
        """Return what one of the blocks says, as a setting of one entry; raises BindError."""
        return Setting((self._entry(statement, findings),), statement.span, statement.head.span)

    def _entry(self, statement: Statement, findings: Findings) -> Entry:
        """Return what one of the blocks says; raises BindError."""
        words, blocks = statement.words, [part for part in statement.parts if isinstance(part, Block)]
        if len(words) > 1 or len(words) + len(blocks) != len(statement.parts) or len(blocks) != 1:
            help = f"write `{self.name} {self.form}`"
            raise BindError(error("N004", statement.span, f"`{self.name}` takes a block", help=help))
        settings = read_block(blocks[0], {option.name: option for option in self.inner}, f"`{self.name}`", findings)
        for option in self.inner:
            if not words and option.name in self.required and option.name not in settings:
                message, help = (
                    f"`{self.name}` needs the option `{option.name}`",
                    f"write `{option.name} {option.form}`",
                )
                raise BindError(error("N004", statement.head.span, message, help=help))
        return Entry(statement.span, settings, words[0] if words else None)


def no_words(words: tuple[Word, ...]) -> tuple[Entry, ...]:
    """Refuse words where a block must stand."""
    raise WrongCount("a block")


def read_block(
    block: Block,
    options: Mapping[str, Option[Any]],
    what: str,
    findings: Findings,
    later: Collection[str] = (),
    waiting: list[Statement] | None = None,
) -> dict[str, Setting]:
    """Return the settings of a block; unknown, repeated and ill-typed options are told in `findings`.

    Statements whose names are in `later` are put into `waiting`: what they mean is not known yet.
    """
    found: dict[str, Setting] = {}
    for statement in block.statements:
        name = option_name(statement)
        option = options.get(name)
        if option is not None:
            read_option(statement, option, found, findings)
        elif name in later and waiting is not None:
            waiting.append(statement)
        else:
            help = did_you_mean(name, {*options, *later})
            findings.add(error("N004", statement.head.span, f"{what} has no option `{statement.head.text}`", help=help))
    return found


def option_name(statement: Statement) -> str:
    """Return the name of the option that a statement of a block says: `_` and `-` are equal in it."""
    return statement.head.text.replace("_", "-")


def read_option(statement: Statement, option: Option[Any], found: dict[str, Setting], findings: Findings) -> None:
    """Read one statement of a block into `found`; what is wrong with it is told in `findings`."""
    earlier = found.get(option.name)
    if earlier is not None and not option.repeatable:
        label = Label(earlier.name_span, "first said here")
        message, help = f"`{option.name}` is said twice", "keep one of the two"
        findings.add(error("N007", statement.head.span, message, labels=(label,), help=help))
        return
    try:
        setting = option.entry_setting(statement, findings) if isinstance(option, Blocks) else option.read(statement)
    except BindError as bad:
        findings.add(bad.finding)
        return
    found[option.name] = setting if earlier is None else replace(earlier, value=(*earlier.value, *setting.value))
