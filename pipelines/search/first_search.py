"""The first search: where and in which direction a marking lies, photograph by photograph, read quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.errors import RegionError
from pipelines.photographs.photo import upright_matrix
from pipelines.search.hypotheses import (
    WORTH,
    Hypothesis,
    along,
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
from pipelines.search.locators.general import Core, cores_in
from pipelines.search.locators.rows import heat_of_rows
from pipelines.search.sheets import Panel, Sheet, levelled, searched_forms, sheet
from pipelines.strip import inverse, moved, sides, straightened, strip_to_photo, unit
from pipelines.types import DrawnBand, Mark, Photo, Quad, Region, as_quad

FIRST_SIDES = (480, 736)
"""Shorter sides in pixels at which a photograph or region is searched first."""

ENLARGED = 2
"""Times by which a photograph is enlarged for that at most: more shows nothing new and costs its square."""

CLEAR_PHOTOS = 2
"""Photographs of a series that are searched where they are clear."""

MOST_SEARCHED = 3
"""Photographs of a series that are searched where they are not; all are read."""

OWN_SIDES = (64, 112, 200, 360)
"""Shorter sides in pixels at which our own locator looks, where the general one leaves doubt."""

VIEW_PIXELS = 4_000_000
"""Pixels of a search view at most; finer detail is not needed to find or read a line."""

REGION_MARGIN = 0.1
"""A region is searched with this share of its shorter side round it; lines have their centre inside."""

LEAST_SUPPORT = 0.5

LEAST_SUPPORT_IN_REGION = 0.4
"""Support below which there is no line; lower where a person says that there is a marking."""

TURNED = 1.0
"""Support that a direction other than that in which the camera was held must bring more: two sure
characters."""

SMALL_SIDE = 160
"""Pixels: a picture with a shorter side below this, or a lone narrow one, may be a line from edge to edge."""

ENOUGH = 3.0
"""Support from which a photograph is not searched again turned by a quarter."""

FEW = 3
"""Fewer sure characters than these may be chance."""

SURE = 0.85
"""Mean probability of the characters from which fewer of them are enough as well."""


@dataclass(frozen=True, eq=False)
class Searched:
    """What the first search found in one photograph, in its stored pixels.

    `direction`: unit vector of the known or found reading direction, None without evidence. `cores`: of lines
    of any shape. `band`: drawn by a person.
    """

    index: int
    photo: Photo
    region: Region | None
    found: tuple[Hypothesis, ...]
    direction: npt.NDArray[np.float64] | None
    cores: tuple[Core, ...] = ()
    band: DrawnBand | None = None

    @property
    def support(self) -> float:
        return sum(h.support for h in self.found)


def searched_in_turn(
    panel: Panel,
    photos: Mapping[int, Photo],
    marks: Mapping[int, Mark],
    wanted: int | None,
) -> list[Searched]:
    """The photographs with what was found in those that were searched: the wanted one and the most promising,
    until CLEAR_PHOTOS of them leave little doubt or MOST_SEARCHED were. Searched ones come first.

    `photos` in an order that does not depend on how they were given. Where a person drew a band, nothing is
    searched: that photograph comes first. Raises RegionError for an impossible region in any of them.
    """
    for i, photo in photos.items():
        region = marks[i].region
        if region is not None:
            region_quad(region, photo.pixels.shape[1], photo.pixels.shape[0], photo.path)
    if any(marks[i].band is not None for i in photos):
        order = sorted(photos, key=lambda i: (marks[i].band is None, i != wanted))
        return [_not_searched(i, photos[i], marks[i]) for i in order]
    promise = {i: _promise(panel, photos[i], marks[i].region) for i in photos} if len(photos) > 1 else {}
    order = sorted(photos, key=lambda i: (i != wanted, marks[i].region is None, -promise.get(i, 0.0)))
    searched: list[Searched] = []
    clear = 0
    for i in order:
        if clear >= CLEAR_PHOTOS or len(searched) >= MOST_SEARCHED:
            break
        searched.append(search(panel, i, photos[i], marks[i].region, marks[i].rotate_cw))
        clear += is_clear(searched[-1].found)
    left = [_not_searched(i, photos[i], marks[i]) for i in order[len(searched) :]]
    return [*searched, *left]


def _not_searched(index: int, photo: Photo, mark: Mark) -> Searched:
    direction = None if mark.band is None else along(mark.band.quad)
    return Searched(index, photo, mark.region, (), direction, band=mark.band)


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
        view = view_of(inside, right, margin)
        more, bent = _weighted(panel, index, photo, inside, view, known is not None, region is None)
        weighted += more
        cores += bent
        if is_clear(chosen(weighted, least)):
            break
    weighted = [
        h
        if known is not None
        else replace(h, support=h.support - (TURNED if along(h.quad) @ held < np.sqrt(0.5) else 0))
        for h in weighted
    ]
    lines = tuple(chosen(weighted, least))
    direction = known if known is not None else main_direction(lines)
    return Searched(index, photo, region, lines, direction, tuple(cores))


def _promise(panel: Panel, photo: Photo, region: Region | None) -> float:
    """How much of a photograph or its region our own locator takes for rows, as an area; 0 without it."""
    if panel.together is None:
        return 0.0
    height, width = photo.pixels.shape[:2]
    x0, y0, x1, y1 = (0.0, 0.0, width, height) if region is None else region
    inside = photo.pixels[max(0, int(y0)) : int(np.ceil(y1)), max(0, int(x0)) : int(np.ceil(x1))]
    scale = min(1.0, OWN_SIDES[-1] / min(inside.shape[:2]))
    small = cv2.resize(inside, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    heat = heat_of_rows([levelled(unit(small))], OWN_SIDES[2]).values
    return float(np.clip(heat - 0.5, 0, None).mean())


def is_clear(lines: Sequence[Hypothesis]) -> bool:
    """Whether these lines leave little doubt about the direction: much support, or all of it sure."""
    total, characters = sum(h.support for h in lines), sum(len(h.line.string) for h in lines)
    return total >= ENOUGH or (characters >= FEW and total >= (SURE - WORTH) * characters)


def is_sure(lines: Sequence[Hypothesis]) -> bool:
    """Whether these lines have much support and are sure in the mean of their characters."""
    total, characters = sum(h.support for h in lines), sum(len(h.line.string) for h in lines)
    return total >= max(ENOUGH, (SURE - WORTH) * characters)


def _weighted(
    panel: Panel, index: int, photo: Photo, inside: Quad, view: Quad, upright: bool, whole_photo: bool
) -> tuple[list[Hypothesis], list[Core]]:
    """The bands of one view, in stored pixels, read quickly, and the cores of its lines; bands in the view's
    own direction only where it is known to be `upright`. Of a `whole_photo` the larger size is searched only
    where the smaller one leaves doubt."""
    size = size_of(view, None)
    to_photo = strip_to_photo(view, *size)
    page = sheet(index, straightened(photo.pixels, view, size[1], size[0])[0])
    inside_view = carried([inside], inverse(to_photo))[0]
    forms = searched_forms(panel, page)
    short_sides = sorted({min(side, ENLARGED * min(size)) for side in FIRST_SIDES})
    known = np.array([1.0, 0.0]) if upright else None
    # The smaller size finds most rows, at 0.4 of the larger one's cost, which is for where it leaves doubt.
    one_look = whole_photo and min(size) >= SMALL_SIDE
    seen = heats(forms, short_sides[: 1 if one_look else None])
    quads: list[Quad] = []
    weighted: list[Hypothesis] = []
    for last in (False, True):
        bands = [quad for quad in joined_bands(seen) if within(quad, inside_view)]
        if last and (not bands or min(size) < SMALL_SIDE):
            bands.append(inside_view)
        more = distinct([*quads, *bands])[len(quads) :]
        weighted += weighed(panel, [page], [d for quad in more for d in directions(quad, known)])
        quads += more
        if last or (one_look and is_sure(chosen(weighted, LEAST_SUPPORT))):
            break
        if one_look:
            seen += heats(forms, short_sides[1:])
    if panel.together is not None and not is_clear(chosen(weighted, LEAST_SUPPORT)):
        by_own_locator = own_bands([page], OWN_SIDES)
        more = [
            quad for quad in distinct([*quads, *by_own_locator])[len(quads) :] if within(quad, inside_view)
        ]
        weighted += weighed(panel, [page], [d for quad in more for d in directions(quad, known)])
    in_photo = carried([h.quad for h in weighted], to_photo)
    enlarged = float(np.sqrt(np.linalg.det(to_photo[:2, :2])))
    cores = [
        Core(moved(core.points, to_photo), core.thickness * enlarged)
        for heat in seen
        for core in cores_in(heat)
        if holds(inside_view, core.points.mean(axis=0))
    ]
    return [replace(h, quad=quad) for h, quad in zip(weighted, in_photo, strict=True)], cores


def own_bands(sheets: Sequence[Sheet], short_sides: Sequence[int]) -> list[Quad]:
    """Bands that our own locator finds in the mean over the sheets, at several scales, and joins of them."""
    return joined_bands([heat_of_rows([page.levelled for page in sheets], side) for side in short_sides])


def least_support(searched: Searched) -> float:
    return LEAST_SUPPORT if searched.region is None else LEAST_SUPPORT_IN_REGION


def whole(width: int, height: int) -> Quad:
    """The corners of a photograph, the outer edges of its pixels."""
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


def upright_by(quad: Quad) -> float:
    """Degrees clockwise, 0..360, by which stored pixels are turned to bring a band upright. Of one that is
    read in a mirror the characters stand upright then and are still mirrored."""
    a, b, c, d = np.asarray(quad, np.float64)
    x, y = (d - a) + (c - b)
    return round(float(np.degrees(np.arctan2(x, y))), 1) % 360


def held_direction(photo: Photo) -> npt.NDArray[np.float64]:
    """Unit vector in stored pixels of what points right when the photograph is shown upright."""
    ends = moved([(0.0, 0.0), (1.0, 0.0)], inverse(upright_matrix(photo)))
    vector = ends[1] - ends[0]
    return np.asarray(vector / np.linalg.norm(vector), np.float64)


def view_of(inside: Quad, direction: npt.NDArray[np.float64] | None, margin: float) -> Quad:
    """The upright rectangle round a quad in that reading direction (None: to the right), grown by `margin` of
    its shorter side."""
    right = np.array([1.0, 0.0]) if direction is None else direction
    view = frame_round([inside], right, 0.0)
    reach = margin * min(sides(view)) / max(sides(view)[1], 1e-9)
    return frame_round([view], right, reach) if margin else view


def size_of(view: Quad, scale: float | None) -> tuple[int, int]:
    """Width and height in pixels of a view at `scale` (at most doubled), within VIEW_PIXELS."""
    width, height = sides(view)
    factor = min(1.0 if scale is None else min(scale, 2.0), np.sqrt(VIEW_PIXELS / max(width * height, 1.0)))
    return max(8, round(width * factor)), max(8, round(height * factor))


def within(quad: Quad, limits: Quad) -> bool:
    """Whether a band's middle lies in a quad or on its edge."""
    return holds(limits, np.asarray(quad, np.float64).mean(axis=0))


def holds(limits: Quad, point: npt.NDArray[np.float64]) -> bool:
    """Whether a point lies in a quad or on its edge."""
    return (
        cv2.pointPolygonTest(np.asarray(limits, np.float32), (float(point[0]), float(point[1])), False) >= 0
    )
