"""The second search: the framed marking looked at upright, at a known scale, in all photographs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.search.first_search import (
    REGION_MARGIN,
    Searched,
    is_clear,
    own_bands,
    region_quad,
    size_of,
    view_of,
    within,
)
from pipelines.search.hypotheses import (
    Hypothesis,
    along,
    carried,
    chosen,
    directions,
    distinct,
    frame_round,
    is_mirrored,
    located_bands,
    mirror_image,
    weighed,
)
from pipelines.search.sheets import Panel, Sheet
from pipelines.strip import grown, inverse, overlap, part, sides, strip_to_photo, turned
from pipelines.types import Matrix, Quad, as_quad

LINE_HEIGHT = 56
"""Pixels: the height of a typical line in the view of the framed marking."""

SECOND_HEIGHTS = (36, 64)
"""Pixels: heights to which that line is scaled for the second search."""

SEARCHED_AGAIN = 2
"""Photographs of a series that the general locator searches again."""

OWN_HEIGHTS = (18, 30)
"""Pixels: heights to which that line is scaled for our own locator."""

BAND_MARGIN = 1.0
"""Heights of the view round a band that a person drew which are shown beside it: strips are cut wider than
their row."""

FRAME_MARGIN = 1.5
"""Line heights round the lines of the first search that are searched again."""

EXTENSION = 2.5
"""Line heights by which a line is made longer, to see whether more characters stand there."""

ROWS = ((0.92, 1), (0.7, 3), (0.5, 4))
"""Heights of rows tried in a marked region, as shares of its height, and in how many places."""

MOST_ROWS = 3
"""Rows of a region that are read further."""

TIGHTER = (0.82, 0.68, 0.56)
"""Shares of a band's height that are tried."""

MOST_CANDIDATES = 12
"""Bands read in full."""


@dataclass(frozen=True, eq=False)
class Framed:
    """The marking upright in one view of the reference photograph. `view`: the view's quad there."""

    view: Quad
    size: tuple[int, int]

    @property
    def to_photo(self) -> Matrix:
        return strip_to_photo(self.view, *self.size)


def frame(
    reference: Searched, first: Sequence[Hypothesis], direction: npt.NDArray[np.float64]
) -> Framed | None:
    """The view that holds the marking upright: round the band or region if one is given, else round what was
    found."""
    if reference.band is not None:
        band = reference.band.quad
        view = grown(frame_round([band], direction, 0.0), BAND_MARGIN, BAND_MARGIN)
        return Framed(view, size_of(view, LINE_HEIGHT / max(sides(band)[1], 1e-9)))
    aligned = [h.quad for h in first if along(h.quad) @ direction > 0.5]
    heights = [sides(quad)[1] for quad in aligned]
    if reference.region is not None:
        height, width = reference.photo.pixels.shape[:2]
        inside = region_quad(reference.region, width, height, reference.photo.path)
        view = view_of(inside, direction, REGION_MARGIN)
    elif aligned:
        view = _longer(frame_round(aligned, direction, FRAME_MARGIN))
    else:
        return None
    scale = LINE_HEIGHT / float(np.median(heights)) if heights else 1.0
    return Framed(view, size_of(view, scale))


def candidates(
    panel: Panel, sheets: Sequence[Sheet], first: Sequence[Hypothesis], framed: Framed, reference: Searched
) -> list[Quad]:
    """Bands in the view: those of the first search and those that a second one finds upright, in the first
    SEARCHED_AGAIN sheets and, with our own reader, by our own locator in all together. Where that reader is
    alone and the first search left little doubt, the general locator looks at one sheet once."""
    to_view = inverse(framed.to_photo)
    earlier = carried([h.quad for h in first], to_view)
    shorter = min(framed.size)
    short_sides = sorted({int(np.clip(shorter * h / LINE_HEIGHT, 64, 1280)) for h in SECOND_HEIGHTS})
    rightwards = np.array([1.0, 0.0])
    if panel.lead is None and is_clear(first):
        second = located_bands([sheets[0].levelled], short_sides[:1])
    else:
        second = [quad for page in sheets[:SEARCHED_AGAIN] for quad in located_bands(page.forms, short_sides)]
    if panel.together is not None:
        own_sides = sorted({int(np.clip(shorter * h / LINE_HEIGHT, 48, 640)) for h in OWN_HEIGHTS})
        second += own_bands(sheets, own_sides)
    upright = [directions(quad, rightwards)[0] for quad in second]
    quads = distinct([*earlier, *(quad for quad in upright if along(quad)[0] > 0.7)])
    if reference.region is not None:
        limits = region_in_view(reference, framed)
        quads = [quad for quad in quads if within(quad, limits)]
    return quads


def region_in_view(reference: Searched, framed: Framed) -> Quad:
    """The marked region in the pixels of the view, its corners in the view's reading direction: the stored
    photograph may lie on its side or on its head. Raises ValueError where none is marked."""
    if reference.region is None:
        raise ValueError(f"{reference.photo.path}: no region is marked")
    height, width = reference.photo.pixels.shape[:2]
    inside = region_quad(reference.region, width, height, reference.photo.path)
    (quad,) = carried([inside], inverse(framed.to_photo))
    quad = mirror_image(quad) if is_mirrored(quad) else quad
    return max((turned(quad, quarters) for quarters in range(4)), key=lambda held: float(along(held)[0]))


def rows(panel: Panel, sheets: Sequence[Sheet], framed: Framed, reference: Searched) -> list[Quad]:
    """The likeliest rows of a marked region by the evidence of our own reader alone: a locator trained on
    intact lines passes over etched ones. Empty where no region is marked or that reader is not there."""
    if reference.region is None or panel.together is None:
        return []
    limits = region_in_view(reference, framed)
    tried = []
    for share, places in ROWS:
        for place in range(places):
            top = (1 - share) * (place / (places - 1) if places > 1 else 0.5)
            tried.append(_across(limits, top, top + share))
    weighted = weighed(Panel(None, panel.together), sheets, tried)
    best = sorted(weighted, key=lambda h: -h.support)[:MOST_ROWS]
    return [h.quad for h in best if h.support > 0]


def _across(quad: Quad, top: float, bottom: float) -> Quad:
    """The part of a band between two fractions of its height."""
    a, b, c, d = np.asarray(quad)
    return as_quad([a + (d - a) * top, b + (c - b) * top, b + (c - b) * bottom, a + (d - a) * bottom])


def longer(panel: Panel, screened: Sequence[Hypothesis], least: float) -> list[Quad]:
    """The likely lines made longer at the left, at the right and at both ends (where our own reader is alone,
    at both ends only): where light or wear took an end, the locator stops short of it."""
    quads = []
    for h in chosen(screened, least):
        length, height = sides(h.quad)
        more = EXTENSION * height / max(length, 1e-9)
        if panel.lead is not None:
            quads += [part(h.quad, -more, 1.0), part(h.quad, 0.0, 1 + more)]
        quads.append(part(h.quad, -more, 1 + more))
    return quads


def tighter(screened: Sequence[Hypothesis], least: float) -> list[Quad]:
    """The likely lines less high: a locator's band is higher than its characters, by more where the row is
    uneven, and what is read best is a strip that they fill."""
    return [grown(h.quad, 0.0, -(1 - share) / 2) for h in chosen(screened, least) for share in TIGHTER]


def promising(screened: Sequence[Hypothesis], least: float) -> list[Quad]:
    """Bands worth reading in full: well supported, at most one better one over the same place."""
    kept: list[Hypothesis] = []
    for candidate in sorted(screened, key=lambda h: -h.support):
        if candidate.support < least / 2 or len(kept) == MOST_CANDIDATES:
            break
        if sum(overlap(candidate.quad, other.quad) > 0.35 for other in kept) < 2:
            kept.append(candidate)
    return [h.quad for h in kept]


def _longer(view: Quad) -> Quad:
    """The view with a quarter of its length more at either end: glare takes the ends of lines first."""
    return part(view, -0.25, 1.25)
