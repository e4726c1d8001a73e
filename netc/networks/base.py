"""What a network driver is: its options, its page, and the plain statements that it stands for."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import takewhile
from typing import Any, ClassVar, TypeAlias

from netc.discovery import modules_of
from netc.source import Frame, Span
from netc.syntax.tree import Arrow, Block, Equals, Part, Statement, Word
from netc.topology.model import IPAddress, IPNetwork
from netc.topology.networks import Member, Network
from netc.topology.options import Option

#: A statement as a driver writes it: words and numbers, "--" for the arrow, a mapping for a block of options. A tuple
#: in that is an option that is said once for each of its values.
Line: TypeAlias = tuple[object, ...]
IFNAMSIZ = 16  # linux/if.h; a name has one byte less
_BARE = re.compile(r"[A-Za-z0-9_.:/@+%*][A-Za-z0-9_.:/@+%*-]*")


@dataclass(frozen=True, slots=True)
class Port:
    """What an `attach` says: a device of a namespace, with its address in each family of the network."""

    netns: str
    device: str
    addresses: Mapping[int, IPAddress]
    options: Block | None

    def interfaces(self, member: Member) -> tuple[str, ...]:
        """Return the addresses with the prefix lengths of the member's subnets."""
        return tuple(f"{ip}/{member.subnets[version].prefixlen}" for version, ip in self.addresses.items())

    def alone(self) -> tuple[str, ...]:
        """Return the addresses as those of a single machine."""
        return tuple(f"{ip}/{ip.max_prefixlen}" for ip in self.addresses.values())


class Driver:
    """A network driver. A new one is a file in this folder with a `DRIVER` of a subclass of this class.

    The file's docstring is the driver's page in the reference; its last line names the source that it follows.
    """

    name: ClassVar[str]
    options: ClassVar[tuple[Option[Any], ...]] = ()
    #: The prefix length of a host's share of the network, by family, where the lab does not say it.
    share: ClassVar[Mapping[int, int]] = {4: 24, 6: 64}
    #: Whether the first host address of a host's subnet is the host's own.
    has_gateway: ClassVar[bool] = True

    @cached_property
    def all_options(self) -> dict[str, Option[Any]]:
        """The driver's options by name."""
        return {option.name: option for option in self.options}

    @property
    def page(self) -> str:
        """The driver's page: its file's docstring."""
        return inspect.cleandoc(sys.modules[type(self).__module__].__doc__ or "")

    def join(self, network: Network, member: Member, names: Names) -> Iterator[Line]:
        """Yield what a host has for the network, whatever is attached on it."""
        raise NotImplementedError

    def attach(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield what stands in the namespace of a port."""
        raise NotImplementedError

    def beside(self, network: Network, member: Member, port: Port, names: Names) -> Iterator[Line]:
        """Yield what a host has on account of a port of one of its namespaces."""
        return iter(())

    def tunnels(self, network: Network) -> frozenset[int] | None:
        """Return the families in which hosts send to each other through tunnels; None: they do not send at all."""
        return None

    def is_direct(self, network: Network) -> bool:
        """Whether neighbours leave out the tunnel."""
        return False


@dataclass(frozen=True, slots=True)
class Names:
    """Names that a driver gives; `prefix` is the lab's, which goes before the names of devices on a host."""

    prefix: str

    def of_port(self, start: str, port: Port) -> str:
        """Return the name of a port's end on the host: after its namespace, cut with a hash where it is too long."""
        name = f"{start}{port.netns}" + ("" if port.device == "eth0" else f"-{port.device}")
        most = IFNAMSIZ - 1 - len(self.prefix.encode())
        if len(name.encode()) <= most:
            return name
        digits = sha256(f"{port.netns}:{port.device}".encode()).hexdigest()
        return (start + digits[: most - len(start)])[: max(most, 1)]


def gateway(subnet: IPNetwork) -> IPAddress:
    """Return the first host address of a subnet, which is the host's own."""
    return subnet[min(1, subnet.num_addresses - 1)]


def default_routes(port: Port, member: Member) -> Iterator[Line]:
    """Yield a default route by the host in every family of a port."""
    for version in port.addresses:
        yield "route", "default", "via", gateway(member.subnets[version])


def statement(line: Line, written: Statement, title: str) -> Statement:
    """Return a line as a statement that stands where `written` does and says so."""
    head = str(line[0])
    said = takewhile(lambda part: not isinstance(part, Mapping | Block), (part for part in line if part is not None))
    text = " ".join(map(str, said))
    frame = Frame(f"in `{text}`, which `{title}` stands for", written.span, expanded=True)
    span = Span(
        written.span.source,
        written.span.line,
        written.span.column,
        written.span.end_line,
        written.span.end_column,
        (*written.span.frames, frame),
    )
    parts = tuple(made for part in line[1:] if (made := _part(part, span)) is not None)
    return Statement(Word(head, span), parts, span)


def _part(part: object, span: Span) -> Part | None:
    match part:
        case Block() | Word():
            return part
        case None:
            return None
        case "--":
            return Arrow("--", span)
        case "=":
            return Equals(span)
        case Mapping():
            return _block(part, span)
        case _:
            return word(str(part), span)


def word(text: str, span: Span) -> Word:
    """Return a word, in quotes where it could not stand without."""
    bare = _BARE.fullmatch(text) and "--" not in text and "->" not in text
    return Word(text, span, quoted=not bare)


def _block(options: Mapping[str, object], span: Span) -> Block | None:
    found = tuple(
        Statement(Word(name, span), tuple(word(text, span) for text in str(said).split()), span)
        for name, value in options.items()
        for said in (value if isinstance(value, tuple) else (value,))
        if said is not None
    )
    return Block(found, span) if found else None


@lru_cache(maxsize=1)
def drivers() -> Mapping[str, Driver]:
    """Return every driver by its name."""
    return {module.DRIVER.name: module.DRIVER for module in modules_of("netc.networks") if hasattr(module, "DRIVER")}
