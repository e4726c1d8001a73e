"""A device that the host has is given to a namespace as a whole, and back on down.

    netns c { route default via 192.168.7.1 }
    move enp2s0 to c 192.168.7.13/24
    move enp3s0 to c auto { mtu 9000; proxy-arp on }

It keeps its name, its MAC address and its MTU, which `mtu` only looks at; the other options are the sysctls of every
device. The rest of the lab knows it by its name in the namespace: `c:enp2s0`.

up.sh refuses a device that is up, that belongs to a bridge or bond, or that has addresses, an alias or a link group: a
move takes all of that from it. So down.sh returns it as it was: down, with a name, a MAC address and an MTU of its own.
Kernel parameters that the host has set for this device alone are lost, as in any move (kernel net/core/dev.c).

If the namespace is deleted by somebody else, the kernel brings a card back to the host by itself, and down.sh takes the
lab's mark from it; a virtual device is deleted with its namespace. Some devices cannot be moved, bridges and Wi-Fi
among them: up.sh then takes everything back. For a part of a card there is `vf`, and for a share of one `macvlan`.

Source: ip-link(8), `netns`.
"""

from netc.bind.cursor import Cursor, shape
from netc.bind.devices import read_addresses, read_settings
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.diagnostics import Label, error
from netc.kinds import kinds
from netc.syntax.tree import Statement
from netc.topology.model import NetnsKey
from netc.topology.values import BindError

FORM = "move DEVICE to NETNS [ADDRESS...] [{...}]"


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    name = cursor.word("the device")
    if cursor.accept("to") is None:
        raise shape(statement.span, "`to NETNS` is missing", f"write `{FORM}`")
    where = cursor.word("the namespace")
    netns = draft.netns(where, place.netns.machine)
    if netns.is_root or netns.machine != place.netns.machine:
        there = "it is there already" if netns == place.netns else "it is on another machine"
        raise shape(
            where.span, f"{name.text} cannot be moved to {netns.label}: {there}", "name a namespace of this host"
        )
    key, help = ("move", place.netns, name.text), "keep one of the two"
    draft.say_once(key, name.span, f"{name.text} is moved twice", label="moved here first", help=help)
    kind = kinds()["move"]
    device = draft.add_device(netns, name.text, name.span, kind, place.origin(statement))
    read_addresses(cursor, device, place.order, 0, draft, None)
    device.settings = read_settings(kind, cursor.block(), draft, device.waiting)
    cursor.end()
    draft.parents.append(lambda: _refuse_both(name.text, device.key.netns.machine, draft))


def _refuse_both(name: str, machine: str, draft: Draft) -> None:
    """Refuse a device that the lab also has on the host, such as an uplink."""
    host = NetnsKey(machine, "")
    there = draft.find_device(host, name)
    if there is not None:
        labels = [Label(draft.once["move", host, name], "it is moved away here")]
        message = f"{name} cannot be a device of the host and be moved away"
        raise BindError(error("N007", there.span, message, help="keep one of the two", labels=labels))


STATEMENT = StatementKind("move", FORM, _bind, in_block=False)
