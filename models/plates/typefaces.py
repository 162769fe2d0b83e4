"""The faces that simulated plates are struck in: those drawn as strokes (`pipelines.comparison.drawn_faces`),
and more
where font files are installed (`fonts`)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.plates import fonts
from pipelines.comparison.drawn_faces import FACES, Glyph, drawn_glyphs
from pipelines.glyphs import GLYPHS

FIELD_SCALE = 96
"""Samples per cap height of a distance field."""

FIELD_MARGIN = 0.45
"""Cap heights around a glyph's ink that a distance field covers."""

FROM_FONTS = 0.8
"""Share of markings in a face that is taken from a font file, where there are any; half are cut solid."""


def faces() -> tuple[str, ...]:
    """Every face that readers are trained on: those drawn and those whose font is installed."""
    return (*FACES, *_from(fonts.installed()))


def unseen_faces() -> tuple[str, ...]:
    """The faces kept back whose font is installed."""
    return _from(fonts.held_out())


def _from(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name + form for name in names for form in ("", fonts.CUT))


def random_face(rng: np.random.Generator) -> str:
    """One of `faces`."""
    drawn, others = list(FACES), list(_from(fonts.installed()))
    return str(rng.choice(others if others and rng.random() < FROM_FONTS else drawn))


def is_cut(face_name: str) -> bool:
    """Whether the face is cut solid: its strokes are as wide as its font has them."""
    return face_name.endswith(fonts.CUT)


def stroke_width(face_name: str) -> float | None:
    """Width of the strokes of a face that is cut solid, cap heights; None for a face drawn in lines."""
    return fonts.stroke_width(face_name.removesuffix(fonts.CUT)) if is_cut(face_name) else None


def letter_width(face_name: str) -> float:
    """Width of a plain letter between its centre lines, cap heights."""
    if face_name in FACES:
        return FACES[face_name].width
    return fonts.letter_width(face_name.removesuffix(fonts.CUT))


@lru_cache(maxsize=256)
def glyphs(face_name: str) -> dict[str, Glyph]:
    """The centre lines of every class of `pipelines.glyphs.GLYPHS` in one face. Raises KeyError for an
    unknown face."""
    if face_name not in FACES:
        plain = glyphs("gothic")
        font = face_name.removesuffix(fonts.CUT)
        return {glyph: fonts.strokes(font, glyph) or plain[glyph] for glyph in GLYPHS}
    return drawn_glyphs(face_name)


def extent(glyph: Glyph) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of the glyph's centre lines, cap heights."""
    points = np.concatenate(glyph)
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def dotted(glyph: Glyph, spacing: float) -> Glyph:
    """The glyph as a dot-peen head sets it: single points about `spacing` cap heights apart along each
    stroke."""
    dots = []
    for stroke in glyph:
        steps = np.hypot(*np.diff(stroke, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        places = np.linspace(0.0, along[-1], max(round(along[-1] / spacing), 1) + 1)
        x = np.interp(places, along, stroke[:, 0])
        y = np.interp(places, along, stroke[:, 1])
        dots += [np.array([[px, py], [px, py]]) for px, py in zip(x, y, strict=True)]
    return tuple(dots)


@lru_cache(maxsize=16384)
def distance_field(
    face_name: str, glyph: str, dot_spacing: float = 0.0
) -> tuple[npt.NDArray[np.float32], float, float]:
    """Distance to the nearest centre line, cap heights, sampled at `FIELD_SCALE` per cap height.

    Returns (field (H, W) float32, x, y): (x, y) is the place of the first sample in the glyph's own
    coordinates. `dot_spacing` > 0 asks for the dot-peened form. Of a face that is cut solid: 0 where its
    outline is half a plain stroke deep or more, so that a groove of `stroke_width` ends at the outline. About
    5 ms the first time, kept afterwards.
    """
    font = face_name.removesuffix(fonts.CUT)
    if is_cut(face_name) and dot_spacing <= 0:
        solid = fonts.solid(font, glyph, 1 / FIELD_SCALE, FIELD_MARGIN)
        if solid is not None:
            half = fonts.stroke_width(font) / 2
            return np.maximum(0, half - solid.depth, dtype=np.float32), solid.x, solid.y
    strokes = glyphs(face_name)[glyph]
    if dot_spacing > 0:
        strokes = dotted(strokes, dot_spacing)
    left, top, right, bottom = extent(strokes)
    x = np.arange(left - FIELD_MARGIN, right + FIELD_MARGIN, 1 / FIELD_SCALE, dtype=np.float32)
    y = np.arange(top - FIELD_MARGIN, bottom + FIELD_MARGIN, 1 / FIELD_SCALE, dtype=np.float32)[:, None]
    nearest = np.full((y.size, x.size), np.inf, dtype=np.float32)
    for stroke in strokes:
        for (ax, ay), (bx, by) in pairwise(stroke):
            dx, dy = bx - ax, by - ay
            length = max(dx * dx + dy * dy, 1e-12)
            share = np.clip(((x - ax) * dx + (y - ay) * dy) / length, 0.0, 1.0)
            nearest = np.minimum(nearest, (x - ax - share * dx) ** 2 + (y - ay - share * dy) ** 2)
    return np.sqrt(nearest).astype(np.float32), float(x[0]), float(y[0, 0])
