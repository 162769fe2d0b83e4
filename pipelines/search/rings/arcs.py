"""Lines struck round a circle: the ring unrolled, searched and read as any other view, and weighed against
the straight lines over the same place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from shapely import Polygon

from pipelines.search.first_search import REGION_MARGIN, TURNED, Searched, holds, least_support, region_quad
from pipelines.search.hypotheses import (
    SAME,
    Hypothesis,
    along,
    carried,
    chosen,
    located_bands,
    mirror_image,
    read_in_full,
    trimmed,
    weighed,
)
from pipelines.search.rings.bends import bent, refined
from pipelines.search.rings.circles import Circle, circles, distinct_circles
from pipelines.search.rings.unrolling import Unrolling, unrolling_of
from pipelines.search.second_search import LINE_HEIGHT, SECOND_HEIGHTS, longer, promising
from pipelines.search.sheets import Panel, Sheet, searched_forms, sheet
from pipelines.strip import grown, inverse, part, turned
from pipelines.types import Arc, Matrix, Quad, as_quad

LEAST_ARCS = 1.0
"""Support that the lines of a ring must have together: more than one straight line needs."""

BENT = 0.5
"""Heights of its band by which an arc's middle stands out over its ends, from which it is plainly bent."""

SLACK = 0.1
"""Support by which arcs, one of them plainly bent, may be short of the straight lines that they take the
place of: their boxes are right."""

GAIN = 0.5
"""Support that arcs which are nearly straight must bring more than these lines."""


@dataclass(frozen=True, eq=False)
class ArcLine:
    """A line of an unrolled ring; the quad of `read` is a band of the strip. `sheets`: the strip in each
    photograph, the one with most evidence first."""

    read: Hypothesis
    unrolling: Unrolling
    sheets: tuple[Sheet, ...]

    @property
    def outline(self) -> Polygon:
        return Polygon(self.unrolling.outline(self.read.quad))

    @property
    def bend(self) -> float:
        """Heights of the band by which its middle stands out over its ends."""
        arc = self.unrolling.arc(self.read.quad)
        half = np.radians(min(abs(arc.end - arc.start), 180.0)) / 2
        return float(np.mean(arc.radii) * (1 - np.cos(half)) / (arc.radii[1] - arc.radii[0]))


def arc_lines(
    panel: Panel,
    ranked: Sequence[Searched],
    to_reference: Mapping[int, Matrix],
    reference: Searched,
    most: int,
) -> list[ArcLine]:
    """Lines round the circles of the reference photograph, read in all photographs; searched in the first
    `most` of these. Nothing is read where it shows no circle."""
    lines: list[ArcLine] = []
    for circle in _circles(reference):
        ring = unrolling_of(circle)
        sheets = tuple(
            sheet(s.index, ring.sampled(s.photo.pixels, inverse(to_reference[s.index]))) for s in ranked
        )
        lines += [ArcLine(h, ring, sheets) for h in _lines(panel, ring, sheets, reference, most)]
    return lines


def _circles(searched: Searched) -> list[Circle]:
    """Circles that cores lie on, then those that lines of the first search are bent to."""
    bends = [bent(searched.photo.pixels, h.quad) for h in searched.found]
    candidates = [*circles(searched.cores), *(circle for circle in bends if circle is not None)]
    return [refined(circle, searched.photo.pixels) for circle in distinct_circles(candidates)]


def _lines(
    panel: Panel, ring: Unrolling, sheets: Sequence[Sheet], reference: Searched, most: int
) -> list[Hypothesis]:
    least = least_support(reference)
    best = sheets[:most]
    short_sides = [int(np.clip(min(ring.size) * h / LINE_HEIGHT, 64, 1280)) for h in SECOND_HEIGHTS]
    seen = [quad for page in best for quad in located_bands(searched_forms(panel, page), short_sides)]
    quads = [quad for quad in seen if _possible(quad, ring, reference)]
    # Feet towards the centre or away from it.
    screened = weighed(panel, best, [turned(quad, turn) for quad in quads for turn in (0, 2)])
    screened += weighed(panel, best, longer(panel, screened, least))
    sense = _sense(chosen(screened, least))
    likely = promising([_in_sense(h, sense) for h in screened], least)
    return chosen([trimmed(_in_sense(h, sense)) for h in read_in_full(panel, sheets, likely)], least)


def _sense(lines: Sequence[Hypothesis]) -> float:
    """1 where most evidence is for lines read clockwise, -1 for anticlockwise."""
    return float(np.sign(sum(h.support * np.sign(along(h.quad)[0]) for h in lines)))


def _in_sense(h: Hypothesis, sense: float) -> Hypothesis:
    """A line that stands on its head beside the others must bring more: it may be one of them upside down."""
    against = float(along(h.quad)[0]) * sense < 0
    return replace(h, support=h.support - TURNED) if against else h


def _possible(quad: Quad, ring: Unrolling, reference: Searched) -> bool:
    """Whether a band of the strip runs along it and has its middle in the region."""
    if abs(float(along(quad)[0])) < np.cos(np.radians(30)):
        return False
    if reference.region is None:
        return True
    height, width = reference.photo.pixels.shape[:2]
    limits = region_quad(reference.region, width, height, reference.photo.path)
    middle = ring.to_photo(np.asarray(quad, np.float64).mean(axis=0)[None])[0]
    return holds(grown(limits, REGION_MARGIN, REGION_MARGIN), middle)


def settled(
    straight: Sequence[Hypothesis], to_photo: Matrix, arcs: Sequence[ArcLine]
) -> tuple[list[Hypothesis], list[ArcLine]]:
    """The straight lines and the arcs that stay, arcs from the top of the reading down.

    The arcs of a ring take the place of the straight lines that they lie over where they have as much support
    as all of these; if not all of them together, then each that does so alone. `to_photo`: from the
    straight lines' pixels.
    """
    places = {i: Polygon(quad) for i, quad in enumerate(carried([h.quad for h in straight], to_photo))}
    kept: list[ArcLine] = []
    for ring in _rings(arcs):
        for together in (ring, *([arc] for arc in ring)):
            fresh = [arc for arc in together if not any(_over(arc, other) for other in kept)]
            under = [
                i for i, place in places.items() if any(_shared(arc.outline, place) >= SAME for arc in fresh)
            ]
            support = sum(arc.read.support for arc in fresh)
            more = -SLACK if any(arc.bend >= BENT for arc in fresh) else GAIN
            if support >= max(LEAST_ARCS, sum(straight[i].support for i in under) + more):
                kept += fresh
                places = {i: place for i, place in places.items() if i not in under}
    return [straight[i] for i in places], kept


def _rings(arcs: Sequence[ArcLine]) -> list[list[ArcLine]]:
    """The lines of each ring, the ring with most support first: from the outermost inwards where the feet of
    the characters point inwards, else from the innermost outwards."""
    rings: dict[Unrolling, list[ArcLine]] = {}
    for arc in arcs:
        rings.setdefault(arc.unrolling, []).append(arc)
    ordered = [sorted(ring, key=_depth) for ring in rings.values()]
    return sorted(ordered, key=lambda ring: -sum(arc.read.support for arc in ring))


def _depth(arc: ArcLine) -> float:
    middle = np.asarray(arc.read.quad).mean(axis=0)
    return float(middle[1] if along(arc.read.quad)[0] > 0 else -middle[1])


def _over(arc: ArcLine, other: ArcLine) -> bool:
    return _shared(arc.outline, other.outline) >= SAME


def _shared(outline: Polygon, other: Polygon) -> float:
    """Shared area over the smaller area; an outline that crosses itself counts without its loops."""
    first, second = (place if place.is_valid else place.buffer(0) for place in (outline, other))
    smaller = min(first.area, second.area)
    return float(first.intersection(second).area / smaller) if smaller > 0 else 0.0


def placed(arc: ArcLine, line: Hypothesis, from_photo: Matrix) -> Hypothesis:
    """A line of an unrolled ring, with its boxes and the least rectangle round them in the pixels that
    `from_photo` leads to."""
    band = arc.read.quad
    boxes = carried(arc.unrolling.quads_to_photo([part(band, *cell) for cell in line.line.cells]), from_photo)
    return replace(line, quad=_round(boxes), boxes=tuple(boxes), arc=arc.unrolling.arc(band))


def _round(boxes: Sequence[Quad]) -> Quad:
    """The least rectangle round the boxes, its corners along the reading from its top left, then below it:
    clockwise, or anticlockwise where it is read in a mirror as the boxes are."""
    points = np.asarray(boxes, np.float32).reshape(-1, 2)
    corners = cv2.boxPoints(cv2.minAreaRect(points)).astype(np.float64)
    x, y = (corners - corners.mean(axis=0)).T
    clockwise = as_quad(corners[np.argsort(np.arctan2(y, x), kind="stable")])
    reading = np.sum([along(box) for box in boxes], axis=0)
    outline = max(
        (turned(clockwise, turn) for turn in range(4)), key=lambda quad: float(along(quad) @ reading)
    )
    (ax, ay), (bx, by), _, (dx, dy) = boxes[0]
    in_mirror = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax) < 0
    return mirror_image(turned(outline, 2)) if in_mirror else outline


def mirrored(arc: Arc | None, mirror: Matrix) -> Arc | None:
    """An arc taken through a homography that mirrors or changes nothing."""
    if arc is None or np.linalg.det(mirror) > 0:
        return arc
    x, y, _ = mirror @ np.array([*arc.centre, 1.0])
    start, end = 180 - arc.start, 180 - arc.end
    whole = 360 * np.floor(min(start, end) / 360)
    return Arc((float(x), float(y)), arc.radii, float(start - whole), float(end - whole))
