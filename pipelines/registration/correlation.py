"""Motion between two photographs of one marking, where light and etching changed more than the place.

Where a surface has edges does not depend on the light's sign, so the strength of edges, evened out, is
correlated over rotations, scales and all shifts (fast normalised correlation by FFT). What it finds is near
enough for `local_shifts` to make it exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from scipy import fft

from pipelines.strip import unit
from pipelines.types import Matrix

Map = npt.NDArray[np.float32]

SIDE = 256
"""Pixels of the longer side at which motion is sought."""


class Range(NamedTuple):
    """Degrees and scales tried, and the pixels over which edges are smoothed so that none falls between."""

    angles: Sequence[float]
    scales: Sequence[float]
    blur: float


BY_HAND = Range(tuple(np.arange(-12.0, 12.1, 1.5)), (0.87, 0.93, 1.0, 1.07, 1.15), 0.0)
ANYHOW = Range(tuple(np.arange(-180.0, 180.0, 3.0)), tuple(1.09**k for k in range(-6, 7)), 1.2)

CANDIDATES = 3
"""Motions of a range that are tried."""

STRONGEST = 0.45
"""Share of the picture, that which agrees most, without which the rest must say the same."""

PATCH = 12.0
"""Pixels over which agreement is evened out to tell that share."""

STILL = 2
"""Pixels by which the rest may be shifted against the whole."""

REACH = 0.4
"""Share of the picture's sides by which it may be shifted: the correlation goes round, so that a shift by
more than half cannot be told from one the other way."""


@dataclass(frozen=True, eq=False)
class EdgeMap:
    """Strength of a photograph's edges, its longer side SIDE pixels; `size`: width and height of the
    photograph."""

    strength: Map
    size: tuple[int, int]

    @property
    def scaling(self) -> Matrix:
        """From stored pixels to those of the map."""
        height, width = self.strength.shape
        x, y = width / self.size[0], height / self.size[1]
        return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])


def edge_map(photo: npt.NDArray[Any]) -> EdgeMap:
    """What is correlated, of a photograph (H, W) or (H, W, 3): of local mean 0 and deviation 1, clipped so
    that no glare outweighs the rest."""
    grey = unit(photo)
    grey = grey if grey.ndim == 2 else cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY)
    factor = SIDE / max(grey.shape)
    size = (max(16, round(grey.shape[1] * factor)), max(16, round(grey.shape[0] * factor)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    small = cv2.GaussianBlur(small, (0, 0), 1.0)
    across, down = cv2.Scharr(small, cv2.CV_32F, 1, 0), cv2.Scharr(small, cv2.CV_32F, 0, 1)
    # cv2.magnitude gives other last digits where the memory happens to lie otherwise.
    strength = np.sqrt(across * across + down * down)
    mean = cv2.GaussianBlur(strength, (0, 0), SIDE / 40)
    deviation = np.sqrt(cv2.GaussianBlur((strength - mean) ** 2, (0, 0), SIDE / 30)) + 1e-4
    even = np.clip((strength - mean) / deviation, -2, 4).astype(np.float32)
    return EdgeMap(even, (grey.shape[1], grey.shape[0]))


def motions(photo: EdgeMap, reference: EdgeMap, tried: Range, count: int = CANDIDATES) -> list[Matrix]:
    """The likeliest motions from `photo` to `reference`, between stored pixels, best first, each unlike those
    before; whether one is right is for `local_shifts` to tell. 0.04 s for BY_HAND, 0.7 s for ANYHOW."""
    ranked = sorted(_best_shifts(photo, reference, tried), key=lambda shift: -shift[0])
    kept: list[tuple[float, float, Matrix]] = []
    step = 2.5 * (tried.angles[1] - tried.angles[0])
    for _, angle, scale, matrix in ranked:
        apart = all(
            abs((angle - a + 180) % 360 - 180) > step or max(scale / s, s / scale) > 1.2 for a, s, _ in kept
        )
        if apart:
            kept.append((angle, scale, matrix))
        if len(kept) == count:
            break
    return [np.linalg.inv(reference.scaling) @ matrix @ photo.scaling for _, _, matrix in kept]


def _best_shifts(
    photo: EdgeMap, reference: EdgeMap, tried: Range
) -> list[tuple[float, float, float, Matrix]]:
    """For every angle and scale: how far the best shift stands out, angle, scale and motion between maps."""
    moving, wanted = (_even(edges.strength, tried.blur) for edges in (photo, reference))
    height, width = (cv2.getOptimalDFTSize(n) for n in wanted.shape)
    window = cv2.createHanningWindow((wanted.shape[1], wanted.shape[0]), cv2.CV_32F)
    spectrum = fft.rfft2((wanted - wanted.mean()) * window, s=(height, width))
    rows, columns = np.ogrid[:height, :width]
    far = (np.minimum(rows, height - rows) > REACH * height) | (
        np.minimum(columns, width - columns) > REACH * width
    )
    middle = ((moving.shape[1] - 1) / 2, (moving.shape[0] - 1) / 2)
    centred = [(wanted.shape[1] - moving.shape[1]) / 2, (wanted.shape[0] - moving.shape[0]) / 2]
    shifts = []
    for angle, scale in product(tried.angles, tried.scales):
        turn = np.vstack([cv2.getRotationMatrix2D(middle, angle, scale), [0.0, 0.0, 1.0]])
        turn[:2, 2] += centred
        turned = cv2.warpAffine(moving, turn[:2], wanted.shape[::-1], flags=cv2.INTER_LINEAR)
        other = fft.rfft2((turned - turned.mean()) * window, s=(height, width))
        agreement = fft.irfft2(spectrum * np.conj(other), s=(height, width))
        near = np.where(far, -np.inf, agreement)
        row, column = np.unravel_index(int(near.argmax()), near.shape)
        out = float((agreement[row, column] - agreement.mean()) / max(float(agreement.std()), 1e-12))
        shift = np.eye(3)
        shift[0, 2] = column if column <= width / 2 else column - width
        shift[1, 2] = row if row <= height / 2 else row - height
        shifts.append((out, float(angle), float(scale), shift @ turn))
    return shifts


def _even(strength: Map, blur: float) -> Map:
    return cv2.GaussianBlur(strength, (0, 0), blur).astype(np.float32) if blur else strength


def agreement_of_rest(photo: EdgeMap, reference: EdgeMap, to_reference: Matrix) -> float:
    """Standard deviations by which agreement at this motion stands out against shifts from it, in the picture
    without its STRONGEST share. Rows struck alike on different plates stand out over each other, the metal
    round them does not."""
    wanted, moving = reference.strength, photo.strength
    warp = reference.scaling @ to_reference @ np.linalg.inv(photo.scaling)
    covered = cv2.warpPerspective(np.ones_like(moving), warp, wanted.shape[::-1]) > 0.5
    if covered.sum() < 0.2 * covered.size:
        return 0.0
    moving = cv2.warpPerspective(moving, warp, wanted.shape[::-1])
    agreeing = cv2.GaussianBlur(wanted * moving * covered, (0, 0), PATCH)
    weak = covered & (agreeing < np.quantile(agreeing[covered], 1 - STRONGEST))
    rest = (wanted - wanted[covered].mean()) * cv2.GaussianBlur(weak.astype(np.float32), (0, 0), 2.0)
    whole = (moving - moving[covered].mean()) * covered
    # Twice as large, so that nothing goes round.
    height, width = (cv2.getOptimalDFTSize(2 * n) for n in wanted.shape)
    agreement = fft.irfft2(
        fft.rfft2(rest, s=(height, width)) * np.conj(fft.rfft2(whole, s=(height, width))),
        s=(height, width),
    )
    rows, columns = np.ogrid[:height, :width]
    rows, columns = np.minimum(rows, height - rows), np.minimum(columns, width - columns)
    here = (rows <= STILL) & (columns <= STILL)
    compared = (rows < REACH * wanted.shape[0]) & (columns < REACH * wanted.shape[1])
    elsewhere = agreement[compared & ~((rows <= 2 * STILL) & (columns <= 2 * STILL))]
    return float((agreement[here].max() - elsewhere.mean()) / max(float(elsewhere.std()), 1e-12))
