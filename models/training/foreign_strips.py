"""Rows of foreign plates as strips: `python -m models.training.foreign_strips FOLDER [--count N]`.

Each row is cut out by its true boxes, once for each plate, from all its photographs, registered by the true
views. About 4 s for an etched plate with six photographs. Seeds are of their own: no benchmark uses them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.foreign.plates import ForeignPlate, Tier, foreign_plate
from models.plates.strips import HEIGHT, MOST_WIDE, StripSeries
from models.training import shards
from pipelines.glyphs import GLYPHS
from pipelines.strip import inverse, moved

FIRST_SEED = 400_000
"""Seeds of plates that train start here; those of the benchmarks are below."""

FIRST_SHARD = 950_000

BLANK = 0.08

CHANCES: dict[Tier, float] = {"intact": 0.1, "worn": 0.3, "etched": 0.6}


def foreign_strip(seed: int) -> StripSeries | None:
    """The row of a plate, fixed by the seed. None where it has two rows or would be too wide."""
    rng = np.random.default_rng([seed, 0xF5])
    tier: Tier = rng.choice(list(CHANCES), p=list(CHANCES.values()))
    blank = bool(rng.random() < BLANK)
    plate = foreign_plate(seed, tier, blank=blank)
    return bare_strip(plate, rng) if blank else row_strip(plate, rng)


def bare_strip(plate: ForeignPlate, rng: np.random.Generator) -> StripSeries | None:
    """A band of the metal of a plate without characters, somewhere in its region."""
    x0, y0, x1, y1 = plate.region[0]
    height = float(rng.uniform(24, 110))
    width = min(height * float(rng.uniform(2, 12)), x1 - x0)
    x, y = float(rng.uniform(x0, max(x0, x1 - width))), float(rng.uniform(y0, max(y0, y1 - height)))
    corners = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    plane = moved(corners, inverse(plate.views[0]))
    return _series(plate, _cut(plate, plane), np.zeros((0, 2)))


def row_strip(plate: ForeignPlate, rng: np.random.Generator) -> StripSeries | None:
    """The row cut out a little larger than it is, from all photographs; None as `foreign_strip`."""
    if len(plate.text) != 1 or not plate.glyphs:
        return None
    boxes = moved(plate.quads[0].reshape(-1, 2), inverse(plate.views[0])).reshape(-1, 4, 2)
    along = boxes[:, 1] - boxes[:, 0]
    along = along.sum(axis=0) / np.linalg.norm(along.sum(axis=0))
    axes = np.stack([along, (-along[1], along[0])])
    places = boxes.reshape(-1, 2) @ axes.T
    low, high = places.min(axis=0), places.max(axis=0)
    tall = high[1] - low[1]
    # As `models.training.photo_strips` cuts them: the band is never known exactly.
    before, behind = rng.uniform(0.05, 0.6, 2) * tall
    above, below = rng.uniform(0.0, 0.5, 2) * tall
    ends = np.array([low[0] - before, high[0] + behind]), np.array([low[1] - above, high[1] + below])
    band = np.array([(x, y) for x, y in zip((*ends[0], *ends[0][::-1]), np.repeat(ends[1], 2), strict=True)])
    strip = _cut(plate, band @ axes)
    if strip is None:
        return None
    centres = boxes.mean(axis=1) @ axes.T
    share = (centres[:, 0] - ends[0][0]) / (ends[0][1] - ends[0][0])
    wide = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1) / (ends[0][1] - ends[0][0])
    return _series(plate, strip, np.stack([share, wide], axis=1))


def _cut(plate: ForeignPlate, plane: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8] | None:
    """(K, 48, W) grey, the quad `plane` of the plate's own plane upright; None where it would be too wide."""
    size = np.linalg.norm(plane[1] - plane[0]), np.linalg.norm(plane[3] - plane[0])
    width = int(round(size[0] / size[1] * HEIGHT) // 16 * 16)
    if not 32 <= width <= MOST_WIDE:
        return None
    double = np.array([(0, 0), (2 * width, 0), (2 * width, 2 * HEIGHT), (0, 2 * HEIGHT)], np.float32)
    strips = []
    for photograph, view in zip(plate.photographs, plate.views, strict=True):
        corners = np.asarray(moved(plane, view), np.float32)
        matrix = cv2.getPerspectiveTransform(corners, double)
        grey = cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY)
        strip = cv2.warpPerspective(grey, matrix, (2 * width, 2 * HEIGHT), borderMode=cv2.BORDER_REFLECT)
        strips.append(cv2.resize(strip, (width, HEIGHT), interpolation=cv2.INTER_AREA))
    return np.stack(strips).astype(np.uint8)


def _series(
    plate: ForeignPlate, pixels: npt.NDArray[np.uint8] | None, places: npt.NDArray[np.float64]
) -> StripSeries | None:
    """`places` (N, 2): middles and widths of the characters, shares of the strip's width."""
    if pixels is None:
        return None
    count, width = len(places), pixels.shape[2]
    classes = [GLYPHS.index(glyph) if glyph in GLYPHS else -1 for glyph in plate.glyphs[:count]]
    struck_over = {int(index) for index in plate.parameters["restruck"]} if count else set()
    return StripSeries(
        tier=plate.tier,  # type: ignore[arg-type]
        method="stamped",
        pixels=pixels,
        classes=np.array(classes, np.int64),
        middles=places[:, 0] * width,
        widths=places[:, 1] * width,
        visibility=np.ones(count),
        counted=np.array([index not in struck_over for index in range(count)], np.bool_),
    )


def _strips(first: int, workers: int) -> Iterator[StripSeries]:
    """Endless, in the order of the seeds."""
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        while True:
            for series in pool.map(foreign_strip, range(first, first + 64)):
                if series is not None:
                    yield series
            first += 64


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=4, help="shards")
    parser.add_argument("--series", type=int, default=shards.SERIES, help="in each shard")
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    strips = _strips(FIRST_SEED, given.workers)
    for number in range(FIRST_SHARD, FIRST_SHARD + given.count):
        shards.write(given.folder / f"{number}.npz", [next(strips) for _ in range(given.series)])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
