"""Typefaces drawn as strokes: every glyph class in four faces of marking tools.

A glyph is a tuple of polylines in cap heights: x right from the glyph's left side, y down, the cap line at 0
and the base line at 1. Й reaches above the cap line, Ц and Щ below the base line. The bowls are
superellipses, so that one drawing serves the round hand stamp and the squarish engraving stencil; what
differs in construction from face to face (1, 3, 4, 6, 7, 9, 0, I, J) is drawn apart. The simulated plates are
struck with them, and a doubtful character may be laid beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pipelines.glyphs import GLYPHS

Polyline = npt.NDArray[np.float64]
"""(N, 2) points (x, y) in cap heights."""

Glyph = tuple[Polyline, ...]

CHAMFERED = 0.0
"""The roundness that stands for bowls with cut corners."""


@dataclass(frozen=True)
class Face:
    """How a face is built.

    `width` of a plain letter in cap heights; `roundness` the exponent of the superellipse of its bowls (2 is
    an ellipse, larger is squarer, `CHAMFERED` an octagon); `waist` the height of the middle bars from the cap
    line; `plain` draws the constructions of a stencil (flat 3, open 4, straight 6 and 9), `serif` puts bars
    on 1, I and J, `slashed` a stroke through the nought.
    """

    name: str
    width: float
    roundness: float
    waist: float
    plain: bool
    serif: bool
    slashed: bool


FACES = {
    face.name: face
    for face in (
        Face("gothic", 0.58, 2.0, 0.48, plain=False, serif=False, slashed=False),
        Face("narrow", 0.44, 3.2, 0.50, plain=True, serif=False, slashed=False),
        Face("typewriter", 0.64, 2.3, 0.46, plain=False, serif=True, slashed=False),
        Face("chamfered", 0.54, CHAMFERED, 0.50, plain=True, serif=True, slashed=True),
    )
}


def line(*points: tuple[float, float]) -> Polyline:
    """A polyline through the points."""
    return np.array(points, dtype=np.float64)


def arc(
    centre: tuple[float, float], radii: tuple[float, float], start: float, stop: float, roundness: float = 2.0
) -> Polyline:
    """Part of a superellipse or, where `roundness` is `CHAMFERED`, of an octagon; angles in degrees, 0 to the
    right, 90 down, so growing angles run clockwise."""
    count = max(int(abs(stop - start) / 9), 2) + 1
    angle = np.radians(np.linspace(start, stop, count))
    cosine, sine = np.cos(angle), np.sin(angle)
    if roundness == CHAMFERED:
        reach = np.minimum(1 / np.maximum(abs(cosine), abs(sine)), 1.5 / (abs(cosine) + abs(sine)))
        return np.stack([centre[0] + radii[0] * reach * cosine, centre[1] + radii[1] * reach * sine], axis=1)
    power = 2.0 / roundness
    x = centre[0] + radii[0] * np.sign(cosine) * np.abs(cosine) ** power
    y = centre[1] + radii[1] * np.sign(sine) * np.abs(sine) ** power
    return np.stack([x, y], axis=1)


def _mirrored(strokes: Sequence[Polyline], width: float) -> list[Polyline]:
    return [np.stack([width - stroke[:, 0], stroke[:, 1]], axis=1) for stroke in strokes]


def _half_turned(strokes: Sequence[Polyline], width: float) -> list[Polyline]:
    return [np.stack([width - stroke[:, 0], 1.0 - stroke[:, 1]], axis=1) for stroke in strokes]


def _bowl(left: float, right: float, top: float, bottom: float, roundness: float) -> list[Polyline]:
    """The right-hand bowl of B, P, D, Ь: two bars and the curve that joins them."""
    shoulder = left + 0.45 * (right - left)
    middle, half = (top + bottom) / 2, (bottom - top) / 2
    return [
        line((left, top), (shoulder, top)),
        arc((shoulder, middle), (right - shoulder, half), 270, 450, roundness),
        line((shoulder, bottom), (left, bottom)),
    ]


def _digits(face: Face) -> dict[str, list[Polyline]]:
    w, n, m = face.width * 0.94, face.roundness, face.waist
    c, r = w / 2, w / 2
    # A nought is narrower than the letter O in every face: it is what tells them apart on metal.
    zero = [arc((c, 0.5), (0.44 * w, 0.5), 0, 360, n)]
    if face.slashed:
        zero.append(line((0.14 * w, 0.86), (0.86 * w, 0.14)))
    one = [line((0.2 * w, 0.22), (0.55 * w, 0.0), (0.55 * w, 1.0))]
    if face.serif:
        one.append(line((0.15 * w, 1.0), (0.95 * w, 1.0)))
    two = [
        arc((c, 0.29), (r, 0.29), 185, 395, n),
        line(tuple(arc((c, 0.29), (r, 0.29), 185, 395, n)[-1]), (0.0, 1.0), (w, 1.0)),
    ]
    if face.plain:
        three = [
            line((0.0, 0.0), (w, 0.0), (0.42 * w, 0.42)),
            arc((0.42 * w, 0.71), (0.55 * w, 0.29), 270, 505, n),
        ]
        four = [line((0.38 * w, 0.0), (0.0, 0.68), (w, 0.68)), line((0.7 * w, 0.4), (0.7 * w, 1.0))]
        six = [
            line((0.68 * w, 0.0), (0.06 * w, 0.56)),
            arc((c, 0.69), (r, 0.31), 0, 360, n),
        ]
        seven = [line((0.0, 0.0), (w, 0.0), (0.3 * w, 1.0))]
    else:
        three = [
            arc((c, m / 2), (0.9 * r, m / 2), 205, 450, n),
            arc((c, (1 + m) / 2), (r, (1 - m) / 2), 270, 515, n),
        ]
        four = [line((0.74 * w, 1.0), (0.74 * w, 0.0), (0.0, 0.72), (w, 0.72))]
        six = [arc((1.02 * w, 0.69), (1.02 * w, 0.69), 180, 258), arc((c, 0.69), (r, 0.31), 0, 360, n)]
        seven = [line((0.0, 0.0), (w, 0.0)), arc((1.3 * w, 1.0), (0.98 * w, 1.0), 180, 252)]
        seven.append(line(tuple(seven[1][-1]), (w, 0.0)))
    five = [line((0.93 * w, 0.0), (0.12 * w, 0.0), (0.06 * w, 0.47)), arc((c, 0.68), (r, 0.32), 217, 505, n)]
    eight = [
        arc((c, m / 2), (0.43 * w, m / 2), 0, 360, n),
        arc((c, (1 + m) / 2), (r, (1 - m) / 2), 0, 360, n),
    ]
    nine = _half_turned(six, w)
    return dict(zip("0123456789", (zero, one, two, three, four, five, six, seven, eight, nine), strict=True))


def _latin(face: Face) -> dict[str, list[Polyline]]:
    w, n, m = face.width, face.roundness, face.waist
    c, r = w / 2, w / 2
    spine = line((0, 0), (0, 1))
    upper_bowl = _bowl(0, 0.96 * w, 0, m + 0.05, n)
    letter_i = [line((0.15 * w, 0), (0.15 * w, 1))]
    letter_j = [line((0.88 * w, 0), (0.88 * w, 0.7)), arc((0.46 * w, 0.7), (0.42 * w, 0.3), 0, 165, n)]
    if face.serif:
        letter_i = [
            line((0.4 * w, 0), (0.4 * w, 1)),
            line((0.05 * w, 0), (0.75 * w, 0)),
            line((0.05 * w, 1), (0.75 * w, 1)),
        ]
        letter_j.append(line((0.5 * w, 0), (0.88 * w, 0)))
    round_o = [arc((0.57 * w, 0.5), (0.57 * w, 0.5), 0, 360, n)]
    return {
        "A": [line((0, 1), (c, 0), (w, 1)), line((0.17 * w, 0.66), (0.83 * w, 0.66))],
        "B": [spine, *_bowl(0, 0.9 * w, 0, m, n), *_bowl(0, w, m, 1, n)],
        "C": [arc((0.53 * w, 0.5), (0.53 * w, 0.5), 48, 312, n)],
        "D": [spine, *_bowl(0, w, 0, 1, n)],
        "E": [line((0.92 * w, 0), (0, 0), (0, 1), (0.95 * w, 1)), line((0, m), (0.8 * w, m))],
        "F": [line((0.92 * w, 0), (0, 0), (0, 1)), line((0, m + 0.02), (0.78 * w, m + 0.02))],
        "G": [
            arc((0.53 * w, 0.5), (0.53 * w, 0.5), 0, 312, n),
            line((0.58 * w, 0.54), (1.06 * w, 0.54), (1.06 * w, 0.5)),
        ],
        "H": [spine, line((w, 0), (w, 1)), line((0, m), (w, m))],
        "I": letter_i,
        "J": letter_j,
        "K": [spine, line((0.95 * w, 0), (0, 0.6)), line((0.32 * w, 0.4), (w, 1))],
        "L": [line((0, 0), (0, 1), (0.92 * w, 1))],
        "M": [line((0, 1), (0, 0), (0.6 * w, 0.68), (1.2 * w, 0), (1.2 * w, 1))],
        "N": [line((0, 1), (0, 0), (w, 1), (w, 0))],
        "O": round_o,
        "P": [spine, *upper_bowl],
        "Q": [*round_o, line((0.66 * w, 0.72), (1.14 * w, 1.03))],
        "R": [spine, *upper_bowl, line((0.42 * w, m + 0.05), (w, 1))],
        "S": [
            arc((c, m / 2), (0.46 * w, m / 2), 332, 90, n),
            arc((c, (1 + m) / 2), (r, (1 - m) / 2), 270, 512, n),
        ],
        "T": [line((0, 0), (w, 0)), line((c, 0), (c, 1))],
        "U": [line((0, 0), (0, 0.66)), arc((c, 0.66), (r, 0.34), 180, 0, n), line((w, 0.66), (w, 0))],
        "V": [line((0, 0), (c, 1), (w, 0))],
        "W": [line((0, 0), (0.33 * w, 1), (0.67 * w, 0.12), (1.01 * w, 1), (1.34 * w, 0))],
        "X": [line((0, 0), (w, 1)), line((w, 0), (0, 1))],
        "Y": [line((0, 0), (c, 0.5), (w, 0)), line((c, 0.5), (c, 1))],
        "Z": [line((0, 0), (w, 0), (0, 1), (w, 1))],
    }


def _separators(face: Face) -> dict[str, list[Polyline]]:
    w = face.width
    return {
        "-": [line((0.1 * w, 0.52), (0.8 * w, 0.52))],
        ".": [line((0.1 * w, 0.96), (0.16 * w, 0.96))],
        "/": [line((0.05 * w, 1.0), (0.8 * w, 0.0))],
    }


def _cyrillic(face: Face, latin: dict[str, list[Polyline]]) -> dict[str, list[Polyline]]:
    w, n, m = face.width, face.roundness, face.waist
    c, r = w / 2, w / 2
    spine = line((0, 0), (0, 1))
    soft = _bowl(0, w, m, 1, n)
    backward_n = [line((0, 0), (0, 1), (w, 0), (w, 1))]
    three_bars = [line((0, 0), (0, 1), (1.25 * w, 1), (1.25 * w, 0)), line((0.625 * w, 0), (0.625 * w, 1))]
    ring = [arc((1.0 * w, 0.5), (0.44 * w, 0.5), 0, 360, n)]
    return {
        "Б": [spine, line((0, 0), (0.9 * w, 0)), *soft],
        "Г": [line((0.9 * w, 0), (0, 0), (0, 1))],
        "Д": [
            line((0, 1.08), (0, 0.88), (1.08 * w, 0.88), (1.08 * w, 1.08)),
            line((0.16 * w, 0.88), (0.34 * w, 0), (0.9 * w, 0), (0.9 * w, 0.88)),
        ],
        "Ж": [
            line((0, 0), (0.65 * w, 0.5), (1.3 * w, 0)),
            line((0, 1), (0.65 * w, 0.5), (1.3 * w, 1)),
            line((0.65 * w, 0), (0.65 * w, 1)),
        ],
        # З is drawn with its tongue and open arms, so that it stays apart from a round 3.
        "З": [
            arc((0.48 * w, m / 2), (0.5 * w, m / 2), 190, 450, n),
            arc((0.48 * w, (1 + m) / 2), (0.56 * w, (1 - m) / 2), 270, 530, n),
            line((0.12 * w, m), (0.5 * w, m)),
        ],
        "И": backward_n,
        "Й": [*backward_n, arc((c, -0.27), (0.24 * w, 0.13), 180, 0)],
        "Л": [line((0, 1), (0.14 * w, 0.9), (0.3 * w, 0), (w, 0), (w, 1))],
        "П": [line((0, 1), (0, 0), (w, 0), (w, 1))],
        "Ф": [arc((0.6 * w, 0.44), (0.6 * w, 0.29), 0, 360, n), line((0.6 * w, 0), (0.6 * w, 1))],
        "Ц": [line((0, 0), (0, 1), (1.08 * w, 1), (1.08 * w, 1.15)), line((0.9 * w, 0), (0.9 * w, 1))],
        "Ч": [
            line((0, 0), (0, 0.34)),
            arc((c, 0.34), (r, 0.22), 180, 90, n),
            line((c, 0.56), (w, 0.52)),
            line((w, 0), (w, 1)),
        ],
        "Ш": three_bars,
        "Щ": [*three_bars, line((1.25 * w, 1), (1.4 * w, 1), (1.4 * w, 1.15))],
        "Ъ": [line((0, 0), (0.3 * w, 0), (0.3 * w, 1)), *_bowl(0.3 * w, 1.15 * w, m, 1, n)],
        "Ы": [spine, *_bowl(0, 0.85 * w, m, 1, n), line((1.2 * w, 0), (1.2 * w, 1))],
        "Ь": [spine, *soft],
        "Э": [arc((0.47 * w, 0.5), (0.53 * w, 0.5), 228, 492, n), line((0.4 * w, 0.5), (w, 0.5))],
        "Ю": [spine, line((0, 0.5), (0.56 * w, 0.5)), *ring],
        "Я": _mirrored(latin["R"], w),
    }


@lru_cache(maxsize=16)
def drawn_glyphs(face_name: str) -> dict[str, Glyph]:
    """The centre lines of every class of `pipelines.glyphs.GLYPHS` in one of FACES. Raises KeyError for
    another face."""
    face = FACES[face_name]
    latin = _latin(face)
    drawn = {**_digits(face), **latin, **_separators(face), **_cyrillic(face, latin)}
    return {glyph: tuple(drawn[glyph]) for glyph in GLYPHS}
