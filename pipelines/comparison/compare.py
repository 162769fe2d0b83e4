"""One character drawn over another, as examiners do with a twin number: crops, typefaces, views.

Patches are grey float32 in [0, 1], HEIGHT × WIDTH, the character's box in the middle. Only for the eye: no
number here says that two characters are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from pipelines.comparison.drawn_faces import FACES, drawn_glyphs
from pipelines.errors import TypefaceError
from pipelines.types import Image, Matrix

HEIGHT, WIDTH = 320, 320

BOX_HEIGHT = 0.7
"""Share of a patch's height that the character's box takes."""

ANGLES = tuple(np.arange(-10.0, 10.1, 2.0))
SCALES = (0.85, 0.92, 1.0, 1.08, 1.17)
REACH = 0.15
"""Degrees, scales and share of the patch's sides by which the other character is moved onto the one."""

CYAN, ORANGE = (0.0, 0.68, 0.94), (0.94, 0.40, 0.0)
"""Colours of the one and the other in the overlay: told apart with any kind of colour vision (Okabe and Ito
2008), and white where both are bright."""

STROKE = 0.1
"""Width of a drawn face's strokes in cap heights."""

LARGEST_FONT = 30_000_000
"""Bytes of a font file at most."""

FONT_SUFFIXES = (".ttf", ".otf", ".ttc")


@dataclass(frozen=True, eq=False)
class Overlay:
    """`to_one`: similarity from the other patch's pixels to the one's; `moved`: the other patch there.
    `agreement`: correlation of the strength of edges at that place, -1 to 1."""

    to_one: Matrix
    moved: Image
    agreement: float


def overlaid(fixed: Image, other: Image) -> Overlay:
    """The other patch moved onto the one: shift, size and a little rotation, by which edges agree best,
    whatever their light or polarity. About 0.1 s."""
    wanted, edges = _edges(fixed), _edges(other)
    best, agreement = np.eye(3), -1.0
    middle = ((WIDTH - 1) / 2, (HEIGHT - 1) / 2)
    down, across = round(REACH * HEIGHT), round(REACH * WIDTH)
    inner = wanted[down:-down, across:-across]
    if float(inner.std()) < 1e-6:
        return Overlay(best, other, 0.0)
    for angle in ANGLES:
        for scale in SCALES:
            turn = np.vstack([cv2.getRotationMatrix2D(middle, angle, scale), [0.0, 0.0, 1.0]])
            turned = cv2.warpAffine(edges, turn[:2], (WIDTH, HEIGHT))
            correlation = cv2.matchTemplate(turned, inner, cv2.TM_CCOEFF_NORMED)
            row, column = np.unravel_index(int(correlation.argmax()), correlation.shape)
            value = float(correlation[row, column])
            if np.isfinite(value) and value > agreement + 1e-9:
                shift = np.array([[1, 0, across - column], [0, 1, down - row], [0, 0, 1]], np.float64)
                best, agreement = shift @ turn, value
    moved = cv2.warpAffine(
        other, best[:2], (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return Overlay(best, np.asarray(moved, np.float32), agreement)


def stretched(patch: Image) -> Image:
    """The patch with its 2nd to 98th percentile over the whole range."""
    low, high = np.quantile(patch, (0.02, 0.98))
    return np.asarray(np.clip((patch - low) / max(float(high - low), 1e-3), 0, 1), np.float32)


def overlay_picture(fixed: Image, other: Image) -> Image:
    """(H, W, 3): the one in cyan, the other in orange, added up. Near white where both are bright; what is
    dark in the one alone is orange, in the other alone blue."""
    both = fixed[..., None] * np.array(CYAN, np.float32) + other[..., None] * np.array(ORANGE, np.float32)
    return np.asarray(np.clip(both, 0, 1), np.float32)


def difference(fixed: Image, other: Image) -> Image:
    """The size of the difference, black where both are alike."""
    return np.asarray(np.abs(fixed - other), np.float32)


def drawn_glyph(glyph: str, face: str) -> Image:
    """The glyph of one of `drawn_faces.FACES`, dark on light, as high as a patch's box. Raises TypefaceError
    for what it has not."""
    strokes = drawn_glyphs(face).get(glyph) if face in FACES else None
    if strokes is None:
        raise TypefaceError(f"{face}: has no {glyph!r}")
    points = np.concatenate(strokes)
    cap = BOX_HEIGHT * HEIGHT / (1 + STROKE)
    middle = np.array([(points[:, 0].min() + points[:, 0].max()) / 2, 0.5])
    drawn = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for stroke in strokes:
        # Sixteenths of a pixel.
        places = np.round(((stroke - middle) * cap + (WIDTH / 2, HEIGHT / 2)) * 16).astype(np.int32)
        cv2.polylines(drawn, [places.reshape(-1, 1, 2)], False, 0, round(STROKE * cap), cv2.LINE_AA, 4)
    return np.asarray(drawn / np.float32(255), np.float32)


def font_glyph(glyph: str, content: bytes, name: str) -> Image:
    """The glyph of a font file's `content`, dark on light, as high as a patch's box. Raises TypefaceError for
    a file that is no font and for a glyph that it has not."""
    if len(content) > LARGEST_FONT:
        raise TypefaceError(f"{name}: larger than {LARGEST_FONT} bytes; that is no single typeface")
    if len(glyph) != 1:
        raise TypefaceError(f"{name}: a single character is shown, got {glyph!r}")
    try:
        font = ImageFont.truetype(BytesIO(content), 200)
        tall = _ink(glyph, font)
        if tall is None or _ink("\U0010ffff", font) == tall:
            raise TypefaceError(f"{name}: has no {glyph!r}")
        fitting = 200 * BOX_HEIGHT * HEIGHT / max(1, tall[3] - tall[1])
        font = ImageFont.truetype(BytesIO(content), max(1, min(1000, round(fitting))))
        left, top, right, bottom = font.getbbox(glyph)
    except (OSError, ValueError, MemoryError) as error:
        raise TypefaceError(
            f"{name}: no font that can be read ({error}); expected TrueType or OpenType"
        ) from error
    page = Pictures.new("L", (WIDTH, HEIGHT), 255)
    at = ((WIDTH - right - left) / 2, (HEIGHT - bottom - top) / 2)
    ImageDraw.Draw(page).text(at, glyph, fill=0, font=font)
    return np.asarray(np.asarray(page, np.float32) / 255, np.float32)


def fonts_in(folder: Path | None) -> dict[str, Path]:
    """Font files of the laboratory's folder by their names; none where there is no such folder."""
    if folder is None or not folder.is_dir():
        return {}
    fonts = (path for path in folder.iterdir() if path.suffix.lower() in FONT_SUFFIXES and path.is_file())
    return {path.name: path for path in sorted(fonts)}


def _ink(glyph: str, font: ImageFont.FreeTypeFont) -> tuple[float, float, float, float] | None:
    box = font.getbbox(glyph)
    return None if box[2] <= box[0] or box[3] <= box[1] else box


def _edges(patch: npt.NDArray[np.float32]) -> Image:
    small = cv2.GaussianBlur(patch, (0, 0), HEIGHT / 100)
    across, down = cv2.Scharr(small, cv2.CV_32F, 1, 0), cv2.Scharr(small, cv2.CV_32F, 0, 1)
    strength = np.sqrt(across * across + down * down)
    # Strokes count by being there, not by how strong the light makes them.
    even = np.minimum(strength / (float(np.quantile(strength, 0.9)) + 1e-4), 1.5)
    return np.asarray(cv2.GaussianBlur(even.astype(np.float32), (0, 0), HEIGHT / 80), np.float32)
