"""A stroke alphabet as a die-sinker cuts it, drawn from points and arcs: no font file has a part in it.

Units: the height of a capital is 1, y runs down from 0 (top) to 1 (foot line). One cut differs from another
in width, in how square its bowls are and in serifs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ARC_STEPS = 40
FINE = 4
"""Times finer than the picture that strokes are drawn, so that their edges are smooth."""


@dataclass(frozen=True)
class Bow:
    """Part of an ellipse from one angle to the other: degrees clockwise from the right, as seen."""

    x: float
    y: float
    across: float
    down: float
    start: float
    end: float


Stroke = tuple[tuple[float, float] | Bow, ...]


@dataclass(frozen=True)
class Cut:
    """How an alphabet is cut. `width`: times the natural one; `square`: exponent of the superellipse of every
    bow, 2 is round; `serif`: half its length, 0 for none; `weight`: of the stroke; all over the height."""

    width: float = 1.0
    square: float = 2.0
    serif: float = 0.0
    weight: float = 0.12


CUTS = {
    "plain": Cut(),
    "narrow": Cut(width=0.8, square=3.2, weight=0.11),
    "round": Cut(width=1.12, square=1.9, weight=0.13),
    "serif": Cut(width=1.04, square=2.3, serif=0.1, weight=0.1),
}

_BOWL_P = ((0.0, 1.0), (0.0, 0.0), (0.28, 0.0), Bow(0.28, 0.27, 0.26, 0.27, 270, 450), (0.0, 0.54))
_SOFT = (0.24, 1.0), Bow(0.24, 0.74, 0.26, 0.26, 90, -90)

STROKES: dict[str, tuple[Stroke, ...]] = {
    "0": ((Bow(0.25, 0.5, 0.25, 0.5, -90, 270),),),
    "1": (((0, 0.24), (0.22, 0), (0.22, 1)),),
    "2": ((Bow(0.28, 0.28, 0.27, 0.28, 195, 395), (0, 1), (0.56, 1)),),
    "3": ((Bow(0.25, 0.25, 0.25, 0.25, 205, 450),), (Bow(0.25, 0.74, 0.28, 0.26, 270, 510),)),
    "4": (((0.42, 1), (0.42, 0), (0, 0.7), (0.58, 0.7)),),
    "5": (((0.5, 0), (0.08, 0), (0.04, 0.47), Bow(0.25, 0.68, 0.28, 0.32, 222, 510)),),
    "6": ((Bow(0.28, 0.69, 0.27, 0.31, 180, 540),), (Bow(0.5, 0.69, 0.49, 0.69, 180, 265),)),
    "7": (((0, 0), (0.54, 0), (0.18, 1)),),
    "8": ((Bow(0.27, 0.25, 0.23, 0.25, 90, 450),), (Bow(0.27, 0.75, 0.27, 0.25, -90, 270),)),
    "9": ((Bow(0.28, 0.31, 0.27, 0.31, 0, 360),), (Bow(0.06, 0.31, 0.49, 0.69, 0, 85),)),
    "A": (((0, 1), (0.34, 0), (0.68, 1)), ((0.12, 0.66), (0.56, 0.66))),
    "B": (
        ((0, 0.48), (0, 0), (0.28, 0), Bow(0.28, 0.24, 0.22, 0.24, 270, 450), (0, 0.48)),
        ((0.28, 0.48), Bow(0.28, 0.74, 0.28, 0.26, 270, 450), (0, 1), (0, 0.48)),
    ),
    "C": ((Bow(0.36, 0.5, 0.36, 0.5, -42, -318),),),
    "D": (((0, 0), (0.22, 0), Bow(0.22, 0.5, 0.4, 0.5, 270, 450), (0, 1), (0, 0)),),
    "E": (((0.5, 0), (0, 0), (0, 1), (0.52, 1)), ((0, 0.48), (0.42, 0.48))),
    "F": (((0.52, 0), (0, 0), (0, 1)), ((0, 0.5), (0.42, 0.5))),
    "G": ((Bow(0.36, 0.5, 0.36, 0.5, -42, -325), (0.68, 0.55), (0.4, 0.55)),),
    "H": (((0, 0), (0, 1)), ((0.58, 0), (0.58, 1)), ((0, 0.48), (0.58, 0.48))),
    "I": (((0.02, 0), (0.02, 1)),),
    "J": (((0.42, 0), (0.42, 0.7), Bow(0.21, 0.72, 0.21, 0.28, 0, 165)),),
    "K": (((0, 0), (0, 1)), ((0.54, 0), (0, 0.62)), ((0.18, 0.42), (0.58, 1))),
    "L": (((0, 0), (0, 1), (0.5, 1)),),
    "M": (((0, 1), (0, 0), (0.37, 0.7), (0.74, 0), (0.74, 1)),),
    "N": (((0, 1), (0, 0), (0.58, 1), (0.58, 0)),),
    "O": ((Bow(0.39, 0.5, 0.39, 0.5, -90, 270),),),
    "P": (_BOWL_P,),
    "Q": ((Bow(0.38, 0.5, 0.38, 0.5, -90, 270),), ((0.44, 0.7), (0.76, 1.04))),
    "R": (_BOWL_P, ((0.24, 0.54), (0.58, 1))),
    "S": ((Bow(0.27, 0.25, 0.25, 0.25, -28, -270), Bow(0.27, 0.75, 0.27, 0.25, 270, 510)),),
    "T": (((0, 0), (0.62, 0)), ((0.31, 0), (0.31, 1))),
    "U": (((0, 0), (0, 0.66), Bow(0.3, 0.66, 0.3, 0.34, 180, 0), (0.6, 0)),),
    "V": (((0, 0), (0.33, 1), (0.66, 0)),),
    "W": (((0, 0), (0.22, 1), (0.45, 0.15), (0.68, 1), (0.9, 0)),),
    "X": (((0, 0), (0.6, 1)), ((0.6, 0), (0, 1))),
    "Y": (((0, 0), (0.31, 0.5), (0.62, 0)), ((0.31, 0.5), (0.31, 1))),
    "Z": (((0, 0), (0.56, 0), (0, 1), (0.56, 1)),),
    "Б": (((0.48, 0), (0, 0), (0, 1), (0.26, 1), Bow(0.26, 0.72, 0.28, 0.28, 90, -90), (0, 0.44)),),
    "Г": (((0.48, 0), (0, 0), (0, 1)),),
    "Д": (
        ((0, 1.14), (0, 0.98), (0.74, 0.98), (0.74, 1.14)),
        ((0.1, 0.98), (0.22, 0), (0.62, 0), (0.62, 0.98)),
    ),
    "Ж": (((0.45, 0), (0.45, 1)), ((0.03, 0), (0.44, 0.48), (0, 1)), ((0.87, 0), (0.46, 0.48), (0.9, 1))),
    "И": (((0, 0), (0, 1), (0.58, 0), (0.58, 1)),),
    "Й": (((0, 0.22), (0, 1), (0.58, 0.22), (0.58, 1)), (Bow(0.29, -0.02, 0.16, 0.12, 180, 0),)),
    "Л": (((0, 1), (0.2, 0), (0.58, 0), (0.58, 1)),),
    "П": (((0, 1), (0, 0), (0.58, 0), (0.58, 1)),),
    "Ф": (((0.38, 0), (0.38, 1)), (Bow(0.38, 0.46, 0.38, 0.3, -90, 270),)),
    "Ц": (((0, 0), (0, 1), (0.66, 1), (0.66, 1.16)), ((0.54, 0), (0.54, 1))),
    "Ч": (((0, 0), (0, 0.34), Bow(0.22, 0.34, 0.22, 0.22, 180, 90), (0.54, 0.56)), ((0.54, 0), (0.54, 1))),
    "Ш": (((0, 0), (0, 1), (0.8, 1), (0.8, 0)), ((0.4, 0), (0.4, 1))),
    "Щ": (((0, 0), (0, 1), (0.92, 1), (0.92, 1.16)), ((0.4, 0), (0.4, 1)), ((0.8, 0), (0.8, 1))),
    "Ъ": (((0, 0), (0.2, 0), (0.2, 1), (0.44, 1), Bow(0.44, 0.74, 0.26, 0.26, 90, -90), (0.2, 0.48)),),
    "Ы": (((0, 0), (0, 1), *_SOFT, (0, 0.48)), ((0.7, 0), (0.7, 1))),
    "Ь": (((0, 0), (0, 1), *_SOFT, (0, 0.48)),),
    "Э": ((Bow(0.28, 0.5, 0.36, 0.5, 222, 498),), ((0.26, 0.5), (0.64, 0.5))),
    "Ю": (((0, 0), (0, 1)), ((0, 0.5), (0.22, 0.5)), (Bow(0.54, 0.5, 0.32, 0.5, -90, 270),)),
    "Я": (
        ((0.54, 1), (0.54, 0), (0.26, 0), Bow(0.26, 0.27, 0.26, 0.27, 270, 90), (0.54, 0.54)),
        ((0.3, 0.54), (0, 1)),
    ),
}
"""З is left out: it is drawn as 3 is, so that only the neighbours could tell."""


def lines_of(glyph: str, cut: Cut) -> list[Floats]:
    """The glyph's centre lines as (N, 2) points of x and y, x from 0."""
    lines = [_line(stroke, cut) for stroke in STROKES[glyph]]
    if cut.serif:
        lines += [bar for line in lines for bar in _serifs(line, cut.serif)]
    return lines


def _line(stroke: Stroke, cut: Cut) -> Floats:
    points: list[Floats] = []
    for item in stroke:
        if isinstance(item, Bow):
            angles = np.radians(np.linspace(item.start, item.end, ARC_STEPS))
            x, y = (np.sign(v) * np.abs(v) ** (2 / cut.square) for v in (np.cos(angles), np.sin(angles)))
            points.append(np.stack([item.x + item.across * x, item.y + item.down * y], axis=1))
        else:
            points.append(np.array([item], np.float64))
    return np.concatenate(points) * (cut.width, 1.0)


def _serifs(line: Floats, half: float) -> list[Floats]:
    """A bar across each end that stands upright on the top or the foot line."""
    bars = []
    for end, before in ((line[0], line[1]), (line[-1], line[-2])):
        along = np.abs(end - before)
        if min(abs(end[1]), abs(end[1] - 1)) < 0.01 and along[1] > along[0]:
            bars.append(end + np.array([(-half, 0.0), (half, 0.0)]))
    return bars


def extent(glyph: str, cut: Cut) -> tuple[float, float]:
    """Least and greatest x of the centre lines."""
    points = np.concatenate(lines_of(glyph, cut))
    return float(points[:, 0].min()), float(points[:, 0].max())


def drawn(
    lines: list[Floats], matrix: Floats, thickness: float, shape: tuple[int, int]
) -> npt.NDArray[np.float32]:
    """Coverage 0..1 of a picture of (height, width) `shape` by strokes `thickness` pixels wide; `matrix`
    (2, 3) takes the alphabet's units to pixels."""
    height, width = shape
    fine = np.zeros((height * FINE, width * FINE), np.uint8)
    pen = max(1, round(thickness * FINE))
    for line in lines:
        pixels = line @ matrix[:, :2].T + matrix[:, 2]
        # The middle of pixel 0 is 0 in the picture and (FINE - 1) / 2 in the finer one.
        whole = np.rint(pixels * FINE + (FINE - 1) / 2).astype(int)
        for one, other in pairwise(whole.tolist()):
            cv2.line(fine, one, other, 255, pen)
    small = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small / np.float32(255), np.float32)
