"""Faces from font files: every glyph thinned to the centre lines that a punch-cutter's tool would follow.

Fonts stay where they are installed and are never copied into the project. Classes that a font lacks are taken
from the drawn gothic.
"""

from __future__ import annotations

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

FOLDERS = (Path("/usr/share/fonts/truetype/liberation"), Path("/usr/share/fonts/liberation"))

FILES = {
    "sans": "LiberationSans-Regular.ttf",
    "sans-narrow": "LiberationSansNarrow-Regular.ttf",
    "mono": "LiberationMono-Regular.ttf",
    "serif": "LiberationSerif-Regular.ttf",
}
"""Face name → file of the Liberation fonts (SIL Open Font Licence 1.1; Debian package fonts-liberation)."""


@lru_cache(maxsize=1)
def installed() -> dict[str, Path]:
    """The faces whose font file is found, by name; empty where the fonts are not installed."""
    found = {}
    for name, file in FILES.items():
        for folder in FOLDERS:
            if (folder / file).is_file():
                found[name] = folder / file
                break
    return found


@lru_cache(maxsize=512)
def strokes(face: str, character: str) -> tuple[npt.NDArray[np.float64], ...]:
    """The centre lines of a character in cap heights: x right from the ink's left side, y down from the cap
    line. Empty where the font has no such character. About 30 ms, kept afterwards."""
    font = _font(face)
    if _ink(font, character).tobytes() == _ink(font, "\uffff").tobytes():
        return ()
    thin = skeletonize(_ink(font, character) > 127)
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


@lru_cache(maxsize=8)
def _font(face: str) -> ImageFont.FreeTypeFont:
    path = str(installed()[face])
    trial = ImageFont.truetype(path, 200)
    _, top, _, bottom = trial.getbbox("H")
    return ImageFont.truetype(path, round(200 * CAP_PX / (bottom - top)))


def _ink(font: ImageFont.FreeTypeFont, character: str) -> npt.NDArray[np.uint8]:
    picture = Image.new("L", (CAP_PX * 3, CAP_PX * 3))
    ImageDraw.Draw(picture).text((CAP_PX // 2, CAP_PX // 2), character, 255, font)
    return np.asarray(picture)


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
