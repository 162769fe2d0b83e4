"""Faces from font files: every glyph thinned to the centre lines that a punch-cutter's tool would follow, or
solid, as its outline is.

Fonts stay where they are installed and are never copied into the project. Classes that a font lacks are taken
from the drawn gothic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from skimage.morphology import skeletonize

CAP_PX = 160
"""Cap height in pixels at which a glyph is thinned."""

SPUR = 0.09
"""Cap heights: side branches shorter than this are what thinning makes of corners, not strokes."""

BAR = 0.35
"""Cap heights: a filled box wider and taller than this is no stroke."""

FOLDER = Path("/usr/share/fonts")

CUT = ", cut"
"""Behind a font's name: the face whose strokes are as thick and as thin as the font's outlines, not of one
width."""

FILES = {
    "sans": "LiberationSans-Regular.ttf",
    "sans-narrow": "LiberationSansNarrow-Regular.ttf",
    "mono": "LiberationMono-Regular.ttf",
    "serif": "LiberationSerif-Regular.ttf",
    "sans-bold": "LiberationSans-Bold.ttf",
    "sans-narrow-bold": "LiberationSansNarrow-Bold.ttf",
    "mono-bold": "LiberationMono-Bold.ttf",
    "serif-bold": "LiberationSerif-Bold.ttf",
    "din": "OSP-DIN.ttf",
    "iso-3098": "osifont.ttf",
    "ocr-a": "OCRA.ttf",
    "ocr-b": "OCRB.otf",
    "routed": "routed-gothic.ttf",
    "routed-narrow": "routed-gothic-narrow.ttf",
    "park": "NationalPark-Regular.otf",
    "park-heavy": "NationalPark-Heavy.otf",
    "road-d": "RG2014D.ttf",
    "road-b": "RG2014B.ttf",
    "road-f": "RG2014F.ttf",
    "b612-mono": "B612Mono-Bold.otf",
    "dosis": "Dosis-Medium.otf",
    "dosis-heavy": "Dosis-ExtraBold.otf",
    "bebas": "BebasNeue-Regular.otf",
    "bebas-bold": "BebasNeue-Bold.otf",
    "courier": "Courier Prime.otf",
    "courier-bold": "Courier Prime Bold.otf",
    "typewriter": "GNUTypewriter.ttf",
    "pt-mono": "PTM55F.ttf",
    "pt-narrow-bold": "PTN77F.ttf",
    "pt-serif": "PTF75F.ttf",
    "pt-caption": "PTC75F.ttf",
    "inconsolata": "Inconsolata.otf",
    "jetbrains": "JetBrainsMono-Bold.ttf",
    "play": "Play-Bold.ttf",
    "cabin": "Cabin-Bold.otf",
    "clear": "ClearSans-Bold.ttf",
    "lato": "Lato-Bold.ttf",
    "roboto": "Roboto-Medium.ttf",
    "roboto-condensed": "RobotoCondensed-Bold.ttf",
    "inter": "Inter-SemiBold.otf",
    "open": "OpenSans-Semibold.ttf",
    "open-condensed": "OpenSans-CondBold.ttf",
    "jura": "Jura-Bold.otf",
    "free-mono": "FreeMonoBold.ttf",
    "free-serif": "FreeSerif.ttf",
    "book": "C059-Bold.otf",
    "avant": "URWGothic-Demi.otf",
    "oxygen-mono": "OxygenMono-Regular.ttf",
    "go-mono": "Go-Mono-Bold.ttf",
    "terminal": "3270Condensed-Regular.ttf",
    "gillius": "GilliusADF-BoldCond.otf",
    "universalis": "UniversalisADFStd-Cond.otf",
    "beteckna": "BetecknaGSCondensed-Bold.ttf",
    "mplus": "Mplus1Code-Bold.otf",
}
"""Name → font file. Their Debian packages: `models/training-fonts.txt`; free licences of several kinds."""

HELD_OUT = {
    "anonymous": "Anonymous Pro B.ttf",
    "tuffy": "Tuffy_Bold.ttf",
    "manrope": "Manrope-Bold.ttf",
    "league-mono": "LeagueMono-CondensedBold.otf",
    "oxygen": "Oxygen-Sans-Bold.ttf",
    "allerta": "allerta_medium.otf",
    "bookman": "URWBookman-Demi.otf",
    "cantarell": "Cantarell-ExtraBold.otf",
}
"""Fonts that no reader is trained on: what it makes of a face that it never saw."""


@dataclass(frozen=True, eq=False)
class Solid:
    """A character as its font's outline has it. `depth` (H, W) float32 as `solid` says; its first sample lies
    at (x, y); `half` of its strokes' width, in the median along their middle."""

    depth: npt.NDArray[np.float32]
    x: float
    y: float
    half: float


@lru_cache(maxsize=1)
def _found() -> dict[str, Path]:
    return {path.name: path for path in sorted(FOLDER.rglob("*.[to]tf"))}


@lru_cache(maxsize=1)
def installed() -> dict[str, Path]:
    """The fonts to train on whose file is found, by name; empty where none is installed."""
    return {name: _found()[file] for name, file in FILES.items() if file in _found()}


@lru_cache(maxsize=1)
def held_out() -> dict[str, Path]:
    """The fonts kept back whose file is found, by name."""
    return {name: _found()[file] for name, file in HELD_OUT.items() if file in _found()}


@lru_cache(maxsize=8192)
def strokes(face: str, character: str) -> tuple[npt.NDArray[np.float64], ...]:
    """The centre lines of a character in cap heights: x right from the ink's left side, y down from the cap
    line. Empty where the font has no such character. About 30 ms, kept afterwards."""
    font = _font(face)
    ink = _ink(font, character)
    if _lacking(font, ink):
        return ()
    thin = skeletonize(ink > 127)
    lines = [line for line in _traced(thin) if len(line) > 1]
    points = [cv2.approxPolyDP(line.astype(np.float32)[:, None], 0.7, False)[:, 0] for line in lines]
    if not points:
        ys, xs = np.nonzero(thin)
        points = [np.array([[xs.mean(), ys.mean()]] * 2)] if xs.size else []
    if not points:
        return ()
    top = _ink(font, "H").nonzero()[0].min()
    left = min(line[:, 0].min() for line in points)
    return tuple((line.astype(np.float64) - [left, top]) / CAP_PX for line in points)


@lru_cache(maxsize=8192)
def solid(face: str, character: str, step: float, margin: float) -> Solid | None:
    """How deep inside its outline each place of a character lies: cap heights, less than 0 outside.

    Sampled every `step` cap heights, `margin` beyond the ink; coordinates as of `strokes`. None where the
    font has no such character. About 5 ms, kept afterwards.
    """
    font = _font(face)
    ink = _ink(font, character)
    if _lacking(font, ink) or not ink.any():
        return None
    inside = ink > 127
    reach = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5) - cv2.distanceTransform(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5
    )
    ys, xs = np.nonzero(thinned := skeletonize(inside))
    top, left = float(_ink(font, "H").nonzero()[0].min()), float(xs.min())
    x = np.arange(-margin, (xs.max() - left) / CAP_PX + margin, step)
    y = np.arange((ys.min() - top) / CAP_PX - margin, (ys.max() - top) / CAP_PX + margin, step)
    columns, rows = np.meshgrid(x * CAP_PX + left, y * CAP_PX + top)
    depth = cv2.remap(
        reach.astype(np.float32),
        columns.astype(np.float32),
        rows.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Solid(depth / CAP_PX, float(x[0]), float(y[0]), float(np.median(reach[thinned])) / CAP_PX)


@lru_cache(maxsize=256)
def stroke_width(face: str) -> float:
    """Width of the plain strokes of a font, cap heights."""
    drawn = [solid(face, glyph, 0.05, 0.1) for glyph in "HENO0258"]
    return 2 * float(np.median([one.half for one in drawn if one is not None]))


@lru_cache(maxsize=256)
def letter_width(face: str) -> float:
    """Width of a plain letter of a font between its centre lines, cap heights."""
    wide = [np.ptp(np.concatenate(strokes(face, glyph))[:, 0]) for glyph in "HENO0258"]
    return float(np.median(wide))


@lru_cache(maxsize=256)
def _font(face: str) -> ImageFont.FreeTypeFont:
    path = str({**installed(), **held_out()}[face])
    trial = ImageFont.truetype(path, 200)
    _, top, _, bottom = trial.getbbox("H")
    return ImageFont.truetype(path, round(200 * CAP_PX / (bottom - top)))


def _ink(font: ImageFont.FreeTypeFont, character: str) -> npt.NDArray[np.uint8]:
    picture = Image.new("L", (CAP_PX * 3, CAP_PX * 3))
    ImageDraw.Draw(picture).text((CAP_PX // 2, CAP_PX // 2), character, 255, font)
    return np.asarray(picture)


def _lacking(font: ImageFont.FreeTypeFont, ink: npt.NDArray[np.uint8]) -> bool:
    """Whether the font put its sign for a missing character, or, as osifont does for Э, a filled box."""
    ys, xs = np.nonzero(ink > 127)
    box = bool(xs.size) and min(np.ptp(xs), np.ptp(ys)) > BAR * CAP_PX
    filled = box and bool(xs.size > 0.97 * (np.ptp(xs) + 1) * (np.ptp(ys) + 1))
    return filled or ink.tobytes() == _ink(font, "\uffff").tobytes()


def _traced(thin: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.int64]]:
    """Polylines (N, 2) of (x, y) along a one-pixel-wide drawing, spurs left out."""
    pixels = {(int(x), int(y)) for y, x in np.argwhere(thin)}
    ring = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)]

    def beside(p: tuple[int, int]) -> list[tuple[int, int]]:
        near = [(p[0] + dx, p[1] + dy) for dx, dy in ring if (p[0] + dx, p[1] + dy) in pixels]
        # A diagonal step that two straight ones make as well is no branch.
        return [q for q in near if p[0] == q[0] or p[1] == q[1] or not _cornered(p, q, near)]

    nodes = {p for p in pixels if len(beside(p)) != 2}
    used: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    lines = []
    # Loops without a node start anywhere: the lowest pixel, so that the order is fixed.
    for start in [*sorted(nodes), *sorted(pixels - nodes)]:
        for step in beside(start):
            if (start, step) in used or (start not in nodes and any(start in pair for pair in used)):
                continue
            path = [start, step]
            while path[-1] not in nodes and path[-1] != start:
                ahead = [q for q in beside(path[-1]) if q != path[-2]]
                if not ahead:
                    break
                path.append(ahead[0])
            used |= set(pairwise(path)) | set(pairwise(path[::-1]))
            free_end = any(len(beside(end)) == 1 for end in (path[0], path[-1]))
            both_free = all(len(beside(end)) == 1 for end in (path[0], path[-1]))
            if both_free or not free_end or len(path) > SPUR * CAP_PX:
                lines.append(np.array(path))
    return lines


def _cornered(p: tuple[int, int], q: tuple[int, int], near: list[tuple[int, int]]) -> bool:
    return (p[0], q[1]) in near or (q[0], p[1]) in near
