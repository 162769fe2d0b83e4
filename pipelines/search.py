"""Finding the lines: each photograph searched on its own, then the framed marking searched again upright.

The first search finds where and in which direction a marking lies; the second looks at it upright, at a known
scale, in all photographs of the series at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.errors import RegionError
from pipelines.hypotheses import (
    WORTH,
    Hypothesis,
    along,
    bands,
    carried,
    chosen,
    directions,
    distinct,
    frame_round,
    heats,
    joined_bands,
    main_direction,
    weighed,
)
from pipelines.locators.general import Core, cores_in
from pipelines.photo import upright_matrix
from pipelines.sheets import Panel, Sheet, sheet
from pipelines.strip import cut, inverse, moved, overlap, part, sides, strip_to_photo
from pipelines.types import Matrix, Photo, Quad, as_quad

Region = tuple[float, float, float, float]
"""x0, y0, x1, y1 in stored pixels."""

FIRST_SIDES = (480, 736)
"""Shorter sides in pixels at which a photograph or region is searched first."""

VIEW_PIXELS = 4_000_000
"""Pixels of a search view at most; finer detail is not needed to find or read a line."""

LINE_HEIGHT = 56
"""Pixels: the height of a typical line in the view of the framed marking."""

SECOND_HEIGHTS = (36, 64)
"""Pixels: heights to which that line is scaled for the second search."""

REGION_MARGIN = 0.1
"""A region is searched with this share of its shorter side round it; lines have their centre inside."""

FRAME_MARGIN = 1.5
"""Line heights round the lines of the first search that are searched again."""

LEAST_SUPPORT = 0.5
LEAST_SUPPORT_IN_REGION = 0.4
"""Support below which there is no line; lower where a person says that there is a marking."""

TURNED = 1.0
"""Support that a direction other than that in which the camera was held must bring more: two sure
characters."""

SMALL_SIDE = 160
"""Pixels: a picture with a shorter side below this, or a lone narrow one, may be a line from edge to edge."""

EXTENSION = 2.5
"""Line heights by which a line is made longer, to see whether more characters stand there."""

ENOUGH = 3.0
"""Support from which a photograph is not searched again turned by a quarter."""

FEW = 3
"""Fewer sure characters than these may be chance."""

SURE = 0.85
"""Mean probability of the characters from which fewer of them are enough as well."""

ROWS = ((0.92, 1), (0.7, 3), (0.5, 4))
"""Heights of rows tried in a marked region, as shares of its height, and in how many places."""

MOST_ROWS = 3
"""Rows of a region that are read further."""

MOST_CANDIDATES = 12
"""Bands read in full."""


@dataclass(frozen=True, eq=False)
class Searched:
    """What the first search found in one photograph, in its stored pixels.

    `direction`: unit vector of the known or found reading direction, None without evidence. `cores`: of lines
    of any shape.
    """

    index: int
    photo: Photo
    region: Region | None
    found: tuple[Hypothesis, ...]
    direction: npt.NDArray[np.float64] | None
    cores: tuple[Core, ...] = ()

    @property
    def support(self) -> float:
        return sum(h.support for h in self.found)


@dataclass(frozen=True, eq=False)
class Framed:
    """The marking upright in one view of the reference photograph. `view`: the view's quad there."""

    view: Quad
    size: tuple[int, int]

    @property
    def to_photo(self) -> Matrix:
        return strip_to_photo(self.view, *self.size)


def least_support(searched: Searched) -> float:
    return LEAST_SUPPORT if searched.region is None else LEAST_SUPPORT_IN_REGION


def search(
    panel: Panel, index: int, photo: Photo, region: Region | None, rotate_cw: float | None
) -> Searched:
    """The lines of one photograph by a first, quick reading. Raises RegionError for an impossible region."""
    height, width = photo.pixels.shape[:2]
    inside = whole(width, height) if region is None else region_quad(region, width, height, photo.path)
    known = None if rotate_cw is None else reading_direction(rotate_cw)
    margin = 0.0 if region is None else REGION_MARGIN
    held = held_direction(photo)
    least = LEAST_SUPPORT if region is None else LEAST_SUPPORT_IN_REGION
    weighted: list[Hypothesis] = []
    cores: list[Core] = []
    for right in [known] if known is not None else [held, np.array([-held[1], held[0]])]:
        more, bent = _weighted(panel, index, photo, inside, _view(inside, right, margin), known is not None)
        weighted += more
        cores += bent
        if _clear(chosen(weighted, least)):
            break
    weighted = [
        h
        if known is not None
        else replace(h, support=h.support - (TURNED if along(h.quad) @ held < np.sqrt(0.5) else 0))
        for h in weighted
    ]
    found = tuple(chosen(weighted, least))
    direction = known if known is not None else main_direction(found)
    return Searched(index, photo, region, found, direction, tuple(cores))


def _clear(lines: Sequence[Hypothesis]) -> bool:
    """Whether these lines leave little doubt about the direction: much support, or all of it sure."""
    total, characters = sum(h.support for h in lines), sum(len(h.line.string) for h in lines)
    return total >= ENOUGH or (characters >= FEW and total >= (SURE - WORTH) * characters)


def _weighted(
    panel: Panel, index: int, photo: Photo, inside: Quad, view: Quad, upright: bool
) -> tuple[list[Hypothesis], list[Core]]:
    """The bands of one view, in stored pixels, read quickly, and the cores of its lines; bands in the view's
    own direction only where it is known to be `upright`."""
    size = _size(view, None)
    to_photo = strip_to_photo(view, *size)
    page = sheet(index, cut(photo.pixels, view, size[1], size[0])[0])
    inside_view = carried([inside], inverse(to_photo))[0]
    seen = heats(page, FIRST_SIDES)
    quads = [quad for quad in joined_bands(seen) if _within(quad, inside_view)]
    if not quads or min(size) < SMALL_SIDE:
        quads.append(inside_view)
    known = np.array([1.0, 0.0]) if upright else None
    weighted = weighed(panel, [page], [d for quad in quads for d in directions(quad, known)])
    in_photo = carried([h.quad for h in weighted], to_photo)
    enlarged = float(np.sqrt(np.linalg.det(to_photo[:2, :2])))
    cores = [
        Core(moved(core.points, to_photo), core.thickness * enlarged)
        for heat in seen
        for core in cores_in(heat)
        if holds(inside_view, core.points.mean(axis=0))
    ]
    return [replace(h, quad=quad) for h, quad in zip(weighted, in_photo, strict=True)], cores


def frame(
    reference: Searched, found: Sequence[Hypothesis], direction: npt.NDArray[np.float64]
) -> Framed | None:
    """The view that holds the marking upright: round the region if one is given, else round what was
    found."""
    aligned = [h.quad for h in found if along(h.quad) @ direction > 0.5]
    heights = [sides(quad)[1] for quad in aligned]
    if reference.region is not None:
        height, width = reference.photo.pixels.shape[:2]
        inside = region_quad(reference.region, width, height, reference.photo.path)
        view = _view(inside, direction, REGION_MARGIN)
    elif aligned:
        view = _longer(frame_round(aligned, direction, FRAME_MARGIN))
    else:
        return None
    scale = LINE_HEIGHT / float(np.median(heights)) if heights else 1.0
    return Framed(view, _size(view, scale))


def candidates(
    sheets: Sequence[Sheet], found: Sequence[Hypothesis], framed: Framed, reference: Searched
) -> list[Quad]:
    """Bands in the view: those of the first search and those that a second one finds upright."""
    to_view = inverse(framed.to_photo)
    earlier = carried([h.quad for h in found], to_view)
    shorter = min(framed.size)
    short_sides = sorted({int(np.clip(shorter * h / LINE_HEIGHT, 64, 1280)) for h in SECOND_HEIGHTS})
    rightwards = np.array([1.0, 0.0])
    second = [directions(quad, rightwards)[0] for page in sheets for quad in bands(page, short_sides)]
    quads = distinct([*earlier, *(quad for quad in second if along(quad)[0] > 0.7)])
    if reference.region is not None:
        height, width = reference.photo.pixels.shape[:2]
        inside = region_quad(reference.region, width, height, reference.photo.path)
        limits = carried([inside], to_view)[0]
        quads = [quad for quad in quads if _within(quad, limits)]
    return quads


def rows(panel: Panel, sheets: Sequence[Sheet], framed: Framed, reference: Searched) -> list[Quad]:
    """The likeliest rows of a marked region by the evidence of our own reader alone: a locator trained on
    intact lines passes over etched ones. Empty where no region is marked or that reader is not there."""
    if reference.region is None or panel.together is None:
        return []
    height, width = reference.photo.pixels.shape[:2]
    inside = region_quad(reference.region, width, height, reference.photo.path)
    limits = carried([inside], inverse(framed.to_photo))[0]
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


def longer(screened: Sequence[Hypothesis], least: float) -> list[Quad]:
    """The likely lines made longer at the left, at the right and at both ends: where light or wear took an
    end, the locator stops short of it."""
    quads = []
    for h in chosen(screened, least):
        length, height = sides(h.quad)
        more = EXTENSION * height / max(length, 1e-9)
        quads += [part(h.quad, -more, 1.0), part(h.quad, 0.0, 1 + more), part(h.quad, -more, 1 + more)]
    return quads


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


def whole(width: int, height: int) -> Quad:
    return as_quad([(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5), (-0.5, height - 0.5)])


def region_quad(region: Region, width: int, height: int, path: str) -> Quad:
    """The region's corners, cut to the photograph. Raises RegionError where nothing is left."""
    x0, y0, x1, y1 = region
    clipped = (max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1))
    if not (np.isfinite(region).all() and clipped[2] - clipped[0] >= 4 and clipped[3] - clipped[1] >= 4):
        raise RegionError(
            f"{path}: region {x0:g},{y0:g},{x1:g},{y1:g} holds no part of the photograph of {width}×{height} "
            "pixels; expected X0,Y0,X1,Y1 in stored pixels with X0 < X1 and Y0 < Y1"
        )
    x0, y0, x1, y1 = clipped
    return as_quad([(x0 - 0.5, y0 - 0.5), (x1 - 0.5, y0 - 0.5), (x1 - 0.5, y1 - 0.5), (x0 - 0.5, y1 - 0.5)])


def reading_direction(rotate_cw: float) -> npt.NDArray[np.float64]:
    """Unit vector in stored pixels that a turn by `rotate_cw` degrees clockwise brings to point right."""
    angle = np.radians(-rotate_cw)
    return np.round(np.array([np.cos(angle), np.sin(angle)]), 12)


def _view(inside: Quad, direction: npt.NDArray[np.float64] | None, margin: float) -> Quad:
    right = np.array([1.0, 0.0]) if direction is None else direction
    view = frame_round([inside], right, 0.0)
    reach = margin * min(sides(view)) / max(sides(view)[1], 1e-9)
    return frame_round([view], right, reach) if margin else view


def _size(view: Quad, scale: float | None) -> tuple[int, int]:
    """Width and height in pixels of a view at `scale` (at most doubled), within VIEW_PIXELS."""
    width, height = sides(view)
    factor = min(1.0 if scale is None else min(scale, 2.0), np.sqrt(VIEW_PIXELS / max(width * height, 1.0)))
    return max(8, round(width * factor)), max(8, round(height * factor))


def held_direction(photo: Photo) -> npt.NDArray[np.float64]:
    """Unit vector in stored pixels of what points right when the photograph is shown upright."""
    ends = moved([(0.0, 0.0), (1.0, 0.0)], inverse(upright_matrix(photo)))
    vector = ends[1] - ends[0]
    return np.asarray(vector / np.linalg.norm(vector), np.float64)


def _within(quad: Quad, limits: Quad) -> bool:
    return holds(limits, np.asarray(quad, np.float64).mean(axis=0))


def holds(limits: Quad, point: npt.NDArray[np.float64]) -> bool:
    """Whether a point lies in a quad or on its edge."""
    return (
        cv2.pointPolygonTest(np.asarray(limits, np.float32), (float(point[0]), float(point[1])), False) >= 0
    )
