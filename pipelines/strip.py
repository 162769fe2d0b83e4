"""Straightening: a band of a photograph cut out upright, and bands as geometry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from shapely import Polygon, intersection

from pipelines.types import Image, Matrix, Quad, as_quad

STRIP_HEIGHT = 64
"""Pixels: strips are cut at one scale."""

GRID = 1e-4
"""Pixels: corners nearer than this are the same when areas are compared."""

FINE_PIXELS = 4_000_000
"""Pixels of a band before it is shrunk, above which its photograph is shrunk first."""

MAX_ASPECT = 40
"""Width over height of the longest strip that is cut."""


def sides(quad: Quad) -> tuple[float, float]:
    """Length along the characters and height across them, each the mean of two opposite sides."""
    a, b, c, d = np.asarray(quad)
    along = (np.linalg.norm(b - a) + np.linalg.norm(c - d)) / 2
    across = (np.linalg.norm(d - a) + np.linalg.norm(c - b)) / 2
    return float(along), float(across)


def turned(quad: Quad, quarter_turns: int) -> Quad:
    """The same band read in another direction: +1 reads from what was the top right corner downwards."""
    return as_quad(np.roll(np.asarray(quad), -quarter_turns, axis=0))


def grown(quad: Quad, along: float, across: float) -> Quad:
    """The band with `along` × its height added at either end and `across` × its height above and below."""
    a, b, c, d = np.asarray(quad, np.float64)
    length, height = sides(quad)
    right = ((b - a) + (c - d)) / (2 * max(length, 1e-9)) * height * along
    down = ((d - a) + (c - b)) / 2 * across
    return as_quad([a - right - down, b + right - down, c + right + down, d - right + down])


def part(quad: Quad, start: float, end: float) -> Quad:
    """The part of a band between two fractions of its length; fractions outside 0..1 go beyond it."""
    a, b, c, d = np.asarray(quad)
    return as_quad([a + (b - a) * start, a + (b - a) * end, d + (c - d) * end, d + (c - d) * start])


def strip_to_photo(quad: Quad, width: int, height: int) -> Matrix:
    """Homography from strip pixels to photograph pixels: the strip's outer edges lie on the quad's sides."""
    corners = np.array([(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5)])
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), np.asarray(quad, np.float32))
    return np.asarray(matrix, np.float64)


def unit(pixels: npt.NDArray[Any]) -> Image:
    """Pixels as float32 in [0, 1]: uint8 and uint16 over their full range, floating point as it is."""
    if pixels.dtype.kind == "u":
        return (pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)).astype(np.float32)
    return pixels.astype(np.float32, copy=False)


def straightened(
    image: npt.NDArray[Any], quad: Quad, height: int = STRIP_HEIGHT, width: int | None = None
) -> tuple[Image, Matrix]:
    """The band upright, `height` pixels high and by default as wide as its shape asks, with the homography
    from its pixels to the image's.

    `image`: (H, W) or (H, W, 3), float32 [0, 1], uint8 or uint16; only the band is converted.

    What lies outside the image repeats its edge. Shrinking is done by an averaging pyramid first, so that
    grinding texture does not alias into strokes.
    """
    along, across = sides(quad)
    if width is None:
        width = int(np.clip(round(along / max(across, 1e-9) * height), 8, MAX_ASPECT * height))
    matrix = strip_to_photo(quad, width, height)
    shrink = max(1, int(across / height))
    if shrink == 1:
        return np.clip(unit(_warp(image, matrix, width, height)), 0, 1), matrix
    to_image = np.eye(3)
    if shrink >= 4 and width * height * shrink**2 > FINE_PIXELS:
        # What is averaged over so many pixels may be averaged before it is turned as well.
        image, to_image = _averaged(image, quad, shrink // 2)
        shrink = round(shrink / (shrink // 2))
    fine_width, fine_height = width * shrink, height * shrink
    to_fine = inverse(to_image) @ strip_to_photo(quad, fine_width, fine_height)
    fine = _warp(image, to_fine, fine_width, fine_height)
    if fine.dtype == np.uint8:
        # In 16 bits a mean loses nothing that matters, at a quarter of floating point's cost.
        fine = np.multiply(fine, np.uint16(257), dtype=np.uint16)
    small = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return np.clip(unit(small), 0, 1), matrix


def _averaged(image: npt.NDArray[Any], quad: Quad, times: int) -> tuple[npt.NDArray[Any], Matrix]:
    """The part of the image round the quad with `times` × `times` pixels made one, in its own type, and the
    homography from its pixels to the image's."""
    height, width = image.shape[:2]
    corners = np.asarray(quad, np.float64)
    x0, y0 = (int(v) for v in np.clip(corners.min(axis=0) - 4 * times, 0, (width - 1, height - 1)))
    x1, y1 = (int(v) for v in np.clip(corners.max(axis=0) + 4 * times, (x0 + 1, y0 + 1), (width, height)))
    small, to_window = averaged(image[y0:y1, x0:x1], times)
    return small, np.array([[1.0, 0.0, x0], [0.0, 1.0, y0], [0.0, 0.0, 1.0]]) @ to_window


def averaged(image: npt.NDArray[Any], times: int) -> tuple[npt.NDArray[Any], Matrix]:
    """The image with `times` × `times` pixels made one, in its own type, and the homography from its pixels
    to the image's. Less than `times` pixels are lost at the far edges."""
    columns, rows = max(1, image.shape[1] // times), max(1, image.shape[0] // times)
    part = image[: rows * times, : columns * times]
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    middle = (times - 1) / 2
    return small, np.array([[times, 0.0, middle], [0.0, times, middle], [0.0, 0.0, 1.0]])


def _warp(image: npt.NDArray[Any], matrix: Matrix, width: int, height: int) -> npt.NDArray[Any]:
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(image, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    )


def moved(
    points: Sequence[tuple[float, float]] | npt.NDArray[np.float64], matrix: Matrix
) -> npt.NDArray[np.float64]:
    """(N, 2) points taken through a homography."""
    flat = np.asarray(points, np.float64).reshape(-1, 1, 2)
    return np.asarray(cv2.perspectiveTransform(flat, matrix).reshape(-1, 2), np.float64)


def inverse(matrix: Matrix) -> Matrix:
    """The homography the other way."""
    return np.asarray(np.linalg.inv(matrix), np.float64)


def overlap(band: Quad, other: Quad) -> float:
    """Shared area over the area of the smaller quad, 0..1; 0 where a quad crosses itself or has no area."""
    first, second = Polygon(band), Polygon(other)
    smaller = min(first.area, second.area)
    if smaller <= 0 or not (first.is_valid and second.is_valid):
        return 0.0
    # Without a grid, bands that share edges up to rounding may come out as not overlapping at all.
    return float(intersection(first, second, grid_size=GRID).area / smaller)


def is_band(quad: Quad) -> bool:
    """Whether the quad is convex and at least a pixel long and high."""
    corners = np.asarray(quad)
    edges = np.roll(corners, -1, axis=0) - corners
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    return bool(min(sides(quad)) >= 1 and (np.all(turns > 0) or np.all(turns < 0)))


def joined(band: Quad, other: Quad, reach: float = 2.0) -> Quad | None:
    """One band over two that stand in one row, or None.

    In one row: like heights (within 1.6), directions within 12°, centres across within half a height, and a
    gap of at most `reach` heights.
    """
    lengths, heights = zip(sides(band), sides(other), strict=True)
    if max(heights) > 1.6 * min(heights):
        return None
    first, second = np.asarray(band), np.asarray(other)
    longer = first if lengths[0] >= lengths[1] else second
    right = (longer[1] - longer[0]) / np.linalg.norm(longer[1] - longer[0])
    down = np.array([-right[1], right[0]])
    for quad, length, height in ((first, lengths[0], heights[0]), (second, lengths[1], heights[1])):
        tilt = np.linalg.norm((quad[1] - quad[0]) / length @ down)
        # A band of a single character has no direction of its own.
        if tilt > 0.21 and length > 1.5 * height:
            return None
    height = float(np.mean(heights))
    if abs((first.mean(axis=0) - second.mean(axis=0)) @ down) > 0.5 * height:
        return None
    spans = sorted((float((quad @ right).min()), float((quad @ right).max())) for quad in (first, second))
    if spans[1][0] - spans[0][1] > reach * height:
        return None
    both = np.vstack([first, second])
    x0, x1 = (both @ right).min(), (both @ right).max()
    y0, y1 = (both @ down).min(), (both @ down).max()
    return as_quad([right * x + down * y for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])
