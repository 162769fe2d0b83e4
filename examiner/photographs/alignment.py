"""Where a photograph lies against another one of its series: for the eye, so at the size of a display.

The registration itself is `pipelines.registration.alignments`; it knows no reader, so what it finds may be
shown before the lock.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.registration.alignments import Alignment, Prepared, laid
from pipelines.registration.hand_points import both_ways
from pipelines.strip import unit
from pipelines.types import Matrix

SIDE = 2000
"""Pixels of the longer side at which photographs are registered to each other."""

STEPPING_STONES = 2
"""Photographs, nearest in the series first, through which one that does not fit the reference is tried."""

KEPT = 40
"""Small grey copies held in memory, with what was made of them up to 10 MB each."""

Grey = npt.NDArray[np.uint8]
ByHand = Mapping[tuple[Hashable, Hashable], Matrix]
"""Homographies between stored pixels that a person set, from the first photograph to the second."""


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


class Laying:
    """Lays photographs over each other; each pair is tried once. `copy` makes the small copy of one, by its
    key.

    Safe to use from threads; one registration runs at a time.
    """

    def __init__(self, copy: Callable[[Any], Small]) -> None:
        self._copy = copy
        self._small: OrderedDict[Hashable, tuple[Small, Prepared]] = OrderedDict()
        self._pairs: dict[tuple[Hashable, Hashable, bool], Alignment] = {}
        self._lock = threading.Lock()

    def laid(
        self,
        photo: Hashable,
        reference: Hashable,
        others: Sequence[Hashable] = (),
        by_hand: ByHand | None = None,
    ) -> Alignment:
        """Where `photo` lies: from its stored pixels to those of `reference`.

        `others`: the photographs of the series in their order. What a person laid counts before anything
        found; `through` is left None. Raises PhotoError where one can no longer be read.
        """
        if photo == reference:
            return Alignment(np.eye(3), "reference", 1.0)
        hand = both_ways(by_hand or {})
        with self._lock:
            chain = _chained(photo, reference, hand)
            if chain is not None:
                return Alignment(chain, "by hand", None)
            direct = self._pair(photo, reference, True)
            if direct.to_reference is not None:
                return direct
            linked = [one for (own, one) in hand if own == photo]
            for other in dict.fromkeys((*linked, *_nearest(photo, reference, others))):
                first = Alignment(hand[photo, other], "by hand", None) if other in linked else None
                first = first or self._pair(photo, other, False)
                onwards = self._pair(other, reference, True)
                if first.to_reference is not None and onwards.to_reference is not None:
                    return replace(first, to_reference=onwards.to_reference @ first.to_reference)
            return direct

    def _pair(self, photo: Hashable, reference: Hashable, thorough: bool) -> Alignment:
        key = (photo, reference, thorough)
        if key not in self._pairs:
            self._pairs[key] = self._registered(photo, reference, thorough)
        return self._pairs[key]

    def _registered(self, photo: Hashable, reference: Hashable, thorough: bool) -> Alignment:
        (one, prepared), (other, wanted) = self._kept(photo), self._kept(reference)
        found = laid(prepared, wanted, thorough)
        if found.to_reference is None:
            return found
        between = other.to_stored @ found.to_reference @ np.linalg.inv(one.to_stored)
        return replace(found, to_reference=np.asarray(between, np.float64))

    def _kept(self, photo: Hashable) -> tuple[Small, Prepared]:
        if photo not in self._small:
            copy = self._copy(photo)
            self._small[photo] = copy, Prepared(copy.pixels)
            while len(self._small) > KEPT:
                self._small.popitem(last=False)
        self._small.move_to_end(photo)
        return self._small[photo]


def _chained(photo: Hashable, reference: Hashable, hand: ByHand) -> Matrix | None:
    """The way over what a person laid alone, the shortest, or None."""
    ways: dict[Hashable, Matrix] = {photo: np.eye(3)}
    ends: list[Hashable] = [photo]
    for end in ends:
        for (start, onwards), matrix in hand.items():
            if start == end and onwards not in ways:
                ways[onwards] = matrix @ ways[end]
                ends.append(onwards)
    return ways.get(reference)


def _nearest(photo: Hashable, reference: Hashable, others: Sequence[Hashable]) -> list[Hashable]:
    """The stepping stones for a photograph; before it comes first, where two are as near."""
    if photo not in others:
        return []
    own = others.index(photo)
    ranked = sorted(range(len(others)), key=lambda index: (abs(index - own), index))
    stones = dict.fromkeys(others[index] for index in ranked)
    return [stone for stone in stones if stone not in (photo, reference)][:STEPPING_STONES]
