"""One photograph of a marking registered to another.

Motion is proposed by correlation, whatever light and etching did (`correlation.py`), then by matched features
(`features.py`), then by correlation over any rotation; each proposal is made exact cell by cell
(`local_shifts.py`) and counts only where the cells agree, those without the marking as well. A photograph
that does not fit is named so, never warped by guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.registration.correlation import ANYHOW, BY_HAND, EdgeMap, agreement_of_rest, edge_map, motions
from pipelines.registration.features import Features, features, matched
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


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where one photograph lies against the reference.

    `to_reference`: homography from its stored pixels to the reference's, None where it does not fit.
    `agreeing`: share 0..1 of the cells of the picture (96 pixels at a longer side of 1000) in which what is
    left of the motion is less than 1.5 pixels; of one that does not fit, the most that was found; None where
    a person placed it.
    """

    to_reference: Matrix | None
    how: How
    agreeing: float | None

    @property
    def words(self) -> str:
        """How it was registered, for a person."""
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


def pair_alignment(photo: Prepared, reference: Prepared, thorough: bool = True) -> Alignment:
    """The best motion from one photograph to another that counts, or none. `thorough`: any rotation is tried
    where neither edges nor features give one. 0.5 s for 1280 × 720 on one core where motion is small, 1.5 s
    where nothing fits, 3 s where that is found thoroughly."""
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
    by_features = matched(photo.features, reference.features)
    if by_features is not None:
        yield "features", by_features
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
