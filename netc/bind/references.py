"""Resolves the devices that options name (`peer b:wg0 { ... }`), once every device is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netc.bind.draft import DeviceDraft, Draft, unknown
from netc.diagnostics import did_you_mean
from netc.topology.options import Blocks, Entry
from netc.topology.values import BindError

if TYPE_CHECKING:
    from netc.syntax.tree import Word
    from netc.topology.model import DeviceKey


def bind_references(draft: Draft) -> None:
    """Put the devices that are meant beside the words that name them; what names none is told and left out."""
    for device in draft.devices.values():
        for option in device.kind.options:
            setting = device.settings.get(option.name)
            if isinstance(option, Blocks) and setting is not None:
                entries = tuple(found for entry in setting.value if (found := _bound(entry, device, draft)) is not None)
                device.settings[option.name] = replace(setting, value=entries)


def _bound(entry: Entry, device: DeviceDraft, draft: Draft) -> Entry | None:
    if entry.word is None:
        return entry
    try:
        return replace(entry, device=_device(entry.word, device, draft))
    except BindError as bad:
        draft.findings.add(bad.finding)
        return None


def _device(word: Word, device: DeviceDraft, draft: Draft) -> DeviceKey:
    first, colon, rest = word.text.rpartition(":")
    netns = draft.find_netns_named(first, word.span, device.key.netns.machine) if colon else device.key.netns
    found = None if netns is None else draft.find_device(netns, rest)
    if found is None or found.kind is not device.kind or found is device:
        known = [
            f"{draft.said_name(key.netns)}:{key.name}"
            for key, other in draft.devices.items()
            if other.kind is device.kind and other is not device
        ]
        message = f"there is no other `{device.kind.name}` called `{word.text}` in the lab"
        raise unknown(word.span, message, did_you_mean(word.text, known))
    return found.key
