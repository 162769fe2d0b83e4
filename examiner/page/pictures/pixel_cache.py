"""Pixels that are held in memory: one cache for everybody who uses a page, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Kept = TypeVar("Kept")

MOST_BYTES = 1 << 30


class PixelCache:
    """What was made, by key; what was not asked for longest is dropped first. Safe to use from threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept], bytes_of: Callable[[Kept], int]) -> Kept:
        """What is kept under a key, else what `make` gives, which is kept then. Two threads may make the same
        at once; one of them is kept. The newest is kept however large it is."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                kept: Kept = self._kept[key][0]
                return kept
        made = make()
        with self._lock:
            self._kept[key] = (made, bytes_of(made))
            while len(self._kept) > 1 and self._bytes() > self._most_bytes:
                self._kept.popitem(last=False)
        return made

    @property
    def held_bytes(self) -> int:
        """Bytes of all that is kept."""
        with self._lock:
            return self._bytes()

    def _bytes(self) -> int:
        return sum(size for _, size in self._kept.values())
