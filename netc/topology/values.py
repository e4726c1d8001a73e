"""Words to typed values: addresses, numbers, MACs, switches. Each says what is wrong at its own column."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from functools import lru_cache
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_interface,
    ip_network,
)
from typing import TypeVar

from netc.diagnostics import Edit, Finding, did_you_mean, error
from netc.source import Span
from netc.syntax.tree import Word
from netc.topology.model import IPAddress, IPInterface, IPNetwork

T = TypeVar("T")
# Two colons at least, or a slash: `a:e0` is the device e0 of a namespace a.
_ADDRESS = re.compile(r"[0-9.]+(/.*)?|[0-9A-Fa-f]*:[0-9A-Fa-f.]*(:[0-9A-Fa-f:.]*|/.*)(/.*)?")

#: A key of WireGuard, as wg(8) writes it: 32 bytes in base64.
PUBLIC_KEY = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")


class BindError(Exception):
    """Ends the binding of one statement with a finding; the next statement goes on."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def bad_value(span: Span, message: str, help: str = "", effect: str = "", instead: str = "") -> BindError:
    """Build the error for a word that is not the value that its place wants; `instead` is the only right one."""
    edits = [Edit(span, instead)] if instead else []
    return BindError(error("N005", span, message, help=help, effect=effect, edits=edits))


def number(low: int, high: int, what: str = "a number") -> Callable[[Word], int]:
    """Return a parser of whole numbers from `low` to `high`."""

    def parse(word: Word) -> int:
        if not re.fullmatch(r"[0-9]{1,20}", word.text):
            raise bad_value(word.span, f"`{word.text}` is not {what}", f"write a whole number from {low} to {high}")
        value = int(word.text)
        if not low <= value <= high:
            raise bad_value(word.span, f"{value} is out of range for {what}", f"it goes from {low} to {high}")
        return value

    return parse


def bounds(word: Word, read: Callable[[Word], int]) -> tuple[int, int]:
    """Return the first and the last of `20-30`, each as `read` takes it; `20` is both."""
    first, dash, last = word.text.partition("-")
    low = read(type(word)(first, word.span))
    return low, read(type(word)(last, word.span)) if dash else low


def number_range(word: Word, read: Callable[[Word], int]) -> tuple[int, int]:
    """Return the bounds of a range that runs upwards."""
    low, high = bounds(word, read)
    if low > high:
        raise bad_value(word.span, f"`{word.text}` runs backwards", f"write {high}-{low}")
    return low, high


def mask(most: int, what: str = "a mask") -> Callable[[Word], int]:
    """Return a parser of whole numbers from 0 to `most` that may be written in hexadecimal: 0x10."""

    def parse(word: Word) -> int:
        if not re.fullmatch(r"0x[0-9A-Fa-f]{1,16}|[0-9]{1,20}", word.text):
            raise bad_value(word.span, f"`{word.text}` is not {what}", f"write a number up to {most:#x}, such as 0x10")
        found = int(word.text, 16 if word.text.startswith("0x") else 10)
        if found > most:
            raise bad_value(word.span, f"{word.text} is out of range for {what}", f"it goes up to {most:#x}")
        return found

    return parse


def switch(word: Word) -> bool:
    """Parse `on` or `off`."""
    if word.text not in {"on", "off"}:
        raise bad_value(word.span, f"`{word.text}` is neither `on` nor `off`", "write `on` or `off`")
    return word.text == "on"


def choice(*known: str) -> Callable[[Word], str]:
    """Return a parser of one of the known words."""

    def parse(word: Word) -> str:
        if word.text not in known:
            raise bad_value(word.span, f"`{word.text}` is not possible here", did_you_mean(word.text, known))
        return word.text

    return parse


#: Units in microseconds, tc(8), UNITS; a bare number, which tc takes for microseconds, is refused as easily misread.
_TIMES = {"s": 1_000_000, "ms": 1000, "us": 1}
#: Units in bits per second, tc(8), UNITS; tc's `bps` are bytes per second.
_RATES = {"bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9}
#: Units in bytes, tc(8), UNITS.
_SIZES = {"b": 1, "kb": 1024, "mb": 1024**2}


def duration(word: Word) -> int:
    """Parse a time, `10ms` or `1.5s`; returns microseconds, less than 2**31 (tc counts them in 32 bits)."""
    found = _measured(word, _TIMES, "a time", "write it with its unit: 10ms, 1.5s or 200us")
    return _below(word, found, 2**31 - 1, "a time", "2147s")


def bit_rate(word: Word) -> int:
    """Parse a rate, `10mbit`; returns bits per second, at least 8."""
    help = "write it with its unit: 64kbit, 10mbit or 1gbit"
    if word.text.lower().endswith("bps"):
        help = "tc's `bps` are bytes per second: write mbit for megabits"
    found = _measured(word, _RATES, "a rate", help)
    if found < 8:
        raise bad_value(word.span, f"{word.text} is less than a byte per second", "write 8bit or more")
    return _below(word, found, 10**12, "a rate", "1000gbit")


def size(word: Word) -> int:
    """Parse a number of bytes, `1500`, `16kb` or `1mb`; kb and mb are powers of 1024, as for tc(8)."""
    found = _measured(word, _SIZES | {"": 1}, "a size", "write bytes, or kb or mb after the number: 16kb")
    return _below(word, found, 2**31 - 1, "a size", "2gb")


def percent(word: Word) -> float:
    """Parse a share, `1%` or `0.1%`; returns it in percent, more than 0 and at most 100."""
    match = re.fullmatch(r"([0-9]{1,3}(\.[0-9]{1,6})?)%", word.text)
    if match is None or not 0 < float(match[1]) <= 100:
        raise bad_value(word.span, f"`{word.text}` is no share", "write a percentage above 0%, up to 100%: 0.5%")
    return float(match[1])


def _measured(word: Word, units: dict[str, int], what: str, help: str) -> int:
    match = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?([a-z]*)", word.text.lower())
    if match is None or match[3] not in units:
        raise bad_value(word.span, f"`{word.text}` is not {what}", help)
    millionths = int((match[2] or "").ljust(6, "0"))
    found = int(match[1]) * units[match[3]] + millionths * units[match[3]] // 1_000_000
    if found == 0:
        raise bad_value(word.span, f"`{word.text}` is nothing", f"write {what} above zero, or leave it out")
    return found


def _below(word: Word, found: int, most: int, what: str, shown: str) -> int:
    if found > most:
        raise bad_value(word.span, f"{word.text} is too much for {what}", f"it is at most {shown}")
    return found


def mac(word: Word) -> str:
    """Parse a unicast MAC address, `02:00:00:00:00:01`; returns it in lower case."""
    found = any_mac(word)
    if int(word.text[:2], 16) & 1 or word.text == "00:00:00:00:00:00":
        raise bad_value(
            word.span,
            f"{word.text} is no address of one device",
            "use a locally administered one, such as 02:00:00:00:00:01",
            "the kernel refuses it: Cannot assign requested address",
        )
    return found


def any_mac(word: Word) -> str:
    """Parse a MAC address of one device, of a group, or of nobody (all zeros); returns it in lower case."""
    if not re.fullmatch(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", word.text):
        raise bad_value(
            word.span, f"`{word.text}` is no MAC address", "write six pairs of hex digits: 02:00:00:00:00:01"
        )
    return word.text.lower()


def spelled(value: IPAddress | IPInterface | IPNetwork) -> str:
    """Return an address or a prefix the way iproute2 prints it, which is inet_ntop(3)'s.

    It differs from Python's for IPv6 addresses that hold an IPv4 one (`::ffff:0.0.0.0/96`), and from one version of
    Python to another.
    """
    match value:
        case IPv6Network():
            return f"{socket.inet_ntop(socket.AF_INET6, value.network_address.packed)}/{value.prefixlen}"
        case IPv6Interface():
            return f"{socket.inet_ntop(socket.AF_INET6, value.ip.packed)}/{value.network.prefixlen}"
        case IPv6Address():
            return socket.inet_ntop(socket.AF_INET6, value.packed)
        case IPv4Interface() | IPv4Network() | IPv4Address():
            return str(value)


def group_mac(word: Word) -> str:
    """Parse a link-local group address of 802.1D, `01:80:c2:00:00:0X` (kernel net/bridge/br_sysfs_br.c)."""
    if not re.fullmatch(r"01:80:c2:00:00:0[0-9a-f]", word.text.lower()) or word.text[-1] in "123":
        raise bad_value(
            word.span, f"`{word.text}` is no group that a bridge may send to", "write 01:80:c2:00:00:00, or 04 to 0f"
        )
    return word.text.lower()


def text(word: Word) -> str:
    """Take a word as it stands."""
    return word.text


def looks_like_address(word: Word) -> bool:
    """Whether a word is meant as an IP address, with or without a prefix length, right or wrong."""
    return not word.quoted and _ADDRESS.fullmatch(word.text) is not None


def address(word: Word) -> IPAddress:
    """Parse an IP address without a prefix length."""
    if "/" in word.text:
        raise bad_value(
            word.span,
            f"`{word.text}` is a prefix; an address alone stands here",
            f"write {word.text.partition('/')[0]}",
            instead=word.text.partition("/")[0],
        )
    return _ip(word, word.text)


def interface(word: Word) -> IPInterface:
    """Parse an address with its prefix length; without one it is the address alone (/32, /128)."""
    ip, length = _split(word)
    return ip_interface((ip, length))


def endpoint(word: Word) -> tuple[str, int]:
    """Parse an address with a port: 10.0.0.1:51820 or [fd00::1]:51820."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})", word.text)
    if found is None or not 1 <= int(found[3]) <= 65535:
        help = "write an address and a port: 10.0.0.1:51820 or [fd00::1]:51820"
        raise bad_value(word.span, f"`{word.text}` is no endpoint", help)
    return str(_ip(Word(found[1] or found[2], word.span), found[1] or found[2])), int(found[3])


def prefix(word: Word) -> IPNetwork:
    """Parse a prefix whose host bits are zero; an address alone is a /32 or /128."""
    ip, length = _split(word)
    return _network(word, ip, length)


def _network(word: Word, ip: IPAddress, length: int) -> IPNetwork:
    network = ip_network((ip, length), strict=False)
    if network.network_address != ip:
        message = f"{word.text} has bits set beyond its /{length}"
        raise bad_value(word.span, message, f"write {network}", instead=str(network))
    return network


def _split(word: Word) -> tuple[IPAddress, int]:
    text, slash, length = word.text.partition("/")
    if slash and not text:
        raise bad_value(
            word.span, f"`{word.text}` is a prefix length without an address", "leave out the blank before it"
        )
    ip = _ip(word, text)
    most = ip.max_prefixlen
    if not slash:
        return ip, most
    span = word.span.part(len(text) + 1, len(word.text)) if _exact(word) else word.span
    if (mask := _length_of_mask(length)) is not None and ip.version == 4:
        message = f"`{length}` is a netmask; the length of the prefix stands here"
        raise bad_value(span, message, f"write {ip}/{mask}", instead=str(mask) if span != word.span else f"{ip}/{mask}")
    if not re.fullmatch(r"0|[1-9][0-9]{0,2}", length) or int(length) > most:
        raise bad_value(span, f"`{length}` is no prefix length", f"IPv{ip.version} has prefix lengths from 0 to {most}")
    return ip, int(length)


def refuse_netmask(before: Word | None, word: Word) -> None:
    """Refuse a netmask that stands where an address stands, after another one."""
    mask = _length_of_mask(word.text)
    if mask is None or before is None or not word.text.startswith("255.") or "/" in before.text:
        return
    message = f"`{word.text}` is a netmask; the length of the prefix belongs to the address"
    whole = f"{before.text}/{mask}"
    edits = [Edit(before.span.until(word.span), whole)]
    raise BindError(error("N005", word.span, message, help=f"write {whole}", edits=edits))


def _length_of_mask(text: str) -> int | None:
    """Return the prefix length that a netmask such as 255.255.255.0 stands for, or None for another text."""
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", text):
        return None
    try:
        network = ip_network(f"0.0.0.0/{text}")
    except ValueError:
        return None
    return network.prefixlen if str(network.netmask) == text else None


def _ip(word: Word, text: str) -> IPAddress:
    if "%" in text:
        raise bad_value(
            word.span,
            f"`{text}`: an address here has no zone",
            "leave out what follows the `%`, and name the device with `dev`",
        )
    known = _known(text)
    if known is not None:
        return known
    if ":" not in text:
        raise _no_ipv4(word, text)
    help = "write up to eight groups of hex digits; one `::` stands for a run of zeros"
    raise bad_value(word.span, f"`{text}` is no IPv6 address", help)


@lru_cache(maxsize=4096)
def _known(text: str) -> IPAddress | None:
    """Return the address that a text says, None where it says none; labs say the same ones again and again."""
    try:
        return IPv6Address(text) if ":" in text else IPv4Address(text)
    except AddressValueError:
        return None


def _no_ipv4(word: Word, text: str) -> BindError:
    """Return what is wrong with a text that is no IPv4 address."""
    if not re.fullmatch(r"[0-9.]+", text):
        return bad_value(word.span, f"`{text}` is no IP address", "write 10.0.0.1/24 or fd00::1/64")
    octets = text.split(".")
    start = 0
    for octet in octets:
        span = word.span.part(start, start + max(len(octet), 1)) if _exact(word) else word.span
        if not re.fullmatch(r"0|[1-9][0-9]{0,2}", octet) or int(octet) > 255:
            return bad_value(
                span,
                f"{octet or 'nothing'} is not an octet",
                "an IPv4 address is four numbers from 0 to 255, without leading zeros",
            )
        start += len(octet) + 1
    return bad_value(word.span, f"`{text}` has {len(octets)} octets, not four", "write all four: 10.0.0.1")


def _exact(word: Word) -> bool:
    """Whether the word's columns are those of its text (no quotes, no `${...}`)."""
    span = word.span
    return span.line == span.end_line and span.end_column - span.column == len(word.text)
