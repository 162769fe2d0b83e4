"""Small motion between two photographs of one marking, where light and etching changed more than the place.

Where a surface has edges does not depend on the light's sign, so the strength of edges, evened out, is
correlated over rotations, scales and all shifts (fast normalised correlation by FFT), and the best place is
refined by maximising the enhanced correlation coefficient (Evangelidis and Psarakis 2008,
doi:10.1109/TPAMI.2008.113).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.strip import moved, unit
from pipelines.types import Matrix

Map = npt.NDArray[np.float32]

COARSE_SIDE = 256
"""Pixels of the longer side at which motion is sought."""

FINE_SIDES = (420, 840)
"""Pixels of the longer side at which it is refined, affine first, then with perspective."""

ANGLES = tuple(np.arange(-12.0, 12.1, 1.5))
"""Degrees tried."""

SCALES = (0.87, 0.93, 1.0, 1.07, 1.15)

CLEAR = 6.5
"""Standard deviations by which the correlation's peak must stand out for a motion to be tried."""

STRONGEST = 0.45
"""Share of the picture, that which agrees most, without which the rest must say the same."""

PATCH = 12.0
"""Coarse pixels over which agreement is evened out to tell that share."""

CONFIRMED = 4.0
"""Standard deviations by which the rest's agreement stands out at that motion. Rows struck alike on different
plates stand out over each other, the metal round them does not: of 64 pairs of worn or etched photographs of
one plate of the training renderer none fell below 5.0 (first peak: 6.7), of 33 pairs of different plates with
one layout, and of 7 others whose first peak was beyond 7.5, none reached 3.0 (first peak: up to 30)."""

STILL = 2
"""Coarse pixels by which the rest may be shifted against the whole."""

REACH = 0.4
"""Share of the picture's sides by which it may be shifted: the correlation goes round, so that a shift by
more than half cannot be told from one the other way."""

STRAY = 6.0
"""Coarse pixels by which a refinement may move a corner; one that moves it further has lost its way."""


@dataclass(frozen=True, eq=False)
class Motion:
    """`to_reference`: homography between stored pixels; `peak`: how far the correlation stands out, `rest`:
    how far it does where it is not strongest, both in standard deviations."""

    to_reference: Matrix
    peak: float
    rest: float

    @property
    def clear(self) -> bool:
        """Whether the two photographs show one marking, moved so."""
        return self.peak >= CLEAR and self.rest >= CONFIRMED


@dataclass(frozen=True, eq=False)
class EdgeMaps:
    """Strength of a photograph's edges by the longer side that the map has; `size`: width and height of the
    photograph."""

    by_side: dict[int, Map]
    size: tuple[int, int]

    def scaling(self, side: int) -> Matrix:
        """From stored pixels to those of the map."""
        factor = side / max(self.size)
        return np.array([[factor, 0, (factor - 1) / 2], [0, factor, (factor - 1) / 2], [0, 0, 1]])

    def inverse_scaling(self, side: int) -> Matrix:
        return np.asarray(np.linalg.inv(self.scaling(side)), np.float64)


def edge_maps(photo: npt.NDArray[Any]) -> EdgeMaps:
    """The maps that `motion` compares, of a photograph (H, W) or (H, W, 3)."""
    grey = unit(photo)
    grey = grey if grey.ndim == 2 else cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY)
    maps = {side: _edges(grey, side) for side in (COARSE_SIDE, *FINE_SIDES)}
    return EdgeMaps(maps, (grey.shape[1], grey.shape[0]))


def motion(photo: EdgeMaps, reference: EdgeMaps) -> Motion:
    """The likeliest motion from `photo` to `reference` whether or not they show one marking: that is for
    `clear` to tell. Rotations to ±12°, scales 0.85 to 1.17, shifts to REACH. About 0.2 s on one core."""
    found, peak = _best_shift(photo.by_side[COARSE_SIDE], reference.by_side[COARSE_SIDE])
    to_reference = reference.inverse_scaling(COARSE_SIDE) @ found @ photo.scaling(COARSE_SIDE)
    rest = 0.0
    if peak >= CLEAR:
        for side, kind in zip(FINE_SIDES, (cv2.MOTION_AFFINE, cv2.MOTION_HOMOGRAPHY), strict=True):
            to_reference = _refined(photo, reference, to_reference, side, kind)
        rest = _agreement_of_rest(photo, reference, to_reference)
    return Motion(to_reference, peak, rest)


def _edges(grey: Map, side: int) -> Map:
    """Strength of edges, of local mean 0 and deviation 1, clipped so that no glare outweighs the rest."""
    factor = side / max(grey.shape)
    size = (max(16, round(grey.shape[1] * factor)), max(16, round(grey.shape[0] * factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    small = cv2.GaussianBlur(small, (0, 0), 1.0)
    strength = cv2.magnitude(cv2.Scharr(small, cv2.CV_32F, 1, 0), cv2.Scharr(small, cv2.CV_32F, 0, 1))
    mean = cv2.GaussianBlur(strength, (0, 0), side / 40)
    deviation = np.sqrt(cv2.GaussianBlur((strength - mean) ** 2, (0, 0), side / 30)) + 1e-4
    return np.clip((strength - mean) / deviation, -2, 4).astype(np.float32)


def _best_shift(photo: Map, reference: Map) -> tuple[Matrix, float]:
    """The motion under which the coarse maps agree best, and how far that stands out."""
    height, width = (cv2.getOptimalDFTSize(n) for n in reference.shape)
    window = cv2.createHanningWindow((reference.shape[1], reference.shape[0]), cv2.CV_32F)
    wanted = np.fft.rfft2((reference - reference.mean()) * window, s=(height, width))
    rows, columns = np.ogrid[:height, :width]
    far = (np.minimum(rows, height - rows) > REACH * height) | (
        np.minimum(columns, width - columns) > REACH * width
    )
    middle = ((photo.shape[1] - 1) / 2, (photo.shape[0] - 1) / 2)
    centred = [(reference.shape[1] - photo.shape[1]) / 2, (reference.shape[0] - photo.shape[0]) / 2]
    best, peak = np.eye(3), -np.inf
    for angle, scale in product(ANGLES, SCALES):
        turn = np.vstack([cv2.getRotationMatrix2D(middle, angle, scale), [0.0, 0.0, 1.0]])
        turn[:2, 2] += centred
        turned = cv2.warpAffine(photo, turn[:2], reference.shape[::-1], flags=cv2.INTER_LINEAR)
        shown = np.fft.rfft2((turned - turned.mean()) * window, s=(height, width))
        agreement = np.fft.irfft2(wanted * np.conj(shown), s=(height, width))
        near = np.where(far, -np.inf, agreement)
        row, column = np.unravel_index(int(near.argmax()), near.shape)
        out = float((agreement[row, column] - agreement.mean()) / max(float(agreement.std()), 1e-12))
        if out > peak:
            shift = np.eye(3)
            shift[0, 2] = column if column <= width / 2 else column - width
            shift[1, 2] = row if row <= height / 2 else row - height
            best, peak = shift @ turn, out
    return best, peak


def _agreement_of_rest(photo: EdgeMaps, reference: EdgeMaps, to_reference: Matrix) -> float:
    """How far agreement at this motion, against shifts from it, stands out in the picture without its
    STRONGEST share."""
    wanted, shown = reference.by_side[COARSE_SIDE], photo.by_side[COARSE_SIDE]
    warp = reference.scaling(COARSE_SIDE) @ to_reference @ photo.inverse_scaling(COARSE_SIDE)
    covered = cv2.warpPerspective(np.ones_like(shown), warp, wanted.shape[::-1]) > 0.5
    if covered.sum() < 0.2 * covered.size:
        return 0.0
    shown = cv2.warpPerspective(shown, warp, wanted.shape[::-1])
    agreeing = cv2.GaussianBlur(wanted * shown * covered, (0, 0), PATCH)
    weak = covered & (agreeing < np.quantile(agreeing[covered], 1 - STRONGEST))
    rest = (wanted - wanted[covered].mean()) * cv2.GaussianBlur(weak.astype(np.float32), (0, 0), 2.0)
    whole = (shown - shown[covered].mean()) * covered
    # Twice as large, so that nothing goes round.
    height, width = (cv2.getOptimalDFTSize(2 * n) for n in wanted.shape)
    agreement = np.fft.irfft2(
        np.fft.rfft2(rest, s=(height, width)) * np.conj(np.fft.rfft2(whole, s=(height, width))),
        s=(height, width),
    )
    rows, columns = np.ogrid[:height, :width]
    rows, columns = np.minimum(rows, height - rows), np.minimum(columns, width - columns)
    here = (rows <= STILL) & (columns <= STILL)
    compared = (rows < REACH * wanted.shape[0]) & (columns < REACH * wanted.shape[1])
    elsewhere = agreement[compared & ~((rows <= 2 * STILL) & (columns <= 2 * STILL))]
    return float((agreement[here].max() - elsewhere.mean()) / max(float(elsewhere.std()), 1e-12))


def _refined(photo: EdgeMaps, reference: EdgeMaps, to_reference: Matrix, side: int, kind: int) -> Matrix:
    """The motion made exact at a longer side of `side` pixels; as it was where that fails."""
    shown, wanted = (cv2.GaussianBlur(maps.by_side[side], (0, 0), 1.5) for maps in (photo, reference))
    start = np.linalg.inv(reference.scaling(side) @ to_reference @ photo.inverse_scaling(side))
    start = (start / start[2, 2]).astype(np.float32)
    start = start if kind == cv2.MOTION_HOMOGRAPHY else start[:2]
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
    try:
        _, warp = cv2.findTransformECC(wanted, shown, start, kind, until, None, 3)
        after = np.linalg.inv(warp if kind == cv2.MOTION_HOMOGRAPHY else np.vstack([warp, [0, 0, 1]]))
    except (cv2.error, np.linalg.LinAlgError):
        return to_reference
    found = reference.inverse_scaling(side) @ after @ photo.scaling(side)
    width, height = photo.size
    corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    strayed = np.abs(moved(corners, found) - moved(corners, to_reference)).max()
    if not strayed <= STRAY * max(reference.size) / COARSE_SIDE:
        return to_reference
    return np.asarray(found / found[2, 2], np.float64)
