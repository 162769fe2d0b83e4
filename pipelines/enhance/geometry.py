"""Steps that move pixels: mirror, turn, straighten. `MAPPINGS` says where each pixel goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from pipelines.enhance.step import ChoiceParameter, Corners, Number, step
from pipelines.errors import RecipeError
from pipelines.types import Image, Matrix

Mapping2D = tuple[Matrix, tuple[int, int]]
"""Homography from a step's input pixels to its output pixels, and the output's (height, width)."""

MOST_PIXELS = 200_000_000
BACKGROUND = 0.5
"""What is shown where the picture has no pixel: mid-grey, which is neither polarity."""

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@step("geometry", axis=ChoiceParameter(("left_right", "top_bottom"), "what is exchanged"))
def mirror(image: Image, *, axis: str = "left_right") -> Image:
    """Mirrors the picture: for casts, tapes and prints, which show the marking the wrong way round.

    No pixel is changed; polarity is kept.

    Assumes nothing.

    Lies to whoever forgets it: the result shows the item the other way round.

    axis: "left_right" or "top_bottom", the sides that are exchanged.

    Cost: 0.1 s for 24 megapixels.
    """
    return image[:, ::-1] if axis == "left_right" else image[::-1]


@step("geometry", degrees=Number("degrees clockwise", -360, 360, "how far the picture is turned"))
def rotate(image: Image, *, degrees: float = 90.0) -> Image:
    """Turns the picture clockwise; the canvas grows so that nothing is cut off.

    Right angles move pixels and change none; other angles sample with a cubic spline of 4 × 4 pixels, and
    corners without a picture are mid-grey. Polarity is kept.

    Assumes nothing.

    Lies by slight over- and undershoot beside sharp edges at other than right angles.

    degrees: degrees clockwise, -360 to 360; below 0 anticlockwise.

    Cost: 1.5 s for 24 megapixels.
    """
    if degrees % 90 == 0:
        return np.rot90(image, -round(degrees / 90))
    return _moved(image, *_rotated(image.shape[:2], degrees=degrees))


@step("geometry", corners=Corners("of what becomes the whole picture"))
def perspective(image: Image, *, corners: tuple[tuple[float, float], ...] = WHOLE) -> Image:
    """Straightens a flat surface that was taken from the side, by four points that are a rectangle on it.

    The points become the corners of the result, which is as wide and as high as the means of opposite sides;
    what lies outside is cut off. Samples with a cubic spline of 4 × 4 pixels. Polarity is kept.

    Assumes a flat surface and a lens without distortion.

    Lies in its proportions, which are only as right as the points are.

    corners: four points [x, y], clockwise from the top left, as fractions 0 to 1 of the way across and down.

    Cost: 1.5 s for 24 megapixels.
    """
    if corners == WHOLE:
        return image
    return _moved(image, *_straightened(image.shape[:2], corners=corners))


@step(
    "geometry",
    left=Number("of the width", 0, 1, "where the region begins"),
    top=Number("of the height", 0, 1, "where the region begins"),
    right=Number("of the width", 0, 1, "where the region ends"),
    bottom=Number("of the height", 0, 1, "where the region ends"),
)
def region(
    image: Image, *, left: float = 0.0, top: float = 0.0, right: float = 1.0, bottom: float = 1.0
) -> Image:
    """Cuts out the part that is looked at, so that all that follows works on it alone.

    No pixel is changed; polarity is kept. Sizes in % of what follows are those of the part.

    Assumes nothing.

    Lies by what it leaves out: a character beyond the border is not seen.

    left: of the width, 0 to 1. top: of the height, 0 to 1. right: of the width, 0 to 1; above left.
    bottom: of the height, 0 to 1; below top. At least one pixel is left.

    Cost: none.
    """
    rows, columns = _bounds(image.shape[:2], left, top, right, bottom)
    return image[rows[0] : rows[1], columns[0] : columns[1]]


def _bounds(
    shape: tuple[int, ...], left: float, top: float, right: float, bottom: float
) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and behind the last row, and likewise columns, of a region."""
    if right <= left or bottom <= top:
        raise RecipeError(
            f"step 'region': right must be above left and bottom above top, got {left:g} to {right:g} and "
            f"{top:g} to {bottom:g}"
        )
    spans = []
    for size, first, last in ((shape[0], top, bottom), (shape[1], left, right)):
        start = min(int(np.floor(first * size)), size - 1)
        spans.append((start, max(start + 1, int(np.ceil(last * size)))))
    return spans[0], spans[1]


def _cut_out(shape: tuple[int, int], *, left: float, top: float, right: float, bottom: float) -> Mapping2D:
    rows, columns = _bounds(shape, left, top, right, bottom)
    matrix = np.array([[1, 0, -columns[0]], [0, 1, -rows[0]], [0, 0, 1]], dtype=np.float64)
    return matrix, (rows[1] - rows[0], columns[1] - columns[0])


def _mirrored(shape: tuple[int, int], *, axis: str) -> Mapping2D:
    height, width = shape
    if axis == "left_right":
        return np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]], dtype=np.float64), shape
    return np.array([[1, 0, 0], [0, -1, height - 1], [0, 0, 1]], dtype=np.float64), shape


def _rotated(shape: tuple[int, int], *, degrees: float) -> Mapping2D:
    height, width = shape
    turn = np.radians(degrees)
    # Exact at right angles, where floating point would make the canvas a pixel too large.
    cosine, sine = round(float(np.cos(turn)), 15), round(float(np.sin(turn)), 15)
    out_width = int(np.ceil(abs(width * cosine) + abs(height * sine) - 1e-9))
    out_height = int(np.ceil(abs(width * sine) + abs(height * cosine) - 1e-9))
    cx, cy, ox, oy = (width - 1) / 2, (height - 1) / 2, (out_width - 1) / 2, (out_height - 1) / 2
    matrix = np.array(
        [
            [cosine, -sine, ox - cosine * cx + sine * cy],
            [sine, cosine, oy - sine * cx - cosine * cy],
            [0, 0, 1],
        ]
    )
    return matrix, (out_height, out_width)


def _straightened(shape: tuple[int, int], *, corners: tuple[tuple[float, float], ...]) -> Mapping2D:
    height, width = shape
    source = np.array(corners) * (width - 1, height - 1)
    if corners == WHOLE or min(shape) < 2:
        return np.eye(3), shape
    sides = np.hypot(*(np.roll(source, -1, axis=0) - source).T)
    out_width = max(2, round((sides[0] + sides[2]) / 2) + 1)
    out_height = max(2, round((sides[1] + sides[3]) / 2) + 1)
    target = np.array(WHOLE) * (out_width - 1, out_height - 1)
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    return matrix, (out_height, out_width)


MAPPINGS: dict[str, Callable[..., Mapping2D]] = {
    "mirror": _mirrored,
    "rotate": _rotated,
    "perspective": _straightened,
    "region": _cut_out,
}
"""For each step of this family: `(shape, **parameters)` to its homography and the output's shape."""


def step_mapping(name: str, parameters: dict[str, Any], shape: tuple[int, int]) -> Mapping2D:
    """Where any step moves pixels of a picture (height, width): the identity for all but this family."""
    mapping = MAPPINGS.get(name)
    return mapping(shape, **parameters) if mapping else (np.eye(3), shape)


def _moved(image: Image, matrix: Matrix, shape: tuple[int, int]) -> Image:
    height, width = shape
    if height * width > MOST_PIXELS:
        raise RecipeError(
            f"the result would have {width} × {height} pixels, at most {MOST_PIXELS // 1_000_000} million "
            "are made; cut the part with the marking out first"
        )
    # OpenCV takes pixels by 16-bit coordinates.
    if max(height, width, *image.shape[:2]) >= 32767:
        raise RecipeError(
            "a side of more than 32766 pixels cannot be turned; cut the part with the marking out"
        )
    return cv2.warpPerspective(
        image,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(BACKGROUND,) * 3,
    )
