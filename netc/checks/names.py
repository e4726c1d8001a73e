"""What is wrong with a device's name, once for all checks of names, and where in the text the name stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from netc.source import Span
from netc.topology.model import Device, Made, Topology

#: linux/if.h IFNAMSIZ is 16, the closing zero byte included.
LONGEST_DEVICE = 15
#: limits.h NAME_MAX: a namespace's name is a file's name below /run/netns.
LONGEST_FILE = 255
ALLOWED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
ALLOWED_TEXT = "letters, digits, `_`, `.` and `-`, and starts with a letter or digit"


class Fault(Enum):
    """What is wrong with a device's name: the first of these that holds is told, and no other."""

    CHARS = "chars"
    RESERVED = "reserved"
    PERCENT = "percent"
    SHELL = "shell"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class BadName:
    """A device with a bad name; `name` is the real one, `shown` is fit to be printed."""

    device: Device
    name: str
    shown: str
    span: Span


def fault_of(name: str) -> Fault | None:
    """Return what is wrong with a device's name, or None."""
    if ALLOWED.fullmatch(name) and name not in {"all", "default"}:
        return Fault.LONG if len(name) > LONGEST_DEVICE else None
    if name in {"", ".", ".."} or any(char in "/:" or char.isspace() or not char.isprintable() for char in name):
        return Fault.CHARS
    if name in {"all", "default"}:
        return Fault.RESERVED
    return Fault.PERCENT if "%" in name else Fault.SHELL


def bad_names(topology: Topology, fault: Fault) -> Iterator[BadName]:
    """Yield the devices whose names have a fault."""
    for device in topology.devices.values():
        if device.made is not Made.KERNEL and fault_of(device.name) is fault:
            yield BadName(device, device.name, visible(device.name), name_span(topology, device))


def visible(text: str) -> str:
    """Return a text fit for a message: on one line, nothing hidden in it, and not too long."""
    shown = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def name_span(topology: Topology, device: Device) -> Span:
    """Return the span of a device's own name: the last part of a word such as `ns1:eth0`."""
    return last_part(device.span, said_name(topology, device))


def said_name(topology: Topology, device: Device) -> str:
    """Return a device's name as the lab says it, without the lab's name prefix."""
    prefixed = device.netns.is_root and device.made in {Made.LAB, Made.PEER}
    return device.name.removeprefix(topology.lab.prefix) if prefixed else device.name


def last_part(span: Span, text: str) -> Span:
    """Return the end of a span that is `text`, or the whole span where the source has it otherwise."""
    written = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    if span.line != span.end_line or not text or not written.endswith(":" + text):
        return span
    return span.part(len(written) - len(text), len(written))
