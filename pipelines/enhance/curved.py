"""Steps that lay curved surfaces flat: rings read face on, barrels seen from the side.

They bend lines, so no homography says where a pixel goes; `SOURCES` says where each pixel came from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.enhance.geometry import BACKGROUND, MOST_PIXELS, WHOLE
from pipelines.enhance.step import ChoiceParameter, Corners, Number, step
from pipelines.errors import RecipeError
from pipelines.types import Image

Points = npt.NDArray[np.float64]

SEEN = 0.94
"""Share of a barrel's half width that is laid flat at most: beyond, it is seen too much from the side."""


@step(
    "geometry",
    x=Number("of the width", 0, 1, "centre of the ring"),
    y=Number("of the height", 0, 1, "centre of the ring"),
    inner=Number("% of the shorter side", 0.5, 100, "radius at which the ring begins"),
    outer=Number("% of the shorter side", 1, 150, "radius at which it ends; above inner"),
    start=Number("degrees clockwise", -360, 360, "where the strip begins; 0 is to the right"),
    feet=ChoiceParameter(("inwards", "outwards"), "how the characters stand"),
)
def unroll_circle(
    image: Image,
    *,
    x: float = 0.5,
    y: float = 0.5,
    inner: float = 25.0,
    outer: float = 45.0,
    start: float = 90.0,
    feet: str = "inwards",
) -> Image:
    """Unrolls a ring, such as the face of a bolt or the rim of a case, into a strip a whole turn long.

    Lengths along the strip are those on the circle midway between the radii; there characters keep their
    proportions. Cubic sampling; mid-grey outside the picture. Polarity is kept.

    Assumes that the ring is seen face on: straighten it by `perspective` first.

    Lies away from the middle radius: strokes nearer the centre are drawn wider, those further out narrower.

    x: of the width, 0 to 1. y: of the height, 0 to 1.
    inner: % of the shorter side, 0.5 to 100. outer: % of the shorter side, 1 to 150.
    start: degrees clockwise, -360 to 360, 0 to the right; put it in a gap.
    feet: "inwards" (read clockwise) or "outwards" (read anticlockwise).

    Cost: one sampling of as many pixels as the strip has.
    """
    return _flattened(image, "unroll_circle", x=x, y=y, inner=inner, outer=outer, start=start, feet=feet)


@step("geometry", corners=Corners("where the barrel's outline ends, its axis from left to right"))
def unroll_barrel(image: Image, *, corners: tuple[tuple[float, float], ...] = WHOLE) -> Image:
    """Lays the seen half of a barrel or another cylinder flat, by four points on its outline.

    The sides from the first to the second and from the fourth to the third point are the outline, parallel to
    the axis. Across it, places are spread as on the surface (by the arc sine), up to 70 degrees on either
    side. Cubic sampling; mid-grey outside the picture. Polarity is kept.

    Assumes a straight cylinder, seen from far away.

    Lies towards the outline, where few pixels are drawn far apart: noise there looks like strokes across.

    corners: four points [x, y], clockwise from the top left, as fractions 0 to 1 of the way across and down.

    Cost: one sampling of as many pixels as the result has.
    """
    return _flattened(image, "unroll_barrel", corners=corners)


def _ring(
    shape: tuple[int, int], *, x: float, y: float, inner: float, outer: float, start: float, feet: str
) -> tuple[tuple[int, int], Callable[[Points], Points]]:
    if outer <= inner:
        raise RecipeError(f"step 'unroll_circle': outer must be above inner ({inner:g}), got {outer:g}")
    height, width = shape
    near, far = inner / 100 * min(shape), outer / 100 * min(shape)
    middle = (near + far) / 2
    size = max(1, round(far - near)), max(1, round(2 * np.pi * middle))
    centre = np.array([x * (width - 1), y * (height - 1)])
    inwards = feet == "inwards"

    def source(points: Points) -> Points:
        turn = np.radians(start) + (points[..., 0] + 0.5) / middle * (1 if inwards else -1)
        radius = far - points[..., 1] - 0.5 if inwards else near + points[..., 1] + 0.5
        return centre + radius[..., np.newaxis] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)

    return size, source


def _barrel(
    shape: tuple[int, int], *, corners: tuple[tuple[float, float], ...]
) -> tuple[tuple[int, int], Callable[[Points], Points]]:
    height, width = shape
    outline = np.array(corners, dtype=np.float64) * (width - 1, height - 1)
    sides = np.hypot(*(np.roll(outline, -1, axis=0) - outline).T)
    along, across = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    half = np.arcsin(SEEN)
    size = max(1, round(across * half)), max(1, round(along) + 1)
    target = np.array(WHOLE) * (max(size[1] - 1, 1), 1)
    to_picture = cv2.getPerspectiveTransform(target.astype(np.float32), outline.astype(np.float32))

    def source(points: Points) -> Points:
        turn = ((points[..., 1] + 0.5) / size[0] * 2 - 1) * half
        flat = np.stack([points[..., 0], (1 + np.sin(turn)) / 2], axis=-1)
        return cv2.perspectiveTransform(flat.reshape(-1, 1, 2), to_picture).reshape(points.shape)

    return size, source


SOURCES: dict[str, Callable[..., tuple[tuple[int, int], Callable[[Points], Points]]]] = {
    "unroll_circle": _ring,
    "unroll_barrel": _barrel,
}
"""For each step of this family: `(shape, **parameters)` to the output's (height, width) and the function that
takes (…, 2) points x, y of the output to those of the input."""


def _flattened(image: Image, name: str, **parameters: Any) -> Image:
    (height, width), source = SOURCES[name](image.shape[:2], **parameters)
    if height * width > MOST_PIXELS or max(height, width, *image.shape[:2]) >= 32767:
        raise RecipeError(
            f"the result would have {width} × {height} pixels; a side has at most 32766; cut the part with "
            "the marking out first"
        )
    across, down = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    maps = source(np.stack([across, down], axis=-1)).astype(np.float32)
    return cv2.remap(
        image, maps, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(BACKGROUND,) * 3
    )
