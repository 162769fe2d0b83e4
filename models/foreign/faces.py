"""Typefaces of the foreign plates: every glyph class as a signed distance to its outline.

Two alphabets are drawn here stroke by stroke (`rounded`, DIN-like; `squarish`, OCR-like); the others are
outlines of the DejaVu fonts, where the machine has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from pipelines.glyphs import GLYPHS

Array = npt.NDArray[np.float32]

UNIT = 96
"""Pixels per cap height of a distance field."""
PAD = 48
"""Pixels round the cell of a distance field: what is deformed round a stroke must fit."""

FONT_FOLDER = Path("/usr/share/fonts/truetype/dejavu")
FONT_FILES = {
    "condensed bold": "DejaVuSansCondensed-Bold.ttf",
    "condensed": "DejaVuSansCondensed.ttf",
    "mono": "DejaVuSansMono.ttf",
    "mono bold": "DejaVuSansMono-Bold.ttf",
    "serif bold": "DejaVuSerif-Bold.ttf",
    "sans": "DejaVuSans.ttf",
}
DRAWN = ("rounded", "squarish")

# A stroke is a row of points, each column and line of a grid in base 36: the cap line is 2, the baseline a
# (10), the middle 6, one column is a tenth of the cap height. ' keeps a corner sharp, z closes the stroke.
_ROUNDED = {
    "0": "02 62 6a 0az",
    "1": "14 42' 4a",
    "2": "04 02 62 65 0a' 6a",
    "3": "02 62' 35' 65 6a 0a 08",
    "4": "42 08' 68,46 4a",
    "5": "62 02' 05' 65 6a 0a 08",
    "6": "64 62 02 0a 6a 65 05",
    "7": "02 62' 2a",
    "8": "02 62 66 06z,06 66 6a 0az",
    "9": "08 0a 6a 62 02 07 67",
    "A": "0a 42' 8a,17 77",
    "B": "02' 62 66 06'z,06' 76 7a 0a'z",
    "C": "74 72 02 0a 7a 78",
    "D": "02' 72 7a 0a'z",
    "E": "62 02' 0a' 6a,06 56",
    "F": "62 02' 0a,06 56",
    "G": "74 72 02 0a 7a 76' 46",
    "H": "02 0a,72 7a,06 76",
    "I": "12 1a",
    "J": "52 5a 0a 08",
    "K": "02 0a,62 07,25 7a",
    "L": "02 0a' 6a",
    "M": "0a 02' 47' 82' 8a",
    "N": "0a 02' 7a' 72",
    "O": "02 82 8a 0az",
    "P": "0a 02' 62 66 06",
    "Q": "02 82 8a 0az,58 8b",
    "R": "0a 02' 62 66 06,36 7a",
    "S": "74 72 02 06 76 7a 0a 08",
    "T": "02 82,42 4a",
    "U": "02 0a 7a 72",
    "V": "02 4a' 82",
    "W": "02 2a' 54' 8a' a2",
    "X": "02 7a,72 0a",
    "Y": "02 46' 82,46 4a",
    "Z": "02 72' 0a' 7a",
    "-": "07 47",
    ".": "1a 1a",
    "/": "0b 61",
    "Б": "62 02' 0a' 7a 76 06",
    "Г": "62 02' 0a",
    "Д": "1a 32' 72' 7a,0c 0a' 8a' 8c",
    "Ж": "52 5a,02 56' 0a,a2 56' aa",
    "З": "04 02 62 66 26' 66 6a 0a 08",
    "И": "02 0a' 72' 7a",
    "Й": "02 0a' 72' 7a,20 21 51 50",
    "Л": "0a 22' 72' 7a",
    "П": "0a 02' 72' 7a",
    "Ф": "42 4a,03 83 88 08z",
    "Ц": "02 0a' 8a' 8c,72 7a",
    "Ч": "02 06 76,72 7a",
    "Ш": "02 0a' aa' a2,52 5a",
    "Щ": "02 0a' ba' bc,52 5a,a2 aa",
    "Ъ": "02 22' 2a' 8a 86 26",
    "Ы": "02 0a' 6a 66 06,92 9a",
    "Ь": "02 0a' 6a 66 06",
    "Э": "04 02 72 7a 0a 08,26 76",
    "Ю": "02 0a,06 36,32 a2 aa 3az",
    "Я": "7a 72' 02 06 76,46 0a",
}
_SQUARISH = _ROUNDED | {
    "0": "12 52 5a 1az",
    "1": "13 32' 3a,0a 6a",
    "2": "03 02 62 66 06 0a' 6a",
    "3": "02 62 6a 0a,26 66",
    "4": "02 07' 67,44 4a",
    "5": "62 02' 06' 66 6a 0a",
    "6": "42 06' 0a 6a 66 06",
    "7": "04 02' 62' 64 37 3a",
    "8": "12 52 56 16z,06 66 6a 0az",
    "9": "2a 66' 62 02 06 66",
    "A": "0a 04 22 52 74 7a,07 77",
    "C": "72 02 0a 7a",
    "G": "72 02 0a 7a 76' 46",
    "I": "22 2a,02 42,0a 4a",
    "J": "22 62' 6a 0a 08",
    "M": "0a 02' 46' 82' 8a",
    "N": "0a 02' 14 68 7a' 72",
    "O": "02 72 7a 0az",
    "Q": "02 72 7a 0az,57 8b",
    "S": "72 02 06 76 7a 0a",
    "V": "02 06 4a' 86 82",
    "W": "02 0a' 47' 8a' 82",
    "Y": "02 05 47' 85 82,47 4a",
    "Z": "02 72' 74 08 0a' 7a",
    "Д": "1a 14 22 72' 7a,0c 0a' 8a' 8c",
    "З": "03 02 62 66 36' 66 6a 0a 09",
    "Л": "0a 1a 22' 72' 7a",
    "Ф": "42 4a,04 84 88 08z",
    "Ч": "02 07 77,72 7a",
    "Э": "02 72 7a 0a,36 76",
}


@dataclass(frozen=True, eq=False)
class Glyph:
    """One glyph class in one face. Lengths in cap heights, origin at cap line and left edge of the ink.

    `distance` (H, W) float32: distance to the outline, negative inside; its pixel (`PAD`, `PAD`) is the
    origin, `UNIT` pixels are one cap height (accents and tails reach past the cell).
    `top`, `bottom`, `width`: the ink, 0, 1 and the ink's width for plain capitals.
    """

    distance: Array
    top: float
    bottom: float
    width: float


def faces() -> tuple[str, ...]:
    """Names of the faces this machine can draw; the drawn alphabets are always among them."""
    return (*DRAWN, *(name for name, file in FONT_FILES.items() if (FONT_FOLDER / file).is_file()))


def missing_faces() -> tuple[str, ...]:
    """Names of the faces whose font file is not on this machine."""
    return tuple(name for name in FONT_FILES if name not in faces())


@cache
def glyph(face: str, character: str, stroke: float = 0.14, pitch: float = 0.0) -> Glyph:
    """`character`, a glyph class, in `face`. ValueError where face or class is unknown.

    `stroke` is the width of drawn strokes in cap heights, `pitch` > 0 makes dots at that distance of them;
    outlines of fonts know neither.
    """
    if character not in GLYPHS:
        raise ValueError(f"{character!r} is no glyph class")
    if face in DRAWN:
        ink = _skeleton(face, character, round(pitch * UNIT))
        distance = _outside(ink) - stroke * UNIT / 2
    elif face in faces():
        ink = _outline(face, character)
        distance = _outside(ink) - _outside(~ink)
    else:
        raise ValueError(f"no face {face!r}; missing on this machine: {', '.join(missing_faces()) or 'none'}")
    rows, columns = np.nonzero(distance <= 0.5)
    shift = int(columns.min()) - PAD
    distance = np.roll(distance, -shift, axis=1)
    width = (columns.max() - columns.min() + 1) / UNIT
    right = min(distance.shape[1], round(width * UNIT) + 2 * PAD)
    return Glyph(
        np.ascontiguousarray(distance[:, :right] / UNIT, dtype=np.float32),
        float((rows.min() - PAD) / UNIT),
        float((rows.max() + 1 - PAD) / UNIT),
        float(width),
    )


def _outside(ink: npt.NDArray[np.bool_]) -> Array:
    """Distance in pixels of every pixel to the nearest one of `ink`."""
    found: Array = cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 5)
    return found


def _cell(width: float) -> tuple[int, int]:
    return UNIT + 2 * PAD, round(width * UNIT) + 3 * PAD


def _skeleton(face: str, character: str, pitch: int) -> npt.NDArray[np.bool_]:
    table, radius, steps = (_ROUNDED, 3.0, 8) if face == "rounded" else (_SQUARISH, 1.1, 1)
    ink = np.zeros(_cell(1.3), np.uint8)
    for stroke in table[character].split(","):
        # The drawn stroke is centred on the skeleton: half its usual width is kept inside the cap height.
        points = _bent(stroke, radius, steps) * (0.1 * UNIT, (1 - 0.14) / 8 * UNIT) + (PAD, PAD + 0.07 * UNIT)
        if pitch:
            for x, y in _dots(points, pitch):
                ink[round(y), round(x)] = 1
        else:
            cv2.polylines(ink, [np.round(points).astype(np.int32)], False, 1, 1, cv2.LINE_8)
    return ink.astype(bool)


def _bent(stroke: str, radius: float, steps: int) -> npt.NDArray[np.float64]:
    """The points of a stroke, its corners rounded (`steps` > 1) or cut (1), in grid units, cap line 0."""
    closed = stroke.endswith("z")
    words = stroke.removesuffix("z").split()
    points = np.array([(int(word[0], 36), int(word[1], 36) - 2) for word in words], float)
    count, made = len(points), []
    for index, (word, here) in enumerate(zip(words, points, strict=True)):
        end = index in (0, count - 1) and not closed
        if end or word.endswith("'"):
            made.append(here)
            continue
        towards = [points[(index + step) % count] - here for step in (-1, 1)]
        lengths = [float(np.hypot(*leg)) for leg in towards]
        reach = min(radius, *(length / 2 for length in lengths))
        start, stop = (here + leg / length * reach for leg, length in zip(towards, lengths, strict=True))
        for t in np.linspace(0, 1, steps + 1):
            # A weighted quadratic: nearer to the circle than the plain one.
            weights = np.array([(1 - t) ** 2, 1.5 * t * (1 - t), t**2])
            made.append((weights[0] * start + weights[1] * here + weights[2] * stop) / weights.sum())
    if closed:
        made.append(made[0])
    return np.array(made)


def _dots(points: npt.NDArray[np.float64], pitch: int) -> npt.NDArray[np.float64]:
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    places = np.linspace(0, along[-1], max(1, round(along[-1] / pitch)) + 1)
    return np.stack([np.interp(places, along, points[:, axis]) for axis in (0, 1)], axis=1)


@cache
def _font(face: str) -> tuple[Any, int]:
    """The font scaled so that H is `UNIT` high, and the distance from its ascender to the cap line."""
    path = str(FONT_FOLDER / FONT_FILES[face])
    box = ImageFont.truetype(path, 1000).getbbox("H")
    font = ImageFont.truetype(path, UNIT * 1000 / (box[3] - box[1]))
    return font, int(font.getbbox("H")[1])


def _outline(face: str, character: str) -> npt.NDArray[np.bool_]:
    font, top = _font(face)
    height, width = _cell(font.getlength(character) / UNIT)
    cell = Image.new("L", (width, height))
    ImageDraw.Draw(cell).text((PAD, PAD - top), character, fill=255, font=font)
    return np.asarray(cell) >= 128
