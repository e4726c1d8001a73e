"""Kinds that are one `ip link add`: each option becomes words after `type`, as the kind's file says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from netc.kinds.base import Kind, Making
from netc.syntax.tree import Word
from netc.topology.model import Device
from netc.topology.options import Option, one
from netc.topology.values import address, choice, number, switch


@dataclass(frozen=True, slots=True)
class Attribute:
    """An option, and the words of iproute2 that carry its value."""

    option: Option[Any]
    words: Callable[[Any], tuple[str, ...]]


def value(
    name: str, parse: Callable[[Word], Any], form: str, doc: str, default: str = "the kernel's", word: str = ""
) -> Attribute:
    """Make an attribute that is written WORD VALUE."""
    return Attribute(Option(name, one(parse), form, doc, default), lambda given: (word or name, str(given)))


def numeric(name: str, low: int, high: int, doc: str, default: str = "the kernel's", word: str = "") -> Attribute:
    """Make an attribute whose value is a whole number."""
    return value(name, number(low, high), "N", doc, default, word)


def one_of(name: str, known: tuple[str, ...], doc: str, default: str, word: str = "") -> Attribute:
    """Make an attribute whose value is one of a few words."""
    return value(name, choice(*known), "|".join(known), doc, default, word)


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
    return Attribute(option, lambda given: words[given])


class AttributeKind(Kind):
    """A kind whose device is made by one `ip link add ... type TYPE WORDS`."""

    attributes: ClassVar[tuple[Attribute, ...]] = ()
    type_name: ClassVar[str] = ""  # where it differs from the kind's name

    def __init_subclass__(cls) -> None:
        """Take the options from the attributes."""
        super().__init_subclass__()
        cls.options = (*cls.extra_options(), *(attribute.option for attribute in cls.attributes))

    @classmethod
    def extra_options(cls) -> tuple[Option[Any], ...]:
        """Return options that are no words of `ip link add`."""
        return ()

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the type and the words of every option that the lab says."""
        words = [self.type_name or self.name]
        for attribute in self.attributes:
            given = attribute.option.of(device)
            if given is not None:
                words += attribute.words(given)
        return tuple(words)
