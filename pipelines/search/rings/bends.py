"""How far a band's line is bent, from its strokes: a locator may give a bent line as one straight, high band.

The band is sheared by every bend and tilt that is tried; where the strokes of all columns come to lie in the
same rows, their sum over the columns stands out most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.search.rings.circles import HEIGHT, LEAST_RADIUS, Circle, covers, fitted
from pipelines.search.rings.unrolling import unrolling_of
from pipelines.strip import grown, moved, sides, straightened
from pipelines.types import Quad, as_quad

LEAST_ASPECT = 2.0
"""Length over height of the shortest band that is tried."""

ROWS = 64
"""Pixels: height of the strip in which strokes are summed."""

ACROSS = 0.6
"""Heights added above and below the band: the ends of a bent line lie outside it."""

BENDS = tuple(float(v) for v in np.arange(-1.4, 1.41, 0.1))
TILTS = tuple(float(v) for v in np.arange(-0.6, 0.61, 0.15))
"""Heights of the band by which the line's ends lie under its middle, and its right end under its middle."""

LEAST_BEND = 0.2
"""Heights of the line, as found by its strokes."""

CLEARER = 1.08
"""How much more the bent line must stand out than the straight one."""


@dataclass(frozen=True, eq=False)
class MiddleLine:
    """(N, 2) points along the middle of a band's line, in the picture's pixels; the line's height there, how
    far its ends lie off its middle, in that height, and how much more it stands out than were it straight."""

    points: npt.NDArray[np.float64]
    height: float
    bend: float
    clearer: float


def middle_line(pixels: npt.NDArray[Any], band: Quad) -> MiddleLine:
    strip, to_photo = straightened(pixels, grown(band, 0.0, ACROSS), ROWS)
    strokes = _strokes(strip)
    unit = ROWS / (1 + 2 * ACROSS)
    straight = max(_stands_out(strokes, 0.0, tilt * unit)[0] for tilt in TILTS)
    (best, rows, middle), bend, tilt = max(
        ((_stands_out(strokes, b * unit, t * unit), b * unit, t * unit) for b, t in product(BENDS, TILTS)),
        key=lambda tried: tried[0][0],
    )
    x = np.linspace(-1, 1, 9)
    in_strip = np.stack([(x + 1) / 2 * strip.shape[1] - 0.5, middle + bend * x**2 + tilt * x], axis=1)
    return MiddleLine(
        moved(in_strip, to_photo), rows / unit * sides(band)[1], abs(bend) / rows, best / max(straight, 1e-9)
    )


def bent(pixels: npt.NDArray[Any], band: Quad) -> Circle | None:
    """The circle that a band's line runs round, None where it is short or nearly straight."""
    length, height = sides(band)
    if length < LEAST_ASPECT * height:
        return None
    line = middle_line(pixels, band)
    if line.clearer < CLEARER or line.bend < LEAST_BEND:
        return None
    return _circle(line.points, line.height / HEIGHT)


def refined(circle: Circle, pixels: npt.NDArray[Any]) -> Circle:
    """The circle after a second look at its line, unrolled along it; as it was where that does not agree."""
    ring = unrolling_of(circle)
    per_radian = ring.radius * ring.scale
    left, right = ((angle - ring.start) * per_radian for angle in (circle.start, circle.end))
    middle = per_radian * np.log(ring.outer / ring.radius)
    reach = 0.5 * HEIGHT * circle.thickness * ring.scale
    band = as_quad(
        [(left, middle - reach), (right, middle - reach), (right, middle + reach), (left, middle + reach)]
    )
    line = middle_line(ring.sampled(pixels, np.eye(3)), band)
    better = _circle(ring.to_photo(line.points), circle.thickness)
    if better is None or not 0.5 < better.radius / circle.radius < 2:
        return circle
    return replace(better, length=circle.length)


def _circle(points: npt.NDArray[np.float64], thickness: float) -> Circle | None:
    fit = fitted(points)
    if fit is None:
        return None
    centre, radius = fit
    if radius < LEAST_RADIUS * thickness:
        return None
    start, end, _ = covers(np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0]))
    length = (end - start) * radius / thickness
    return Circle((float(centre[0]), float(centre[1])), radius, start, end, thickness, length)


def _strokes(strip: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """How much each place differs from what is around it, above what most of its column does; four columns
    summed into one."""
    grey = strip if strip.ndim == 2 else cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
    differs = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 3))
    differs = cv2.resize(differs, (max(8, grey.shape[1] // 4), ROWS), interpolation=cv2.INTER_AREA)
    above = np.maximum(differs - np.median(differs, axis=0), 0)
    return np.asarray(above / (above.sum(axis=0) + above.sum() / above.shape[1]), np.float64)


def _stands_out(strokes: npt.NDArray[np.float64], bend: float, tilt: float) -> tuple[float, float, float]:
    """How much the sum over the columns stands out, sheared by that many rows; over how many rows it spreads
    and where its middle lies."""
    rows, columns = strokes.shape
    x = np.linspace(-1, 1, columns)
    wanted = np.arange(-rows // 2, rows + rows // 2)[:, None] + np.round(bend * x**2 + tilt * x).astype(int)
    inside = (wanted >= 0) & (wanted < rows)
    sheared = np.take_along_axis(strokes, np.clip(wanted, 0, rows - 1), axis=0) * inside
    profile = sheared.sum(axis=1)
    total, power = float(profile.sum()), float((profile**2).sum())
    if power <= 0:
        return 0.0, float(rows), rows / 2
    middle = float((profile**2 * (np.arange(len(profile)) - rows // 2)).sum() / power)
    return power, total**2 / power, middle
