"""Binds the statements of kinds: single devices, and links with two ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import AutoAddress, DeviceDraft, Draft, Place, unknown
from netc.bind.ends import EndName, derived_name, resolve_end
from netc.diagnostics import Finding, Label, did_you_mean, error
from netc.kinds import port_option_names
from netc.kinds.base import Form, Kind
from netc.syntax.tree import Arrow, Block, Statement, Word
from netc.topology.model import Address, IPInterface, Made, NetnsKey, Origin, Setting
from netc.topology.options import read_block
from netc.topology.values import BindError, interface, looks_like_address, refuse_netmask

if TYPE_CHECKING:
    from netc.source import Span


def device_form(kind: Kind) -> str:
    """Return how a device of a kind is written."""
    parent = " on PARENT" if kind.needs_parent else " [on PARENT]" if kind.takes_parent else ""
    parent += " [on SEGMENT]" if kind.takes_segment else ""
    return f"{kind.name} NAME [ADDRESS...]{parent} [{{...}}]"


def link_form(kind: Kind) -> str:
    """Return how a link of a kind is written."""
    parent = " [on PARENT]" if kind.takes_parent else ""
    return f"{kind.name} LEFT [ADDRESS...]{parent} [{{...}}] -- RIGHT [ADDRESS...]{parent} [{{...}}]"


def is_link(statement: Statement) -> bool:
    """Whether a statement has the shape of a link."""
    return any(isinstance(part, Arrow) and part.text == "--" for part in statement.parts)


def bind_device(kind: Kind, statement: Statement, place: Place, draft: Draft) -> None:
    """Bind `KIND NAME [ADDRESS...] [on PARENT] [{...}]`."""
    if Form.DEVICE not in kind.form:
        raise shape(
            statement.span,
            f"`{kind.name}` is a link and needs two ends",
            f"write `{link_form(kind)}`",
        )
    cursor = Cursor(statement, device_form(kind))
    name = cursor.word("the device's name")
    netns, device_name = _own_name(draft, place, name)
    if kind.made is Made.OTHERS and not netns.is_root:
        raise shape(
            name.span,
            f"`{kind.name}` names a device of the host, not of {netns.label}",
            "move the statement out of the namespace's block",
        )
    origin = place.origin(statement)
    device = draft.add_device(netns, device_name, name.span, kind, origin)
    read_addresses(cursor, device, place.order, 0, draft, None)
    if kind.takes_segment and cursor.accept("on") is not None:
        device.segment = cursor.word("the segment")
    elif (on := cursor.accept("on")) is not None:
        parent = cursor.word("the parent")
        draft.parents.append(lambda: _bind_parent(kind, device, on.span, parent, draft))
    elif kind.needs_parent:
        raise shape(statement.span, f"`{kind.name}` needs a parent", f"write `{kind.name} {name.text} on PARENT`")
    block = cursor.block()
    cursor.end()
    device.settings = read_settings(kind, block, draft, device.waiting)
    for option in kind.missing(device.settings):
        draft.findings.add(_missing(kind, option, name.span))
    _refuse_clashes(kind, (device,), draft)
    _refuse_on_host(kind, device)


def _missing(kind: Kind, option: str, span: Span) -> Finding:
    help = f"write `{{ {option} {kind.all_options[option].form} }}`"
    return error("N004", span, f"`{kind.name}` needs the option `{option}`", help=help)


def _refuse_clashes(kind: Kind, devices: tuple[DeviceDraft, ...], draft: Draft) -> None:
    """Tell of options that cannot stand beside others, once where they are of a link."""
    told: set[Span] = set()
    for device in devices:
        for name, message, help in kind.clashing(device.settings):
            span = device.settings[name].span
            if span not in told:
                told.add(span)
                draft.findings.add(error("N009", span, message, help=help))


def _refuse_on_host(kind: Kind, device: DeviceDraft) -> None:
    if kind.in_lab_only and device.key.netns.is_root:
        message = f"`{kind.name}` cannot carry the lab's mark, so it has no place on the host"
        raise shape(device.span, message, "put it into a namespace of the lab")


def _own_name(draft: Draft, place: Place, name: Word) -> tuple[NetnsKey, str]:
    first, colon, rest = name.text.partition(":")
    if not colon:
        return place.netns, name.text
    netns = draft.find_netns_named(first, name.span, place.netns.machine)
    if netns is None:
        raise unknown(
            name.span,
            f"there is no namespace `{first}`",
            did_you_mean(first, draft.netns_names(place.netns.machine)),
        )
    return netns, rest


def _bind_parent(kind: Kind, device: DeviceDraft, on: Span, word: Word, draft: Draft) -> None:
    if not kind.takes_parent:
        raise shape(on.until(word.span), f"`{kind.name}` has no parent", "leave out `on`")
    first, colon, rest = word.text.partition(":")
    if colon:
        netns = draft.netns(Word(first, word.span), device.key.netns.machine)
        parent = draft.find_device(netns, rest)
    else:
        own = draft.find_device(device.key.netns, word.text)
        parent = own or draft.find_device(NetnsKey(device.key.netns.machine, ""), word.text)
    if parent is None:
        known = draft.device_names(device.key.netns)
        raise unknown(word.span, f"there is no device `{word.text}` to be the parent", did_you_mean(word.text, known))
    device.parent = parent.key


def bind_link(kind: Kind, statement: Statement, place: Place, draft: Draft) -> None:
    """Bind `KIND LEFT [ADDRESS...] [on PARENT] [{...}] -- RIGHT [ADDRESS...] [on PARENT] [{...}]`."""
    if Form.LINK not in kind.form:
        raise shape(
            statement.span,
            f"`{kind.name}` is a device and has no second end",
            f"write `{device_form(kind)}`",
        )
    cursor = Cursor(statement, link_form(kind))
    origin = place.origin(statement)
    left = _read_side(kind, cursor, "the left end", draft)
    cursor.arrow("--")
    right = _read_side(kind, cursor, "the right end", draft)
    cursor.end()
    ends = []
    for side in (left, right):
        try:
            ends.append(resolve_end(draft, place, side.word, right=side is right))
        except BindError as bad:
            draft.findings.add(bad.finding)
    if len(ends) < 2:
        for (
            end
        ) in ends:  # what is known of a broken link is kept, so that references to it are no findings of their own
            if end.device is not None:
                _fill(_add_end(kind, end, end, origin, draft), left if end.word is left.word else right, 0, draft)
    elif any(end.device is None for end in ends):  # a derived name must give way to every name that is said
        draft.derived.append(lambda: _make_link(kind, (ends[0], left), (ends[1], right), origin, draft))
    else:
        _make_link(kind, (ends[0], left), (ends[1], right), origin, draft)


@dataclass(frozen=True, slots=True)
class _Side:
    """What stands on one side of a link's arrow."""

    word: Word
    addresses: list[tuple[Word, IPInterface | None]]  # None: auto
    settings: dict[str, Setting]
    waiting: list[Statement]
    nothing_said: bool
    on: Word | None = None
    parent: Word | None = None


def _read_side(kind: Kind, cursor: Cursor, what: str, draft: Draft) -> _Side:
    word, words = cursor.word(what), cursor.words()
    on = next((index for index, one in enumerate(words) if one.text == "on" and not one.quoted), len(words))
    addresses, parent = _read_values(words[:on], draft), words[on : on + 2]
    if len(words) > on and len(words) != on + 2:
        raise shape(words[on].span, "one parent stands after `on`", f"write `{link_form(kind)}`")
    waiting: list[Statement] = []
    settings = read_settings(kind, cursor.block(), draft, waiting)
    return _Side(word, addresses, settings, waiting, not words, *parent)


def _make_link(
    kind: Kind, first: tuple[EndName, _Side], second: tuple[EndName, _Side], origin: Origin, draft: Draft
) -> None:
    (left, left_side), (right, right_side) = first, second
    one = _add_end(kind, left, right, origin, draft)
    two = _add_end(kind, right, left, origin, draft)
    if one.key.netns.machine != two.key.netns.machine:
        raise shape(
            right.word.span,
            f"a {kind.name} cannot lead from {one.key.netns.machine} to {two.key.netns.machine}, another host",
            "hosts meet on a `segment`, by their uplinks",
        )
    one.peer, two.peer = two.key, one.key
    if kind.makes_peer:
        # An end on the host can name the other's namespace, but not the other way round.
        maker, made = (two, one) if two.key.netns.is_root and not one.key.netns.is_root else (one, two)
        made.made = Made.PEER
        maker.made = Made.LAB
    _fill(one, left_side, 0, draft)
    _fill(two, right_side, 1000, draft)
    _share(kind, one, two, draft)
    for end in (one, two):
        _refuse_on_host(kind, end)
    _require(kind, (one, two), draft)
    _refuse_clashes(kind, (one, two), draft)
    nothing_said = left_side.nothing_said and right_side.nothing_said
    if nothing_said and {left.device, right.device, left.master, right.master} == {None}:
        for index, device in enumerate((one, two)):
            draft.autos.append(AutoAddress(device.key, origin.span, (origin.order, index), None))


def _fill(device: DeviceDraft, side: _Side, start: int, draft: Draft) -> None:
    _give_addresses(side.addresses, device, (device.origin.order, start), draft, None)
    device.settings, device.waiting = side.settings, side.waiting
    if side.on is not None and side.parent is not None:
        on, parent = side.on.span, side.parent
        draft.parents.append(lambda: _bind_parent(device.kind, device, on, parent, draft))


def _add_end(kind: Kind, end: EndName, far: EndName, origin: Origin, draft: Draft) -> DeviceDraft:
    name = end.device if end.device is not None else derived_name(draft, end, far)
    device = draft.add_device(end.netns, name, end.word.span, kind, origin)
    device.master = end.master
    device.master_span = end.word.span if end.master is not None else None
    return device


def _share(kind: Kind, one: DeviceDraft, two: DeviceDraft, draft: Draft) -> None:
    """Let an option of the link that stands at one end hold for both, and one end's `okey` be the other's `ikey`."""
    for name, option in kind.all_options.items():
        if option.mirror:
            _reflect(one, two, name, option.mirror, draft)
            _reflect(two, one, name, option.mirror, draft)
        if not option.of_link and not option.of_each:
            continue
        first, second = one.settings.get(name), two.settings.get(name)
        if first is None and second is not None:
            one.settings[name] = second
        elif second is None and first is not None:
            two.settings[name] = first
        elif first is None or second is None or option.of_each:
            continue
        elif _plain(first) != _plain(second):
            label = Label(first.span, "and otherwise here")
            draft.findings.add(
                error(
                    "N007",
                    second.span,
                    f"the link's `{name}` is said twice, and differently",
                    labels=[label],
                    help="keep one of the two",
                )
            )


def _reflect(one: DeviceDraft, two: DeviceDraft, name: str, mirror: str, draft: Draft) -> None:
    """Let `name` of one end and `mirror` of the other be the same thing."""
    here, there = one.settings.get(name), two.settings.get(mirror)
    if here is None and there is not None:
        one.settings[name] = there
    elif there is None and here is not None:
        two.settings[mirror] = here
    elif here is not None and there is not None and here.value != there.value:
        message = f"`{mirror}` of {two.key.label} is not `{name}` of {one.key.label}"
        label = Label(here.span, f"`{name}` is said here")
        draft.findings.add(error("N007", there.span, message, labels=[label], help="keep one of the two"))


def _require(kind: Kind, pair: tuple[DeviceDraft, DeviceDraft], draft: Draft) -> None:
    """Tell of options that a link cannot do without, and that neither end says."""
    missing = {option: device for device in reversed(pair) for option in kind.missing(device.settings)}
    for option, device in missing.items():
        if option not in kind.given_by_link:
            draft.findings.add(_missing(kind, option, device.span))


def _plain(setting: Setting) -> object:
    value = setting.value
    return tuple(pair[0] for pair in value) if isinstance(value, tuple) else value


def read_settings(kind: Kind, block: Block | None, draft: Draft, waiting: list[Statement]) -> dict[str, Setting]:
    """Return what a block says; the options of ports wait until masters are known."""
    if block is None:
        return {}
    return read_block(block, kind.all_options, f"`{kind.name}`", draft.findings, port_option_names(), waiting)


def read_addresses(
    cursor: Cursor, device: DeviceDraft, order: int, start: int, draft: Draft, origin: Origin | None
) -> None:
    """Take the addresses that follow a device."""
    words = []
    while (word := cursor.peek_word()) is not None and (word.text == "auto" or looks_like_address(word)):
        words.append(cursor.word("an address"))
    _give_addresses(_read_values(words, draft), device, (order, start), draft, origin)
    following = cursor.peek_word()
    if following is not None and following.text != "on":
        raise shape(
            following.span,
            f"`{following.text}` is neither an address nor `auto`",
            "addresses are written 10.0.0.1/24 or fd00::1/64; options stand in a block",
        )


def _read_values(words: list[Word], draft: Draft) -> list[tuple[Word, IPInterface | None]]:
    found: list[tuple[Word, IPInterface | None]] = []
    for before, word in zip([None, *words], words, strict=False):
        try:
            refuse_netmask(before, word)
            found.append((word, None if word.text == "auto" else interface(word)))
        except BindError as bad:
            draft.findings.add(bad.finding)
    return found


def _give_addresses(
    addresses: list[tuple[Word, IPInterface | None]],
    device: DeviceDraft,
    start: tuple[int, int],
    draft: Draft,
    origin: Origin | None,
) -> None:
    for index, (word, value) in enumerate(addresses, start[1]):
        order = (start[0], index)
        if value is None:
            draft.autos.append(AutoAddress(device.key, word.span, order, origin))
        else:
            device.addresses.append(Address(value, word.span, order, origin=origin))


def bind_segments(draft: Draft) -> None:
    """Tell of segments that uplinks name and nobody declares."""
    for device in draft.devices.values():
        word = device.segment
        if word is not None and word.text not in draft.segments:
            help = did_you_mean(word.text, draft.segments) or f"declare it: `segment {word.text} PREFIX`"
            draft.findings.add(error("N006", word.span, f"there is no segment `{word.text}`", help=help))
            device.segment = None
