"""A device whose packets are late, lost, doubled, out of order, damaged or slow.

    impair eth0 { delay 10ms; jitter 2ms; loss 1% }
    impair eth0 { rate 10mbit; ingress }
    impair eth0 { delay 40ms; jitter 5ms; distribution normal; rate 2mbit; both }

What goes out by the device is meant; `ingress` means what comes in, `both` means both, each on its own. For what comes
in the lab gets an ifb, a device named after this one.

| option | what it does |
|---|---|
| `delay TIME` | every packet waits so long: 10ms, 1.5s, 200us |
| `jitter TIME` | and so much more or less, by chance |
| `distribution NAME` | how the jitter is spread: `uniform` (if nothing is said), `normal`, `pareto`, `paretonormal` |
| `loss PERCENT` | so many of a hundred packets are lost: 1%, 0.1% |
| `duplicate PERCENT` | so many come twice |
| `reorder PERCENT` | so many go at once, without the delay, and so overtake others |
| `corrupt PERCENT` | so many have a bit flipped, and are dropped where a checksum tells |
| `limit PACKETS` | so many wait for their delay at most, 1000 if nothing is said, or what a `rate` needs |
| `rate RATE` | so many bits go in a second: 64kbit, 10mbit, 1gbit |
| `burst SIZE` | so many bytes may go at once: 16kb; worked out from rate and MTU if nothing is said |
| `latency TIME` | packets that would have to wait longer for the rate are dropped; 50ms if nothing is said |

The first eight are netem's, the last three tbf's. On a device that the lab did not make, up.sh refuses if someone
has a queueing discipline at its root, or filters where the lab wants to have its own.

verify.sh waits as long as the declared delays make a ping take, and repeats it as often as the declared losses make
it necessary.

Source: tc-netem(8), tc-tbf(8), tc(8) UNITS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netc.bind.cursor import Cursor, shape
from netc.bind.ends import shortened
from netc.bind.statement import StatementKind
from netc.diagnostics import Label, error
from netc.kinds import kinds
from netc.parts.impair import Impair
from netc.topology.options import Option, none, one, read_block
from netc.topology.values import BindError, bit_rate, choice, duration, number, percent, size

if TYPE_CHECKING:
    from netc.bind.draft import DeviceDraft, Draft, Place
    from netc.syntax.tree import Statement
    from netc.topology.model import DeviceKey, Setting

FORM = "impair DEVICE { delay TIME; jitter TIME; loss PERCENT; rate RATE; both }"
_LONGEST_NAME = 15  # octets, IFNAMSIZ of uapi/linux/if.h without its NUL
_VALUES: tuple[Option[Any], ...] = (
    Option("delay", one(duration), "TIME", "How long every packet waits."),
    Option("jitter", one(duration), "TIME", "How much the delay varies."),
    Option(
        "distribution",
        one(choice("uniform", "normal", "pareto", "paretonormal")),
        "uniform|normal|pareto|paretonormal",
        "How the jitter is spread.",
    ),
    Option("loss", one(percent), "PERCENT", "Packets lost."),
    Option("duplicate", one(percent), "PERCENT", "Packets doubled."),
    Option("reorder", one(percent), "PERCENT", "Packets that overtake others."),
    Option("corrupt", one(percent), "PERCENT", "Packets damaged."),
    Option("rate", one(bit_rate), "RATE", "Bits in a second."),
    Option("burst", one(size), "SIZE", "Bytes at once."),
    Option("latency", one(duration), "TIME", "The longest wait for the rate."),
    Option("limit", one(number(1, 10**9, "a number of packets")), "PACKETS", "Packets that wait for their delay."),
)
_DIRECTIONS = tuple(Option(name, none, "", "Which packets are meant.") for name in ("egress", "ingress", "both"))
_OPTIONS: dict[str, Option[Any]] = {option.name: option for option in (*_VALUES, *_DIRECTIONS)}


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    word = cursor.word("the device")
    device = draft.device(place.netns, word)
    block = cursor.block()
    cursor.end()
    if block is None:
        raise shape(statement.span, "`impair` does not say how", f"write `{FORM}`")
    settings = read_block(block, _OPTIONS, "`impair`", draft.findings)
    values = {option.name: settings.pop(option.name) for option in _VALUES if option.name in settings}
    if len(settings) > 1:
        first, second = list(settings.values())[:2]
        labels = (Label(first.name_span, "first said here"),)
        help = "write `both` for both directions, or one of the three"
        raise BindError(error("N007", second.name_span, "the direction is said twice", labels=labels, help=help))
    if not values and len(settings) < len(block.statements):
        return  # what they are instead is told already
    if not values:
        raise shape(statement.span, "`impair` does not say how", f"write `{FORM}`")
    said = next(iter(settings), "egress")
    egress, ingress = said in {"egress", "both"}, said in {"ingress", "both"}
    for direction in (*(["egress"] if egress else []), *(["ingress"] if ingress else [])):
        draft.say_once(
            ("impair", device.key, direction),
            statement.span,
            f"what happens to the packets of {device.key.name} is said twice",
            label="and here",
            help="put the options into one `impair`; say `ingress` where the other direction is meant",
        )
    ifb = _ifb(device, statement, place, draft) if ingress else None
    draft.parts.append(_impair(statement, place, device.key, egress, ifb, values))


def _impair(
    statement: Statement,
    place: Place,
    device: DeviceKey,
    egress: bool,
    ifb: DeviceKey | None,
    values: dict[str, Setting],
) -> Impair:
    said: dict[str, Any] = {name: setting.value for name, setting in values.items()}
    if said.get("distribution") == "uniform":  # what netem does by itself, and has no table for
        del said["distribution"]
    spans = {name: setting.name_span.until(setting.span) for name, setting in values.items()}
    return Impair(place.netns, place.origin(statement), device, egress, ifb, spans, **said)


def _ifb(device: DeviceDraft, statement: Statement, place: Place, draft: Draft) -> DeviceKey:
    """Declare the device through which goes what comes in."""
    netns = device.key.netns
    prefix = len(draft.lab.prefix.encode()) if netns.is_root else 0
    base = f"ifb-{device.key.name.removeprefix(draft.lab.prefix) if netns.is_root else device.key.name}"
    name = draft.free_name(netns, base, lambda name: shortened(name, _LONGEST_NAME - prefix))
    return draft.add_device(netns, name, statement.span, kinds()["ifb"], place.origin(statement)).key


STATEMENT = StatementKind("impair", FORM, _bind)
