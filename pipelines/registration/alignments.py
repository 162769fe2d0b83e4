"""The photographs of a series registered to one of them: one source for proposal, time strip and fusion.

Photographs are compared upright, in grey, at 2000 pixels or less (`UprightCopy`), so that it does not matter
how a camera was held, nor whether a photograph was decoded in colour; homographies are between stored pixels.
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

from pipelines.photographs.photo import upright_matrix, upright_pixels
from pipelines.registration.hand_points import both_ways
from pipelines.registration.pairs import Alignment, Prepared, pair_alignment
from pipelines.strip import inverse
from pipelines.types import Matrix, Photo

SIDE = 2000
"""Pixels of the longer side at which photographs are registered to each other."""

STEPPING_STONES = 2
"""Photographs through which one that does not fit the reference is tried at most."""

KEPT = 40
"""Copies held in memory, with what was made of them up to 10 MB each."""

ByHand = Mapping[tuple[int, int], Matrix]
"""Homographies that a person set, from the first photograph's stored pixels to the second's."""

Key = tuple[str, float]
"""What tells one photograph's pixels from another's: SHA-256 and the time in the video, -1 without one."""


def key_of(sha256: str, frame_time_s: float | None) -> Key:
    return sha256, -1.0 if frame_time_s is None else frame_time_s


@dataclass(frozen=True, eq=False)
class UprightCopy:
    """A grey copy (H, W), uint8 or uint16, of a photograph upright, its longer side at most SIDE;
    `to_stored` takes its pixels to those of the photograph as stored."""

    pixels: npt.NDArray[Any]
    to_stored: Matrix


def upright_copy(pixels: npt.NDArray[Any], to_stored: Matrix) -> UprightCopy:
    """The copy of upright pixels (H, W) or (H, W, 3), uint8 or uint16, that `to_stored` takes to stored
    ones."""
    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrunk = pixels if scale == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = shrunk if shrunk.ndim == 2 else cv2.cvtColor(shrunk, cv2.COLOR_RGB2GRAY)
    across, down = width / size[0], height / size[1]
    # Centres of pixels lie at whole numbers.
    larger = np.array([(across, 0, (across - 1) / 2), (0, down, (down - 1) / 2), (0, 0, 1)], np.float64)
    return UprightCopy(np.ascontiguousarray(grey), to_stored @ larger)


def copy_of(photo: Photo) -> UprightCopy:
    """The copy of a photograph as it was read."""
    return upright_copy(upright_pixels(photo), inverse(upright_matrix(photo)))


class Registration:
    """Registers photographs to each other; each pair is tried once. `copy` makes the upright copy of one.

    Photographs are named by keys that can be put in order, content keys (`key_of`) by preference: the order
    in which a series is given changes nothing. Safe to use from threads; one pair is tried at a time.
    """

    def __init__(self, copy: Callable[[Any], UprightCopy]) -> None:
        self._copy = copy
        self._copies: OrderedDict[Hashable, tuple[UprightCopy, Prepared]] = OrderedDict()
        self._pairs: dict[tuple[Hashable, Hashable, bool], Alignment] = {}
        self._lock = threading.Lock()

    def alignments(
        self, series: Sequence[Any], reference: Any, by_hand: Mapping[tuple[Any, Any], Matrix] | None = None
    ) -> dict[Any, Alignment]:
        """Every photograph's place against photograph `reference`, in the order given.

        What a person set counts before anything that is measured: a photograph that a person placed on one
        that fits goes with it. One that does not fit the reference is tried against up to STEPPING_STONES
        others that do. Raises PhotoError where a photograph can no longer be read.
        """
        with self._lock:
            return self._registered(series, reference, both_ways(by_hand or {}))

    def alignment(
        self,
        photo: Any,
        series: Sequence[Any],
        reference: Any,
        by_hand: Mapping[tuple[Any, Any], Matrix] | None = None,
    ) -> Alignment:
        """What `alignments` says of one photograph of the series, sooner: the others are only looked at where
        it does not fit the reference by itself."""
        hand = both_ways(by_hand or {})
        if photo == reference:
            return Alignment(np.eye(3), "reference", 1.0)
        with self._lock:
            if not any(placed == photo for placed, _ in hand):
                direct = self._pair(photo, reference, True)
                if direct.to_reference is not None:
                    return direct
            return self._registered(dict.fromkeys((*series, photo, reference)), reference, hand)[photo]

    def _registered(
        self, series: Sequence[Any] | Mapping[Any, None], reference: Any, hand: Mapping[Any, Matrix]
    ) -> dict[Any, Alignment]:
        placed = {reference: Alignment(np.eye(3), "reference", 1.0)}
        missed: dict[Any, Alignment] = {}
        in_series = set(series)
        links = {pair: matrix for pair, matrix in sorted(hand.items()) if in_series.issuperset(pair)}
        by_person = {photo for photo, _ in links}
        _place_by_hand(placed, links)
        # Those that a person placed on another come last: that one may fit.
        order = sorted(in_series, key=lambda photo: (photo in by_person, photo))
        for step in range(1 + STEPPING_STONES):
            if step == len(placed) or len(placed) == len(in_series):
                break
            target = list(placed)[step]
            for photo in order:
                if photo in placed:
                    continue
                pair = self._pair(photo, target, target == reference)
                if pair.to_reference is None:
                    missed[photo] = max(pair, missed.get(photo, pair), key=lambda a: a.agreeing or 0.0)
                    continue
                placed[photo] = _through(placed[target], pair)
                _place_by_hand(placed, links)
        return {photo: placed[photo] if photo in placed else missed[photo] for photo in series}

    def _pair(self, photo: Any, reference: Any, thorough: bool) -> Alignment:
        key = (photo, reference, thorough)
        if key not in self._pairs:
            (copy, prepared), (wanted, target) = self._prepared(photo), self._prepared(reference)
            pair = pair_alignment(prepared, target, thorough)
            if pair.to_reference is not None:
                between = wanted.to_stored @ pair.to_reference @ inverse(copy.to_stored)
                pair = replace(pair, to_reference=np.asarray(between, np.float64))
            self._pairs[key] = pair
        return self._pairs[key]

    def _prepared(self, photo: Any) -> tuple[UprightCopy, Prepared]:
        if photo not in self._copies:
            copy = self._copy(photo)
            self._copies[photo] = copy, Prepared(copy.pixels)
            while len(self._copies) > KEPT:
                self._copies.popitem(last=False)
        self._copies.move_to_end(photo)
        return self._copies[photo]


def alignments(
    photographs: Mapping[int, Photo], reference: int, by_hand: ByHand | None = None
) -> dict[int, Alignment]:
    """Every photograph's place against photograph `reference`, in the order given: see
    `Registration.alignments`. Photographs of the same content are one. 0.5 s a photograph of 1280 × 720 on
    one core where motion is small, 3 s where none fits."""
    keys = {i: key_of(photo.sha256, photo.frame_time_s) for i, photo in photographs.items()}
    by_key = {key: photographs[i] for i, key in keys.items()}
    hand = {
        (keys[i], keys[j]): matrix for (i, j), matrix in (by_hand or {}).items() if i in keys and j in keys
    }
    registration = Registration(lambda key: copy_of(by_key[key]))
    placed = registration.alignments(list(by_key), keys[reference], hand)
    return {i: placed[key] for i, key in keys.items()}


def fitting(alignments: Mapping[int, Alignment]) -> dict[int, Matrix]:
    """The homographies of the photographs that fit, to stored pixels of the reference."""
    return {i: a.to_reference for i, a in alignments.items() if a.to_reference is not None}


def _place_by_hand(placed: dict[Any, Alignment], links: Mapping[tuple[Any, Any], Matrix]) -> None:
    """Adds what a person placed on photographs that have a place, also one on the other: the shortest way."""
    for target in (ends := list(placed)):
        for (photo, other), matrix in links.items():
            if other == target and photo not in placed:
                placed[photo] = _through(placed[target], Alignment(matrix, "by hand", None))
                ends.append(photo)


def _through(target: Alignment, pair: Alignment) -> Alignment:
    onwards, matrix = target.to_reference, pair.to_reference
    assert onwards is not None and matrix is not None
    return replace(pair, to_reference=onwards @ matrix)
