"""A kernel parameter below `net.`, for what no option covers.

    sysctl net.ipv4.conf.all.arp_ignore = 1
    sysctl net/ipv4/conf/eth0.100/rp_filter = 0

With slashes, a component may hold a dot. At the top level of a file the host's own value changes: down.sh restores
it, unless someone else changed it in between. Parameters outside `net.` are refused: they are not of a network
namespace, and some of them run programs.

Source: sysctl(8), kernel Documentation/networking/ip-sysctl.rst.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netc.bind.cursor import Cursor
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.diagnostics import Label, error
from netc.topology.model import SYSCTL_ALIASES, Sysctl
from netc.topology.values import BindError, bad_value

if TYPE_CHECKING:
    from netc.bind.draft import DeviceDraft
    from netc.syntax.tree import Statement, Word

FORM = "sysctl KEY = VALUE..."
# Directories whose next component is a device's name, or `all`, or `default`.
_OF_DEVICES = {
    ("net", "ipv4", "conf"),
    ("net", "ipv6", "conf"),
    ("net", "ipv4", "neigh"),
    ("net", "ipv6", "neigh"),
    ("net", "mpls", "conf"),
}


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    word = cursor.word("the key")
    path = _path(word)
    cursor.equals()
    first = cursor.word("the value")
    values = [first, *cursor.words()]
    cursor.end()
    for value in values:
        if not re.fullmatch(r"[A-Za-z0-9_.:,/+-]+", value.text):
            raise bad_value(
                value.span,
                f"`{value.text}` is no value of a kernel parameter",
                "values are numbers and plain words",
            )
    device = _device(path, place, draft)
    if device is not None:
        path = (*path[:3], device.key.name, *path[4:])
    path = SYSCTL_ALIASES.get(path, path)
    _once(word, path, device, place, draft)
    text = " ".join(value.text for value in values)
    key = None if device is None else device.key
    draft.sysctls.append(Sysctl(place.netns, path, text, place.origin(statement), key))


def _once(word: Word, path: tuple[str, ...], device: DeviceDraft | None, place: Place, draft: Draft) -> None:
    """Refuse a parameter that is set twice, whatever its spelling: which of the two holds would be chance."""
    earlier = draft.parameters.setdefault((place.netns, path), word.span)
    if device is not None:
        for option in device.kind.all_options.values():
            said = device.settings.get(option.name)
            if said is not None and path == tuple(device.key.name if p == "*" else p for p in option.kernel):
                earlier = said.name_span
    if earlier is not word.span:
        label = Label(earlier, "first set here")
        message = f"{'/'.join(path)} is set twice in {place.netns.label}"
        raise BindError(error("N007", word.span, message, help="keep one of the two", labels=[label]))


def _path(word: Word) -> tuple[str, ...]:
    slashed = "/" in word.text
    path = tuple(word.text.split("/" if slashed else "."))
    if not all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", part) for part in path):
        raise bad_value(
            word.span,
            f"`{word.text}` is no kernel parameter",
            "write net.ipv4.ip_forward, or net/ipv4/... with slashes",
        )
    if path[0] != "net" or len(path) < 3:
        raise bad_value(
            word.span,
            f"`{word.text}` is not a parameter of networking",
            "only keys below `net.` can be set",
            "it would change the whole machine, not a network",
        )
    if path[:4] == ("net", "ipv6", "conf", "all") and path[-1] == "disable_ipv6":
        raise bad_value(
            word.span,
            "this removes every IPv6 address of the namespace",
            "use the option `disable-ipv6 on` of the devices that it is meant for",
            "down.sh could not bring the addresses back",
        )
    return path


def _device(path: tuple[str, ...], place: Place, draft: Draft) -> DeviceDraft | None:
    if path[:3] not in _OF_DEVICES or len(path) < 5 or path[3] in {"all", "default"}:
        return None
    return draft.find_device(place.netns, path[3])


STATEMENT = StatementKind("sysctl", FORM, _bind)
