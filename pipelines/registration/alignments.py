"""Photographs of one marking registered to one frame of reference.

Motion is proposed by correlation, whatever light and etching did (`correlation.py`), then by matched features
(`features.py`), then by correlation over any rotation; each proposal is made exact cell by cell
(`local_shifts.py`) and counts only where the cells agree, those without the marking as well. A photograph
that does not fit is left out and named, never warped by guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.registration.correlation import ANYHOW, BY_HAND, EdgeMap, agreement_of_rest, edge_map, motions
from pipelines.registration.features import Features, features, matched
from pipelines.registration.hand_points import both_ways
from pipelines.registration.local_shifts import Fit, Levels, fit, levels
from pipelines.types import Matrix

How = Literal["reference", "correlation", "features", "any rotation", "by hand", "none"]

AGREEING = 0.33
"""Share of the cells that must agree with the motion."""

REST = 3.0
"""Standard deviations by which the cells without those that agree most must agree."""

CONFIRMED = 3.6
"""Standard deviations by which the picture must agree where it does not agree most.

The three by the training renderer's plates: of 233 right motions (18 plates in three tiers, seven kinds of
motion) one fell short, of 40 between different plates, half of them struck alike, none reached any of the
three, and of 39 wrong motions between photographs of one plate one reached all."""

SURE = 0.6
"""Share of agreeing cells from which no other proposal is tried."""

STEPPING_STONES = 2
"""Photographs through which one that does not fit the reference is tried at most."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where one photograph lies against the reference.

    `to_reference`: homography from its stored pixels to the reference's, None where it does not fit.
    `agreeing`: share 0..1 of the cells of the picture (96 pixels at a longer side of 1000) in which what is
    left of the motion is less than 1.5 pixels; of one that does not fit, the most that was found; None where
    a person laid it. `through`: the photograph over which it was registered, where not directly.
    """

    to_reference: Matrix | None
    how: How
    agreeing: float | None
    through: int | None = None

    @property
    def words(self) -> str:
        """How it was laid, for a person."""
        if self.agreeing is None or self.how == "reference":
            return self.how
        if self.to_reference is None:
            return f"does not fit: at most {self.agreeing:.0%} of the picture agrees with any motion tried"
        return f"by {self.how}, {self.agreeing:.0%} of the picture agrees"


class Prepared:
    """A photograph as the search for motion needs it; what is not asked for is not made."""

    def __init__(self, pixels: npt.NDArray[Any]) -> None:
        self._pixels = pixels

    @cached_property
    def edges(self) -> EdgeMap:
        return edge_map(self._pixels)

    @cached_property
    def features(self) -> Features:
        return features(self._pixels)

    @cached_property
    def levels(self) -> Levels:
        return levels(self._pixels)


ByHand = Mapping[tuple[int, int], Matrix]
"""Homographies that a person set, from the first photograph's stored pixels to the second's."""


def registered(
    photographs: Mapping[int, npt.NDArray[Any]], reference: int, by_hand: ByHand | None = None
) -> dict[int, Matrix]:
    """Homographies from stored pixels of each photograph to those of photograph `reference`, of those that
    fit, itself included."""
    found = alignments(photographs, reference, by_hand)
    return {i: one.to_reference for i, one in found.items() if one.to_reference is not None}


def alignments(
    photographs: Mapping[int, npt.NDArray[Any]], reference: int, by_hand: ByHand | None = None
) -> dict[int, Alignment]:
    """Every photograph's place against photograph `reference`, in the order given.

    What a person laid counts before anything found. One that does not fit the reference is tried against
    others that do. 0.5 s a photograph of 1280 × 720 on one core where motion is small, 3 s where none fits.
    """
    hand = both_ways(by_hand or {})
    found = {reference: Alignment(np.eye(3), "reference", 1.0)}
    left: dict[int, Alignment] = {}
    if len(photographs) == 1:
        return found
    _lay_by_hand(found, hand, photographs)
    prepared = {i: Prepared(pixels) for i, pixels in photographs.items()}
    for step in range(1 + STEPPING_STONES):
        missing = [i for i in photographs if i not in found]
        if step == len(found) or not missing:
            break
        target = list(found)[step]
        for i in missing:
            if i in found:
                continue  # A person laid it over one that was found meanwhile.
            one = laid(prepared[i], prepared[target], thorough=target == reference)
            if one.to_reference is None:
                left[i] = max(one, left.get(i, one), key=lambda a: a.agreeing or 0.0)
                continue
            found[i] = _over(found, target, one.to_reference, one.how, one.agreeing)
            _lay_by_hand(found, hand, photographs)
    return {i: found[i] if i in found else left[i] for i in photographs}


def _lay_by_hand(found: dict[int, Alignment], hand: ByHand, photographs: Mapping[int, Any]) -> None:
    """Adds what a person laid over photographs that are found, also one over the other."""
    while True:
        links = [(i, j) for i, j in hand if j in found and i not in found and i in photographs]
        if not links:
            return
        i, j = links[0]
        found[i] = _over(found, j, hand[i, j], "by hand", None)


def _over(
    found: Mapping[int, Alignment], target: int, matrix: Matrix, how: How, agreeing: float | None
) -> Alignment:
    onwards = found[target].to_reference
    assert onwards is not None
    direct = found[target].how == "reference"
    return Alignment(onwards @ matrix, how, agreeing, None if direct else target)


def laid(photo: Prepared, reference: Prepared, thorough: bool = True) -> Alignment:
    """The best motion from one photograph to another that counts, or none. `thorough`: any rotation is tried
    where neither edges nor features give one; 1.5 s more where nothing fits."""
    best = Alignment(None, "none", 0.0)
    sizes = photo.edges.size, reference.edges.size
    for how, start in _proposals(photo, reference, thorough):
        if not _plausible(start, sizes):
            continue
        exact = fit(photo.levels, reference.levels, start)
        if exact is None or not _plausible(exact.to_reference, sizes):
            continue
        counts = _counts(exact, photo.edges, reference.edges)
        if (counts, exact.agreeing) > (best.to_reference is not None, best.agreeing or 0.0):
            best = Alignment(
                exact.to_reference if counts else None, how if counts else "none", exact.agreeing
            )
        if best.to_reference is not None and (exact.agreeing >= SURE or how != "correlation"):
            break
    return best


def _proposals(photo: Prepared, reference: Prepared, thorough: bool) -> Iterator[tuple[How, Matrix]]:
    """Motions to try, those that cost least first."""
    for matrix in motions(photo.edges, reference.edges, BY_HAND, 1):
        yield "correlation", matrix
    found = matched(photo.features, reference.features)
    if found is not None:
        yield "features", found
    for matrix in motions(photo.edges, reference.edges, ANYHOW) if thorough else ():
        yield "any rotation", matrix


def _counts(exact: Fit, photo: EdgeMap, reference: EdgeMap) -> bool:
    if exact.agreeing < AGREEING or exact.rest < REST:
        return False
    return agreement_of_rest(photo, reference, exact.to_reference) >= CONFIRMED


def _plausible(matrix: Matrix, sizes: tuple[tuple[int, int], tuple[int, int]]) -> bool:
    """No mirroring, area as a share of the picture changed at most 6-fold, convex, and little perspective.
    `sizes`: width and height of the photograph and of the reference."""
    (width, height), reference = sizes
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    moved = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), matrix).reshape(-1, 2)
    if not np.isfinite(moved).all() or not cv2.isContourConvex(moved.astype(np.float32).reshape(-1, 1, 2)):
        return False
    area = cv2.contourArea(moved.astype(np.float32), oriented=True) / (width * height)
    area *= (max(width, height) / max(reference)) ** 2
    lengths = [float(np.linalg.norm(moved[(i + 1) % 4] - moved[i])) for i in range(4)]
    ratios = (lengths[0] / max(lengths[2], 1e-9), lengths[1] / max(lengths[3], 1e-9))
    return 1 / 6 < area < 6 and all(1 / 1.6 < ratio < 1.6 for ratio in ratios)
