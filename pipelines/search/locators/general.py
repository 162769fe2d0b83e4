"""Where lines of characters lie: PP-OCRv6's detector, its heat map turned into oriented bands.

The heat map marks the core of a line; the band is the core's least rectangle grown on all sides (Liao et al.
2020, Real-time Scene Text Detection with Differentiable Binarization, doi:10.1609/aaai.v34i07.6812).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.networks import inference_session, weights_of_pp_ocr
from pipelines.types import Image, Quad, as_quad

HEAT = 0.3
"""Heat above which a pixel belongs to a line's core."""

GROWTH = 1.6
"""Of the cores that this detector marks; see `Heat`."""

MAX_BANDS = 60
"""Bands kept per picture, best first: a texture must not cost minutes."""

CORE_POINTS = 80
"""Points that stand for a core at most."""


@dataclass(frozen=True)
class Band:
    """A straight oriented band, corners clockwise, its first side along the line of characters or, before
    reading, along its longer side. `heat` 0..1 is the mean heat of its core."""

    quad: Quad
    heat: float


@dataclass(frozen=True, eq=False)
class Heat:
    """A locator's heat map of one picture; `to_image` scales its pixels to the picture's. A band is the core
    grown by `growth` × area ÷ perimeter."""

    values: npt.NDArray[np.float32]
    to_image: npt.NDArray[np.float64]
    growth: float = GROWTH


@dataclass(frozen=True, eq=False)
class Core:
    """The core of a line of any shape: (N, 2) points spread over it, and how thick it is, in pixels."""

    points: npt.NDArray[np.float64]
    thickness: float


def heat_of(image: Image, short_side: int) -> Heat:
    """The heat map of an image.

    The image is scaled so that its shorter side has `short_side` pixels (the longer one at most 4 times
    that). Characters are found best when 15 to 60 pixels high after scaling. About 0.3 s a megapixel on two
    cores.
    """
    height, width = image.shape[:2]
    scale = min(short_side / min(height, width), 4 * short_side / max(height, width))
    sides = [max(32, round(side * scale / 32) * 32) for side in (width, height)]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(image, (sides[0], sides[1]), interpolation=interpolation)
    colour = np.repeat(resized[:, :, None], 3, axis=2) if resized.ndim == 2 else resized[:, :, ::-1]
    tensor = np.ascontiguousarray((colour * 2 - 1).transpose(2, 0, 1)[None], np.float32)
    (heat,) = _session().run(None, {"x": tensor})
    return Heat(heat[0, 0], np.array([width / sides[0], height / sides[1]]))


def bands_in(heat_map: Heat, min_heat: float = 0.4) -> list[Band]:
    """Bands in the image's own pixels, hottest first."""
    heat, to_image = heat_map.values, heat_map.to_image
    core = cv2.dilate((heat > HEAT).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(core, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    bands = []
    for contour in contours:
        centre, size, angle = cv2.minAreaRect(contour)
        if min(size) < 3:
            continue
        warmth = _mean_inside(heat, cv2.boxPoints((centre, size, angle)))
        if warmth < min_heat:
            continue
        growth = heat_map.growth * size[0] * size[1] / (2 * (size[0] + size[1]))
        grown = (size[0] + 2 * growth, size[1] + 2 * growth)
        corners = cv2.boxPoints((centre, grown, angle)).astype(np.float64) * to_image
        bands.append(Band(as_quad(_along_longer_side(corners)), float(warmth)))
    return sorted(bands, key=lambda band: -band.heat)[:MAX_BANDS]


def cores_in(heat_map: Heat, min_heat: float = 0.4) -> list[Core]:
    """Cores in the image's own pixels, the largest first: what is bent is not taken for a rectangle here."""
    inside = (heat_map.values > HEAT).astype(np.uint8)
    depths = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    cores = []
    for label in sorted(range(1, count), key=lambda i: -int(boxes[i, cv2.CC_STAT_AREA]))[:MAX_BANDS]:
        x, y, width, height, area = (int(value) for value in boxes[label])
        window = np.s_[y : y + height, x : x + width]
        mine = labels[window] == label
        if area < 12 or float(heat_map.values[window][mine].mean()) < min_heat:
            continue
        rows, columns = np.nonzero(mine)
        points = np.stack([columns + x, rows + y], axis=1)[:: -(-area // CORE_POINTS)] * heat_map.to_image
        # In a strip the mean distance from the edge is a quarter of its width.
        thickness = 4 * float(depths[window][mine].mean()) * float(heat_map.to_image.mean())
        cores.append(Core(points, thickness))
    return cores


def _mean_inside(heat: npt.NDArray[np.float32], corners: npt.NDArray[np.float32]) -> float:
    x0, y0 = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 1
    window = heat[y0:y1, x0:x1]
    mask = np.zeros(window.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(window, mask)[0])


def _along_longer_side(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Clockwise corners whose first side is the longer one and runs to the right (or straight down)."""
    if np.linalg.norm(corners[1] - corners[0]) < np.linalg.norm(corners[2] - corners[1]):
        corners = np.roll(corners, -1, axis=0)
    along = corners[1] - corners[0]
    if along[0] < -1e-6 * np.abs(along).max() or (abs(along[0]) <= 1e-6 * abs(along[1]) and along[1] < 0):
        corners = np.roll(corners, 2, axis=0)
    return corners


@cache
def _session() -> Any:
    return inference_session(weights_of_pp_ocr("det"))
