"""Where a photograph lies against another one of its series: for the eye, so at the size of a display.

The registration itself is `pipelines.series`; it knows no reader, so what it finds may be shown before the
lock.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.series import registered
from pipelines.strip import unit
from pipelines.types import Matrix

SIDE = 2000
"""Pixels of the longer side at which photographs are registered to each other."""

STEPPING_STONES = 2
"""Photographs, nearest in the series first, through which one that does not fit the reference is tried."""

KEPT = 40
"""Small grey copies held in memory, up to 4 MB each."""

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Small:
    """A grey copy of a photograph with its longer side at most `SIDE`; `to_stored` takes its pixels to those
    of the photograph as stored."""

    pixels: Grey
    to_stored: Matrix


def small(pixels: npt.NDArray[Any], to_stored: Matrix) -> Small:
    """The small grey copy of pixels (H, W) or (H, W, 3), uint8 or uint16, that `to_stored` takes to stored
    ones."""
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrunk = pixels if scale == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = shrunk if shrunk.ndim == 2 else cv2.cvtColor(shrunk, cv2.COLOR_RGB2GRAY)
    across, down = width / size[0], height / size[1]
    # Centres of pixels lie at whole numbers.
    larger = np.array([(across, 0, (across - 1) / 2), (0, down, (down - 1) / 2), (0, 0, 1)], np.float64)
    return Small(np.round(unit(grey) * 255).astype(np.uint8), to_stored @ larger)


class Alignment:
    """Homographies between photographs, each found once. `copy` makes the small copy of one, by its key.

    Safe to use from threads; one registration runs at a time.
    """

    def __init__(self, copy: Callable[[Any], Small]) -> None:
        self._copy = copy
        self._small: OrderedDict[Hashable, Small] = OrderedDict()
        self._pairs: dict[tuple[Hashable, Hashable], Matrix | None] = {}
        self._lock = threading.Lock()

    def to_reference(
        self, photo: Hashable, reference: Hashable, others: Sequence[Hashable] = ()
    ) -> Matrix | None:
        """From stored pixels of `photo` to those of `reference`; None where it does not fit.

        `others`: the photographs of the series in their order. Raises PhotoError where one can no longer be
        read.
        """
        with self._lock:
            if photo == reference:
                return np.eye(3)
            direct = self._pair(photo, reference)
            if direct is not None:
                return direct
            for other in _nearest(photo, reference, others):
                first, onwards = self._pair(photo, other), self._pair(other, reference)
                if first is not None and onwards is not None:
                    return np.asarray(onwards @ first, np.float64)
            return None

    def _pair(self, photo: Hashable, reference: Hashable) -> Matrix | None:
        key = (photo, reference)
        if key not in self._pairs:
            self._pairs[key] = self._registered(photo, reference)
        return self._pairs[key]

    def _registered(self, photo: Hashable, reference: Hashable) -> Matrix | None:
        one, other = self._kept(photo), self._kept(reference)
        found = registered({0: other.pixels, 1: one.pixels}, 0).get(1)
        if found is None:
            return None
        return np.asarray(other.to_stored @ found @ np.linalg.inv(one.to_stored), np.float64)

    def _kept(self, photo: Hashable) -> Small:
        if photo not in self._small:
            self._small[photo] = self._copy(photo)
            while len(self._small) > KEPT:
                self._small.popitem(last=False)
        self._small.move_to_end(photo)
        return self._small[photo]


def _nearest(photo: Hashable, reference: Hashable, others: Sequence[Hashable]) -> list[Hashable]:
    """The stepping stones for a photograph; before it comes first, where two are as near."""
    if photo not in others:
        return []
    own = others.index(photo)
    ranked = sorted(range(len(others)), key=lambda index: (abs(index - own), index))
    stones = dict.fromkeys(others[index] for index in ranked)
    return [stone for stone in stones if stone not in (photo, reference)][:STEPPING_STONES]
