"""Words that several statements of routing take: tables, and VRFs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.bind.draft import unknown
from netc.diagnostics import did_you_mean
from netc.topology.model import DEFAULT_TABLE, LOCAL_TABLE, MAIN_TABLE
from netc.topology.values import number

if TYPE_CHECKING:
    from netc.bind.draft import Draft, Place
    from netc.syntax.tree import Word
    from netc.topology.model import DeviceKey

_TABLES = {"main": MAIN_TABLE, "local": LOCAL_TABLE, "default": DEFAULT_TABLE}


def read_table(word: Word) -> int:
    """Parse a routing table: iproute2's own names, or a number."""
    return _TABLES[word.text] if word.text in _TABLES else number(1, 2**32 - 1, "a routing table")(word)


def read_vrf(word: Word, place: Place, draft: Draft) -> DeviceKey:
    """Return the VRF of a namespace that a word names; raises BindError."""
    found = draft.find_device(place.netns, word.text)
    if found is None or found.kind.name != "vrf":
        raise unknown(word.span, f"{place.netns.label} has no VRF `{word.text}`", did_you_mean(word.text, ()))
    return found.key
