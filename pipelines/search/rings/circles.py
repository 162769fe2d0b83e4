"""Circles that a marking runs round, from the cores of the lines that the general locator finds.

A line struck round a ring leaves a bent core, or several short ones whose normals meet in the ring's centre.
A circle is fitted to the points of every bent core and of every two cores (Taubin 1991, Estimation of Planar
Curves, doi:10.1109/34.103273), grown by the cores that lie on it too, and fitted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from pipelines.search.locators.general import Core

Points = npt.NDArray[np.float64]

HEIGHT = 2.4
"""Height of a line over the thickness of its core."""

ALIKE = 1.7
"""Thickness of one core over another's up to which they may belong to one line."""

OFF = 0.42
"""Thicknesses by which a core lies off the circle at most, root mean square; a strip by itself has 0.29."""

BENT = 0.55
"""Thicknesses by which the middle of the arc stands out over its ends at least."""

LEAST_LENGTH = 5.0
"""Thicknesses that the cores on a circle cover along it at least."""

LEAST_RADIUS, MOST_RADIUS = 2.5, 40.0
"""Thicknesses."""

GAP = 9.0
"""Thicknesses between two cores at most from which a circle is tried."""

MOST_CORES = 40
"""Cores that circles are tried from, the largest first: a texture must not cost seconds."""

BINS = 180
"""Parts of the whole turn in which it is counted what the cores cover."""


@dataclass(frozen=True)
class Circle:
    """A circle through the middle of a line's cores, in the pixels of the picture.

    `start` and `end`: the least interval of angles (radians, clockwise as seen, start < end) that holds the
    cores. `thickness`: theirs, about half the height of the line. `length`: what they cover along it, in
    thicknesses.
    """

    centre: tuple[float, float]
    radius: float
    start: float
    end: float
    thickness: float
    length: float


def circles(cores: Sequence[Core], most: int = 2) -> list[Circle]:
    """Circles with different centres, the longest line first; none where all lines are straight."""
    tried = sorted(cores, key=lambda core: -len(core.points))[:MOST_CORES]
    grown = [circle for seed in _seeds(tried) if (circle := _grown(seed, tried)) is not None]
    return distinct_circles(sorted(grown, key=lambda c: (-c.length, c.centre)), most)


def distinct_circles(candidates: Sequence[Circle], most: int = 2) -> list[Circle]:
    """The first circles, without those whose centre nearly is an earlier one's."""
    kept: list[Circle] = []
    for circle in candidates:
        if len(kept) == most:
            break
        if not any(_same(circle, other) for other in kept):
            kept.append(circle)
    return kept


def fitted(points: Points) -> tuple[Points, float] | None:
    """Centre and radius of the circle nearest to the points, None where they lie on a line."""
    middle = points.mean(axis=0)
    spread = float(np.sqrt(((points - middle) ** 2).sum(axis=1).mean()))
    if spread <= 0:
        return None
    x, y = ((points - middle) / spread).T
    z = x * x + y * y
    level = float(z.mean())
    rows = np.stack([(z - level) / (2 * np.sqrt(level)), x, y], axis=1)
    a, b, c = np.linalg.svd(rows, full_matrices=False)[2][2]
    a /= 2 * np.sqrt(level)
    if abs(a) < 1e-6:
        return None
    centre = np.array([-b, -c]) / (2 * a)
    radius = float(np.sqrt(centre @ centre + level))
    return middle + centre * spread, radius * spread


def _seeds(cores: Sequence[Core]) -> list[tuple[Core, ...]]:
    pairs = [
        (first, other)
        for first, other in combinations(cores, 2)
        if _alike(first.thickness, other.thickness)
        and 0 < _gap(first, other) < GAP * max(first.thickness, 1e-9)
    ]
    return [*((core,) for core in cores), *pairs]


def _gap(first: Core, other: Core) -> float:
    """Distance between the nearest points of two cores, 0 where they touch."""
    apart = float(np.sqrt(((first.points[::4, None] - other.points[None, ::4]) ** 2).sum(axis=2).min()))
    return apart if apart > 0.5 * first.thickness else 0.0


def _alike(value: float, other: float) -> bool:
    return max(value, other) <= ALIKE * min(value, other)


def _grown(seed: Sequence[Core], cores: Sequence[Core]) -> Circle | None:
    """The circle through a seed and all the cores that lie on it."""
    on: Sequence[Core] = seed
    circle = _through(on)
    for _ in range(2):
        if circle is None:
            return None
        grown = [core for core in cores if _lies_on(core, circle)]
        if not grown:
            return None
        circle = _through(grown)
    if circle is None or circle.length < LEAST_LENGTH or _bend(circle) < BENT:
        return None
    return circle


def _bend(circle: Circle) -> float:
    """Thicknesses by which the middle of the arc stands out over its ends."""
    half = min(circle.end - circle.start, np.pi) / 2
    return float(circle.radius * (1 - np.cos(half)) / circle.thickness)


def _through(cores: Sequence[Core]) -> Circle | None:
    points = np.concatenate([core.points for core in cores])
    thickness = float(np.average([c.thickness for c in cores], weights=[len(c.points) for c in cores]))
    fit = fitted(points)
    if fit is None or not LEAST_RADIUS * thickness <= fit[1] <= MOST_RADIUS * thickness:
        return None
    centre, radius = fit
    offsets = np.hypot(*(points - centre).T) - radius
    if float(np.sqrt((offsets**2).mean())) > OFF * thickness:
        return None
    start, end, covered = covers(np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0]))
    length = covered * radius / thickness
    return Circle((float(centre[0]), float(centre[1])), radius, start, end, thickness, length)


def _lies_on(core: Core, circle: Circle) -> bool:
    if not _alike(core.thickness, circle.thickness):
        return False
    offsets = np.hypot(*(core.points - circle.centre).T) - circle.radius
    return float(np.sqrt((offsets**2).mean())) <= OFF * circle.thickness


def covers(angles: Points) -> tuple[float, float, float]:
    """The least interval that holds all the angles (start < end) and how much of it they cover, radians."""
    bins = np.unique(np.floor((angles % (2 * np.pi)) / (2 * np.pi) * BINS).astype(int) % BINS)
    gaps = np.diff(np.append(bins, bins[0] + BINS))
    widest = int(np.argmax(gaps))
    first = int(bins[(widest + 1) % len(bins)])
    last = int(bins[widest])
    step = 2 * np.pi / BINS
    return first * step, (last + 1 + (BINS if last < first else 0)) * step, len(bins) * step


def _same(circle: Circle, other: Circle) -> bool:
    """Whether two circles have one centre, as far as their lines can tell."""
    apart = float(np.hypot(circle.centre[0] - other.centre[0], circle.centre[1] - other.centre[1]))
    return apart < 0.3 * max(circle.radius, other.radius)
