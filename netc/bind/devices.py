"""Binds the statements of kinds: single devices, and links with two ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import AutoAddress, DeviceDraft, Draft, Place, unknown
from netc.bind.ends import EndName, derived_name, resolve_end
from netc.diagnostics import Label, did_you_mean, error
from netc.kinds.base import Form, Kind
from netc.syntax.tree import Arrow, Block, Statement, Word
from netc.topology.model import Address, Made, NetnsKey, Origin, Setting
from netc.topology.options import read_block
from netc.topology.values import BindError, interface, looks_like_address

if TYPE_CHECKING:
    from netc.source import Span

LINK_FORM = "KIND LEFT [ADDRESS...] [{...}] -- RIGHT [ADDRESS...] [{...}]"
DEVICE_FORM = "KIND NAME [ADDRESS...] [on PARENT] [{...}]"
_End: TypeAlias = tuple[EndName, list[Word], Block | None]


def is_link(statement: Statement) -> bool:
    """Whether a statement has the shape of a link."""
    return any(isinstance(part, Arrow) and part.text == "--" for part in statement.parts)


def bind_device(kind: Kind, statement: Statement, place: Place, draft: Draft) -> None:
    """Bind `KIND NAME [ADDRESS...] [on PARENT] [{...}]`."""
    if Form.DEVICE not in kind.form:
        raise shape(
            statement.span,
            f"`{kind.name}` is a link and needs two ends",
            f"write `{LINK_FORM.replace('KIND', kind.name)}`",
        )
    cursor = Cursor(statement, DEVICE_FORM.replace("KIND", kind.name))
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
    if (on := cursor.accept("on")) is not None:
        _bind_parent(kind, device, on.span, cursor.word("the parent"), draft)
    block = cursor.block()
    cursor.end()
    device.settings = _settings(kind, block, draft)


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
    """Bind `KIND LEFT [ADDRESS...] [{...}] -- RIGHT [ADDRESS...] [{...}]`."""
    if Form.LINK not in kind.form:
        raise shape(
            statement.span,
            f"`{kind.name}` is a device and has no second end",
            f"write `{DEVICE_FORM.replace('KIND', kind.name)}`",
        )
    cursor = Cursor(statement, LINK_FORM.replace("KIND", kind.name))
    origin = place.origin(statement)
    left = resolve_end(draft, place, cursor.word("the left end"), right=False)
    left_words, left_block = cursor.words(), cursor.block()
    cursor.arrow("--")
    right = resolve_end(draft, place, cursor.word("the right end"), right=True)
    right_words, right_block = cursor.words(), cursor.block()
    cursor.end()
    ends = ((left, left_words, left_block), (right, right_words, right_block))
    if left.device is None or right.device is None:  # a derived name must give way to every name that is said
        draft.derived.append(lambda: _make_link(kind, ends, origin, draft))
    else:
        _make_link(kind, ends, origin, draft)


def _make_link(kind: Kind, ends: tuple[_End, _End], origin: Origin, draft: Draft) -> None:
    (left, left_words, left_block), (right, right_words, right_block) = ends
    one = _add_end(kind, left, right, origin, draft)
    two = _add_end(kind, right, left, origin, draft)
    one.peer, two.peer = two.key, one.key
    # One command makes both ends; an end on the host can name the other's namespace, but not the other way round.
    maker, made = (two, one) if two.key.netns.is_root and not one.key.netns.is_root else (one, two)
    made.made = Made.PEER
    maker.made = Made.LAB
    for index, (device, words, block) in enumerate(((one, left_words, left_block), (two, right_words, right_block))):
        _take_addresses(words, device, origin.order, index * 1000, draft, None)
        device.settings = _settings(kind, block, draft)
    _share(kind, one, two, draft)
    nothing_said = not left_words and not right_words and left.device is None and right.device is None
    if nothing_said and left.master is None and right.master is None:
        for index, device in enumerate((one, two)):
            draft.autos.append(AutoAddress(device.key, origin.span, (origin.order, index), None))


def _add_end(kind: Kind, end: EndName, far: EndName, origin: Origin, draft: Draft) -> DeviceDraft:
    name = end.device if end.device is not None else derived_name(draft, end, far)
    device = draft.add_device(end.netns, name, end.word.span, kind, origin)
    device.master = end.master
    device.master_span = end.word.span if end.master is not None else None
    return device


def _share(kind: Kind, one: DeviceDraft, two: DeviceDraft, draft: Draft) -> None:
    """Let an option of the link that stands at one end hold for both."""
    for name, option in kind.all_options.items():
        if not option.of_link:
            continue
        first, second = one.settings.get(name), two.settings.get(name)
        if first is None and second is not None:
            one.settings[name] = second
        elif second is None and first is not None:
            two.settings[name] = first
        elif first is not None and second is not None and _plain(first) != _plain(second):
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


def _plain(setting: Setting) -> object:
    value = setting.value
    return tuple(pair[0] for pair in value) if isinstance(value, tuple) else value


def _settings(kind: Kind, block: Block | None, draft: Draft) -> dict[str, Setting]:
    return {} if block is None else read_block(block, kind.all_options, f"`{kind.name}`", draft.findings)


def read_addresses(
    cursor: Cursor, device: DeviceDraft, order: int, start: int, draft: Draft, origin: Origin | None
) -> None:
    """Take the addresses that follow a device."""
    words = []
    while (word := cursor.peek_word()) is not None and (word.text == "auto" or looks_like_address(word)):
        words.append(cursor.word("an address"))
    _take_addresses(words, device, order, start, draft, origin)
    following = cursor.peek_word()
    if following is not None and following.text != "on":
        raise shape(
            following.span,
            f"`{following.text}` is neither an address nor `auto`",
            "addresses are written 10.0.0.1/24 or fd00::1/64; options stand in a block",
        )


def _take_addresses(
    words: list[Word], device: DeviceDraft, order: int, start: int, draft: Draft, origin: Origin | None
) -> None:
    for index, word in enumerate(words, start):
        if word.text == "auto":
            draft.autos.append(AutoAddress(device.key, word.span, (order, index), origin))
            continue
        try:
            value = interface(word)
        except BindError as bad:
            draft.findings.add(bad.finding)
            continue
        device.addresses.append(Address(value, word.span, (order, index), origin=origin))


def bind_masters(draft: Draft) -> None:
    """Resolve the `master` options, once every device is known."""
    for device in list(draft.devices.values()):
        setting = device.settings.get("master")
        if setting is None:
            continue
        found = draft.find_device(device.key.netns, setting.value)
        if found is None or not found.kind.can_have_ports:
            help = did_you_mean(setting.value, [n for n in draft.device_names(device.key.netns) if n != "lo"])
            draft.findings.add(
                error(
                    "N006",
                    setting.span,
                    f"{device.key.netns.label} has no bridge `{setting.value}`",
                    help=help,
                )
            )
        elif device.master is not None and device.master != found.key:
            label = Label(device.master_span or device.span, "joined here")
            draft.findings.add(
                error(
                    "N007",
                    setting.span,
                    f"{device.key.label} belongs to two masters",
                    labels=[label],
                    help="keep one of the two",
                )
            )
        else:
            device.master, device.master_span = found.key, setting.span
