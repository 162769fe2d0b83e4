"""A registration that is nearly right made exact to a part of a pixel.

Where they nearly fit, the shift that is left is measured in many small cells by half-whitened phase
correlation of the strength of edges, evened out, so that neither the light's direction nor its sign matters.
One homography is fitted to these shifts, robustly (Cauchy weights), from coarse to fine. How far the cells
agree with it tells whether the photographs show one marking at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from scipy import fft

from pipelines.strip import inverse, unit
from pipelines.types import Matrix

Map = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


class Round(NamedTuple):
    """One pass over the cells: pixels of the pictures' longer `side`, of a `cell`, between cells (`step`),
    and the `reach` up to which a cell may be shifted."""

    side: int
    cell: int
    step: int
    reach: int


ROUNDS = (Round(360, 64, 20, 18), Round(360, 64, 20, 10), Round(1000, 96, 48, 12), Round(1000, 96, 48, 6))
"""From coarse to fine; by the last is told whether the photographs agree."""

FINEST = Round(1280, 96, 40, 4)
"""Makes exact what agrees."""

WHITENED = 0.5
"""Power of the cross spectrum's amplitude that is divided out: 0 is correlation, 1 phase correlation."""

BLUR = 1.2
EVEN = 18.0
"""Pixels over which edges are smoothed, and over which their strength is evened out."""

COVERED = 0.75
"""Share of a cell that the photograph must show."""

LEAST_CELLS = 12

NEAR = 1.5
"""Pixels at the last side up to which a cell agrees."""

STRONGEST = 0.25
"""Share of the cells, those that agree most, without which the rest must say the same: a row struck alike on
another piece agrees well, the metal round it does not."""

STAY = np.array((1e-6,) * 6 + (5e-5,) * 2)
"""How firmly a correction is held at none, by parameter: only what the cells leave open."""


@dataclass(frozen=True, eq=False)
class Levels:
    """A photograph as grey float32 in [0, 1] by the longer side that it has there; `size`: its width and
    height."""

    by_side: dict[int, Map]
    size: tuple[int, int]

    def scaling(self, side: int) -> Matrix:
        """From stored pixels to those at `side`."""
        height, width = self.by_side[side].shape
        x, y = width / self.size[0], height / self.size[1]
        return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])


@dataclass(frozen=True, eq=False)
class Fit:
    """`to_reference`: homography between stored pixels. `agreeing`: share of the cells that lie within NEAR
    of it. `rest`: standard deviations by which agreement at this motion stands out against that nearby, over
    the cells without the STRONGEST share."""

    to_reference: Matrix
    agreeing: float
    rest: float


class _Cells(NamedTuple):
    """What was measured: cells in `rows` × `columns`, which of them are `covered`; of those the middles,
    `points` (N, 2) in units of half the longer side from the middle (`normal`); of all the correlation
    `surfaces`, in standard deviations."""

    rows: int
    columns: int
    covered: npt.NDArray[np.bool_]
    points: Floats
    surfaces: Map
    normal: Matrix


def levels(photo: npt.NDArray[Any]) -> Levels:
    """What `fit` compares, of a photograph (H, W) or (H, W, 3); about 0.02 s at 1280 × 720."""
    grey = unit(photo)
    grey = grey if grey.ndim == 2 else cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    by_side: dict[int, Map] = {}
    for side in {scale_round.side for scale_round in (*ROUNDS, FINEST)}:
        scale = min(1.0, side / max(grey.shape))
        size = (max(16, round(width * scale)), max(16, round(height * scale)))
        by_side[side] = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return Levels(by_side, (width, height))


def fit(photo: Levels, reference: Levels, start: Matrix) -> Fit | None:
    """The homography made exact from `start`, which may be off by some 5 % of the longer side; None where too
    little of the reference is shown. About 0.2 s on one core."""
    matrix = start
    for cells_round in ROUNDS:
        passed = _passed(photo, reference, matrix, cells_round)
        if passed is None:
            return None
        matrix, cells, shifts = passed
    agreeing, rest = float(np.mean(np.hypot(*shifts.T) < NEAR)), _rest(cells.surfaces[cells.covered])
    finest = _passed(photo, reference, matrix, FINEST)
    return Fit(matrix if finest is None else finest[0], agreeing, rest)


def _passed(
    photo: Levels, reference: Levels, start: Matrix, cells_round: Round
) -> tuple[Matrix, _Cells, Floats] | None:
    """The homography after one pass, the cells, and the shifts (N, 2) in pixels that they had before."""
    to_side, from_side = reference.scaling(cells_round.side), inverse(photo.scaling(cells_round.side))
    warp = to_side @ start @ from_side
    cells = _measured(
        photo.by_side[cells_round.side], _edges(reference.by_side[cells_round.side]), warp, cells_round
    )
    if cells is None:
        return None
    shifts, out = _peaks(_smoothed(cells)[cells.covered], cells_round.reach)
    pixel = cells.normal[0, 0]
    change = _fitted(cells.points, shifts * pixel, np.clip(out - 3.0, 0, 6) ** 2 + 1e-3, pixel)
    if change is None:
        return None
    matrix = inverse(to_side) @ inverse(cells.normal) @ change @ cells.normal @ warp @ inverse(from_side)
    if not np.isfinite(matrix).all() or abs(matrix[2, 2]) < 1e-9:
        return None
    return matrix / matrix[2, 2], cells, shifts


def _edges(grey: Map) -> Map:
    """Strength of edges, evened out."""
    small = cv2.GaussianBlur(grey, (0, 0), BLUR)
    across, down = cv2.Scharr(small, cv2.CV_32F, 1, 0), cv2.Scharr(small, cv2.CV_32F, 0, 1)
    # cv2.magnitude gives other last digits where the memory happens to lie otherwise.
    strength = np.sqrt(across * across + down * down)
    even = np.minimum(strength / (_mean(strength) + 0.004), 3.0)
    return np.asarray(even - _mean(even), np.float32)


def _mean(values: Map) -> Map:
    size = round(EVEN * 1.7) | 1
    return np.asarray(cv2.blur(cv2.blur(values, (size, size)), (size, size)), np.float32)


def _measured(grey: Map, wanted: Map, warp: Matrix, cells_round: Round) -> _Cells | None:
    """The cells of the reference correlated with the photograph warped onto it by `warp`."""
    size = wanted.shape[1::-1]
    moving = cv2.warpPerspective(grey, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpPerspective(np.ones_like(grey), warp, size, flags=cv2.INTER_NEAREST)
    inside = cv2.erode(inside, np.ones((9, 9)))
    cell = min(cells_round.cell, *wanted.shape)
    tops = np.arange(0, wanted.shape[0] - cell + 1, cells_round.step)
    lefts = np.arange(0, wanted.shape[1] - cell + 1, cells_round.step)
    share = cv2.boxFilter(inside, -1, (cell, cell), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    covered = (share[np.ix_(tops, lefts)] > COVERED).ravel()
    if covered.sum() < LEAST_CELLS:
        return None
    corners = np.array([(y, x) for y in tops for x in lefts])
    window = np.outer(np.hanning(cell), np.hanning(cell)).astype(np.float32)
    edges = _edges(np.asarray(moving, np.float32)) * inside
    surfaces = np.zeros((len(corners), 2 * cells_round.reach + 3, 2 * cells_round.reach + 3), np.float32)
    for number in np.flatnonzero(covered):
        y, x = corners[number]
        part = np.s_[y : y + cell, x : x + cell]
        surfaces[number] = _surface(wanted[part] * window, edges[part] * window, cells_round.reach + 1)
    half = max(size) / 2
    normal = np.array([[1 / half, 0, -size[0] / 2 / half], [0, 1 / half, -size[1] / 2 / half], [0, 0, 1]])
    middles = corners[covered][:, ::-1] + (cell - 1) / 2
    points = (middles - np.array(size) / 2) / half
    return _Cells(len(tops), len(lefts), covered, points, surfaces, normal)


def _surface(wanted: Map, moving: Map, reach: int) -> Map:
    """Correlation by shift, the middle is none, in its own standard deviations."""
    both = fft.rfft2(wanted) * np.conj(fft.rfft2(moving))
    both /= (np.abs(both) + 1e-3) ** WHITENED
    surface = fft.fftshift(fft.irfft2(both, s=wanted.shape))
    y, x = wanted.shape[0] // 2, wanted.shape[1] // 2
    surface = surface / max(float(surface.std()), 1e-9)
    whole = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    part = surface[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
    whole[: part.shape[0], : part.shape[1]] = part
    return whole


def _smoothed(cells: _Cells) -> Map:
    """Each cell's surface averaged with its neighbours': one shift is near to that beside it."""
    flat = cells.surfaces.reshape(cells.rows, cells.columns, -1)
    covered = cells.covered.reshape(cells.rows, cells.columns).astype(np.float32)
    total, weight = np.zeros_like(flat), np.zeros_like(covered)
    padded, around = np.pad(flat, ((1, 1), (1, 1), (0, 0))), np.pad(covered, 1)
    for i, down in enumerate((0.5, 1, 0.5)):
        for j, right in enumerate((0.5, 1, 0.5)):
            part = np.s_[i : i + cells.rows, j : j + cells.columns]
            total += np.float32(down * right) * padded[part]
            weight += np.float32(down * right) * around[part]
    return np.asarray((total / np.maximum(weight, 1e-6)[..., None]).reshape(cells.surfaces.shape), np.float32)


def _peaks(surfaces: Map, reach: int) -> tuple[Floats, Floats]:
    """Shifts (N, 2) as x, y to a part of a pixel (parabola), and how far each peak stands out."""
    every, wide = np.arange(len(surfaces)), 2 * reach + 1
    inner = surfaces[:, 1:-1, 1:-1].reshape(len(surfaces), -1)
    best = inner.argmax(axis=1)
    row, column = best // wide + 1, best % wide + 1
    top = surfaces[every, row, column]

    def between(before: Map, after: Map) -> Map:
        bend = np.minimum(before - 2 * top + after, np.float32(-1e-9))
        return np.asarray(np.clip(0.5 * (before - after) / bend, -0.5, 0.5), np.float32)

    x = column - 1 - reach + between(surfaces[every, row, column - 1], surfaces[every, row, column + 1])
    y = row - 1 - reach + between(surfaces[every, row - 1, column], surfaces[every, row + 1, column])
    out = (top - inner.mean(axis=1)) / (inner.std(axis=1) + 1e-9)
    return np.stack([x, y], axis=1).astype(np.float64), out.astype(np.float64)


def _design(points: Floats) -> Floats:
    """The shifts that each of eight parameters makes at points (N, 2), to first order: (2 N, 8), x first."""
    x, y = points.T
    ones, none = np.ones_like(x), np.zeros_like(x)
    right = np.stack([ones, x, y, none, none, none, -x * x, -x * y], axis=1)
    down = np.stack([none, none, none, ones, x, y, -x * y, -y * y], axis=1)
    return np.concatenate([right, down])


def _fitted(points: Floats, shifts: Floats, weight: Floats, pixel: float) -> Matrix | None:
    """The homography near to none that makes these shifts, least squares with Cauchy weights that narrow from
    8 pixels to 1."""
    design, wanted = _design(points), shifts.T.ravel()
    residual = _length(shifts - _weighted_median(shifts, weight))
    p: Floats = np.zeros(8)
    for number in range(12):
        width = pixel * max(1.0, 8 * 0.7**number)
        used = weight / (1 + (residual / width) ** 2) ** 2
        both: Floats = np.concatenate([used, used])
        try:
            normal = design.T @ (both[:, None] * design) + np.diag(STAY)
            p = np.asarray(np.linalg.solve(normal, design.T @ (both * wanted)), np.float64)
        except np.linalg.LinAlgError:
            return None
        residual = _length((wanted - design @ p).reshape(2, -1).T)
    return np.array([[1 + p[1], p[2], p[0]], [p[4], 1 + p[5], p[3]], [p[6], p[7], 1]])


def _length(shifts: Floats) -> Floats:
    return np.asarray(np.hypot(shifts[:, 0], shifts[:, 1]), np.float64)


def _weighted_median(values: Floats, weight: Floats) -> Floats:
    medians = []
    for axis in values.T:
        order = np.argsort(axis)
        medians.append(axis[order[np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)]])
    return np.array(medians)


def _rest(surfaces: Map) -> float:
    """Standard deviations by which the middle of the mean surface stands out, over all cells but those in
    which it stands out most."""
    middle = surfaces.shape[1] // 2
    here = surfaces[:, middle - 1 : middle + 2, middle - 1 : middle + 2].max(axis=(1, 2))
    mean = surfaces[here <= np.quantile(here, 1 - STRONGEST)].mean(axis=0)
    around = np.ones_like(mean, bool)
    around[middle - 3 : middle + 4, middle - 3 : middle + 4] = False
    best = mean[middle - 1 : middle + 2, middle - 1 : middle + 2].max()
    return float((best - mean[around].mean()) / max(float(mean[around].std()), 1e-9))
