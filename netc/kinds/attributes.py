"""Kinds that are one `ip link add`: each option becomes words after `type`, as the kind's file says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from netc.kinds.base import Kind, Making, taken_with_link
from netc.plan.step import Observation, Stage, Step
from netc.syntax.tree import Word
from netc.topology.model import Device
from netc.topology.options import Option, one
from netc.topology.values import address, choice, number, switch, text


@dataclass(frozen=True, slots=True)
class Attribute:
    """An option, and the words of iproute2 that carry its value.

    One that is `late` names a device which may be made later: it is set once every device is there. `shown` returns
    what `ip -d link show` prints of a value, each phrase for itself, for status.sh; None: the words as written.
    """

    option: Option[Any]
    words: Callable[[Any], tuple[str, ...]]
    late: bool = False
    shown: Callable[[Any], tuple[str, ...]] | None = None


def shown(attribute: Attribute, how: Callable[[Any], tuple[str, ...]]) -> Attribute:
    """Return an attribute that `ip -d link show` prints otherwise than it is written."""
    return replace(attribute, shown=how)


def unseen(attribute: Attribute) -> Attribute:
    """Return an attribute that `ip -d link show` does not always print."""
    return replace(attribute, shown=lambda given: ())


def value(
    name: str, parse: Callable[[Word], Any], form: str, doc: str, default: str = "the kernel's", word: str = ""
) -> Attribute:
    """Make an attribute that is written WORD VALUE."""
    return Attribute(Option(name, one(parse), form, doc, default), lambda given: (word or name, str(given)))


def device_name(name: str, doc: str, default: str = "none", word: str = "") -> Attribute:
    """Make an attribute whose value is the name of a device of the same namespace."""
    attribute = value(name, text, "DEVICE", doc, default, word)
    return replace(attribute, option=replace(attribute.option, names_device=True), late=True)


def numeric(name: str, low: int, high: int, doc: str, default: str = "the kernel's", word: str = "") -> Attribute:
    """Make an attribute whose value is a whole number."""
    return value(name, number(low, high), "N", doc, default, word)


def seconds(name: str, low: int, high: int, doc: str, default: str, word: str) -> Attribute:
    """Make an attribute that a lab says in whole seconds, and iproute2 in hundredths of a second."""
    option = Option(name, one(number(low, high)), "SECONDS", doc, default)
    return Attribute(option, lambda given: (word, str(given * 100)))


def bit(name: str, doc: str, default: str, word: str) -> Attribute:
    """Make an attribute that is written WORD 1, or WORD 0."""
    return Attribute(Option(name, one(switch), "on|off", doc, default), lambda given: (word, str(int(given))))


def one_of(name: str, known: tuple[str, ...], doc: str, default: str, word: str = "") -> Attribute:
    """Make an attribute whose value is one of a few words."""
    return value(name, choice(*known), "|".join(known), doc, default, word)


def number_or(low: int, high: int, *words: str) -> Callable[[Word], str]:
    """Return a parser of a whole number, or of one of a few words that iproute2 takes in its place."""
    parse = number(low, high)

    def read(word: Word) -> str:
        return word.text if word.text in words else str(parse(word))

    return read


def ip_address(name: str, doc: str, default: str = "none") -> Attribute:
    """Make an attribute whose value is an IP address."""
    return value(name, address, "ADDRESS", doc, default)


def on_off(name: str, doc: str, default: str, word: str = "") -> Attribute:
    """Make an attribute that is written WORD on, or WORD off."""
    option = Option(name, one(switch), "on|off", doc, default)
    return Attribute(option, lambda given: (word or name, "on" if given else "off"))


def flag(name: str, doc: str, default: str, on: str = "", off: str = "") -> Attribute:
    """Make an attribute that is a bare word; `noNAME` is its negative where the kind has one."""
    option = Option(name, one(switch), "on|off", doc, default)
    words = {True: (on or name,), False: (off,) if off else ()}
    phrases: dict[bool, tuple[str, ...]] = {True: (on or name,), False: ()}  # what is off is mostly not printed
    return Attribute(option, lambda given: words[given], shown=lambda given: phrases[given])


def words_of(attributes: Iterable[Attribute], device: Device, *, late: bool = False) -> tuple[str, ...]:
    """Return the words of every option that the lab says for a device."""
    words: list[str] = []
    for attribute in attributes:
        if attribute.late is late and (given := attribute.option.of(device)) is not None:
            words += attribute.words(given)
    return tuple(words)


def of_link(*attributes: Attribute) -> tuple[Attribute, ...]:
    """Return attributes that both ends of a link have in common: said at one end, they hold for both."""
    return tuple(replace(one, option=replace(one.option, of_link=True)) for one in attributes)


def of_each(*attributes: Attribute) -> tuple[Attribute, ...]:
    """Return attributes that both ends of a link have: said at one end, they hold for the other, which may differ."""
    return tuple(replace(one, option=replace(one.option, of_each=True)) for one in attributes)


def mirrored(attribute: Attribute, mirror: str) -> Attribute:
    """Return an attribute that is the option `mirror` of the far end of a link."""
    return replace(attribute, option=replace(attribute.option, mirror=mirror))


def phrases_of(attributes: Iterable[Attribute], device: Device, *, late: bool = False) -> tuple[str, ...]:
    """Return what `ip -d link show` prints of what the lab says, spaces for commas, as status.sh reads it."""
    phrases: list[str] = []
    for attribute in attributes:
        if attribute.late is late and (given := attribute.option.of(device)) is not None:
            written = " ".join(attribute.words(given))
            phrases += [written] if attribute.shown is None else attribute.shown(given)
    return tuple(phrase.replace(",", " ") for phrase in phrases if phrase)


def values_of(options: Iterable[Option[Any]], device: Device) -> tuple[tuple[str, Any], ...]:
    """Return what the lab says of some options of a device, by their names."""
    return tuple((option.name, given) for option in options if (given := option.of(device)) is not None)


class AttributeKind(Kind):
    """A kind whose device is made by one `ip link add ... type TYPE WORDS`."""

    attributes: ClassVar[tuple[Attribute, ...]] = ()
    type_name: ClassVar[str] = ""  # where it differs from the kind's name
    port_attributes: ClassVar[tuple[Attribute, ...]] = ()  # words after `type PORT_TYPE`, for its ports
    port_type: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Take the options from the attributes."""
        super().__init_subclass__()
        cls.options = (*cls.extra_options(), *(attribute.option for attribute in cls.attributes))
        cls.port_options = (*cls.extra_port_options(), *(attribute.option for attribute in cls.port_attributes))

    @classmethod
    def extra_options(cls) -> tuple[Option[Any], ...]:
        """Return options that are no words of `ip link add`."""
        return ()

    @classmethod
    def extra_port_options(cls) -> tuple[Option[Any], ...]:
        """Return options of ports that are no words of `ip link set`."""
        return ()

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the type and the words of every option that the lab says."""
        return (self.type_name or self.name, *words_of(self.attributes, device))

    def shown(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return what `ip -d link show` prints of the options that the lab says."""
        return phrases_of(self.attributes, device)

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the device's steps, and the one that sets what had to wait for other devices."""
        yield from super().steps(device, making)
        words = words_of(self.attributes, device, late=True)
        if words:
            phrases = phrases_of(self.attributes, device, late=True)
            yield _setting(device, (self.type_name or self.name, *words), phrases, Stage.UP)

    def port_steps(self, port: Device, making: Making) -> Iterator[Step]:
        """Yield the steps that set the port's options."""
        for late, stage in ((False, Stage.LINK), (True, Stage.UP)):
            words = words_of(self.port_attributes, port, late=late)
            if words:
                phrases = phrases_of(self.port_attributes, port, late=late)
                yield _setting(port, (self.port_type, *words), phrases, stage)


def _setting(device: Device, words: tuple[str, ...], phrases: tuple[str, ...], stage: Stage) -> Step:
    """Return the step that sets attributes of a device that is there: words after `type`."""
    argv = ("ip", "link", "set", "dev", device.name, "type", *words)
    show = ("ip", "-d", "-o", "link", "show", "dev", device.name)
    observation = Observation(f"{words[0]} {device.key.label}", show, phrases)
    return Step(argv, taken_with_link(device), device.origin, device.netns, stage, observation=observation)
