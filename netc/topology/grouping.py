"""Things by what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def grouped(things: Iterable[V], key_of: Callable[[V], K | None]) -> Mapping[K, tuple[V, ...]]:
    """Return things by their keys, in their own order; those without a key are left out."""
    found: dict[K, list[V]] = {}
    for thing in things:
        if (key := key_of(thing)) is not None:
            found.setdefault(key, []).append(thing)
    return {key: tuple(group) for key, group in found.items()}
