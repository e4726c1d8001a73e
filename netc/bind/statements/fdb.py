"""An entry of a forwarding database: behind which far end of a VXLAN, or which port of a bridge, a MAC address is.

    fdb 02:00:00:00:00:02 dev vx0 dst 10.0.0.2
    fdb default dev vx0 dst 10.0.0.2
    fdb 02:00:00:00:00:09 dev port1 master vlan 10

`default`, the MAC address 00:00:00:00:00:00, is for everything that no entry knows, broadcasts included: a frame goes
to each far end that has one.

| word | meaning |
|---|---|
| `dst ADDRESS` | the far end of the VXLAN |
| `port N`, `vni N` | its UDP port and network identifier, where they are not the device's own |
| `src_vni N` | of a device with `external on`: the identifier that the entry is for |
| `vlan VID` | the VLAN of a bridge that the entry is for |
| `self`, `master` | the device's own FDB, or its bridge's; left out, that of a VXLAN, else the bridge's |
| `static`, `local` | at a bridge: frames go out of the port, or up to the bridge itself; left out, `static` |

An entry can carry no mark, so devices that the lab does not make have none.

Source: bridge(8), kernel Documentation/networking/vxlan.rst.
"""

from __future__ import annotations

from typing import Any

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import DeviceDraft, Draft, Place
from netc.bind.statement import StatementKind
from netc.diagnostics import error
from netc.parts.fdb import EVERYTHING, FdbEntry
from netc.syntax.tree import Statement, Word
from netc.topology.model import DeviceKey, Made
from netc.topology.values import BindError, address, any_mac, number

FORM = "fdb MAC dev DEVICE [dst ADDRESS] [port N] [vni N] [vlan VID] [self|master] [static|local]"
_VALUES = ("dev", "dst", "port", "vni", "src_vni", "vlan")
_FLAGS = ("self", "master", "static", "local")


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    first = cursor.word("the MAC address")
    mac = EVERYTHING if first.text == "default" else any_mac(first)
    said: dict[str, Any] = {}
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        if word.text in said:
            raise BindError(error("N007", word.span, f"`{word.text}` is said twice", help="keep one of the two"))
        if word.text in _FLAGS:
            said[word.text] = True
        elif word.text in _VALUES:
            said[word.text] = _value(word.text, cursor.word(f"the value of `{word.text}`"), place, draft)
        else:
            raise cursor.unknown(word, (*_VALUES, *_FLAGS))
    cursor.end()
    device: DeviceDraft | None = said.get("dev")
    if device is None:
        raise shape(statement.span, "`dev DEVICE` is missing", f"write `{FORM}`")
    _refuse(statement, first, said, device)
    at_bridge = "master" in said or ("self" not in said and "dst" not in said and _has_bridge(device, draft))
    values = {name: said[name] for name in _VALUES[1:] if name in said}
    origin = place.origin(statement)
    entry = FdbEntry(place.netns, origin, mac, device.key, at_bridge=at_bridge, local="local" in said, **values)
    if not entry.is_one_of_many:
        _say_once(entry, device.master if at_bridge and device.master is not None else device.key, statement, draft)
    draft.parts.append(entry)


def _value(name: str, value: Word, place: Place, draft: Draft) -> Any:
    match name:
        case "dev":
            return draft.device(place.netns, value)
        case "dst":
            return address(value)
        case "port":
            return number(1, 65535, "a port")(value)
        case "vlan":
            return number(1, 4094, "a VLAN")(value)
        case _:
            return number(0, 2**24 - 1, "a network identifier")(value)


def _refuse(statement: Statement, mac: Word, said: dict[str, Any], device: DeviceDraft) -> None:
    if device.made not in {Made.LAB, Made.PEER}:
        message = f"{device.key.label} is not the lab's, and an FDB entry can carry no mark"
        raise shape(statement.span, message, "write it for a device that the lab makes")
    for one, other in (("self", "master"), ("static", "local"), ("dst", "master")):
        if one in said and other in said:
            raise shape(statement.span, f"`{one}` and `{other}` contradict each other", "leave one of them out")
    if mac.text == "default" and "dst" not in said:
        raise shape(mac.span, "`default` needs a far end", "write `dst ADDRESS`")


def _say_once(entry: FdbEntry, holder: DeviceKey, statement: Statement, draft: Draft) -> None:
    """Refuse a second entry for a MAC address: a frame for it goes one way (net/bridge/br_fdb.c, fdb_add_entry)."""
    key = ("fdb", holder, entry.at_bridge, entry.mac, entry.vlan, entry.src_vni)
    message = f"{holder.label} has an FDB entry for {entry.mac} already"
    draft.say_once(key, statement.span, message, label="the first one", help="keep one of the two")


def _has_bridge(device: DeviceDraft, draft: Draft) -> bool:
    """Whether the device's entries stand in its bridge's FDB where the lab does not say which is meant."""
    return device.master is not None and draft.devices[device.master].kind.bridges_ports


STATEMENT = StatementKind("fdb", FORM, _bind)
