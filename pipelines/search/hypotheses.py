"""Hypotheses: bands of one photograph with a reading direction, weighed by evidence, chosen and put in order.

Everything is in the photograph's stored pixels; a marking may lie in any direction in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.probability.direction import UPRIGHT, Way
from pipelines.reading.lines import FOUND, read_line, sees_all
from pipelines.reading.pooling import PooledLine, Slice, pool
from pipelines.reading.positions import Spacing
from pipelines.search.locators.general import Heat, bands_in, heat_of
from pipelines.search.sheets import Panel, Sheet, full_slices, screened_slices
from pipelines.strip import joined, moved, overlap, part, sides, turned
from pipelines.types import Arc, Image, Quad, as_quad

SHORT = 2.2
"""Length over height below which a band may hold one or two upright characters across it, so that all four
directions are tried."""

WORTH = 0.4
"""Probability that a character must have to speak for its line rather than against it."""

SAME = 0.35
"""Shared area over the smaller area from which two bands cannot both be lines."""


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A band with a direction, and what stands in it. `support` weighs it against others: see `support_of`.

    `slices`: what the line was pooled from, where it may be pooled again with more. `boxes`: where the line
    is bent, a quad for each of its positions; `arc`: its middle, in the pixels of the photograph. `places`:
    where a person says that its positions lie, (start, end) fractions of the band. `way`: in which the line
    is read, seen from the view it was searched in, and `direction` its probability; `others`: the same line
    read the other ways that are possible.
    """

    quad: Quad
    line: PooledLine
    support: float
    slices: tuple[Slice, ...] = ()
    boxes: tuple[Quad, ...] = ()
    arc: Arc | None = None
    spacing: Spacing = FOUND
    places: tuple[tuple[float, float], ...] = ()
    way: Way = UPRIGHT
    direction: float = 1.0
    others: tuple[Hypothesis, ...] = ()


def support_of(line: PooledLine) -> float:
    """How much the characters speak for this being a line: the sum over positions of probability − WORTH.

    A long line of sure characters wins over its own parts, and over itself upside down. The probabilities are
    those of one reader looking at one photograph, in the mean, however many there are and whatever they
    weigh: were they multiplied, every band would be as sure as every other.
    """
    if not line.string:
        return 0.0
    first = line.conditionals(1.0).max(axis=1)
    return float(np.sum(first * (1 - line.outside) - WORTH))


def better_supported(seen: Sequence[Slice]) -> tuple[PooledLine, Sequence[Slice]]:
    """The line that all readers show together or, where that has more support, the one that the leading
    reader shows alone, with the slices that were heard.

    Our own reader says "nothing here" as surely of what it was not trained on as of bare metal.
    """
    line = pool(seen)
    of_lead = [piece for piece in seen if piece.votes and piece.photo is not None]
    if of_lead and len(of_lead) < len(seen):
        alone = pool(of_lead)
        if support_of(alone) > support_of(line):
            return alone, of_lead
    return line, seen


def weighed(panel: Panel, sheets: Sequence[Sheet], quads: Sequence[Quad]) -> list[Hypothesis]:
    """Every band read quickly in all sheets."""
    read = [better_supported(slices) for slices in screened_slices(panel, sheets, quads)]
    return [Hypothesis(quad, line, support_of(line)) for quad, (line, _) in zip(quads, read, strict=True)]


def read_in_full(
    panel: Panel, sheets: Sequence[Sheet], quads: Sequence[Quad], spacing: Spacing = FOUND
) -> list[Hypothesis]:
    """Every band read in all sheets and all forms, with what it was read from.

    Bands compete by the support of what the readers see in them, whatever a pitch says of gaps. `spacing`:
    what is expected of their rows; where a person says that there is one, all readers are heard.
    """
    read = []
    for quad, seen in zip(quads, full_slices(panel, sheets, quads), strict=True):
        pooled, heard = better_supported(seen)
        if spacing is not FOUND:
            heard = seen
        line = read_line(heard, spacing) if sees_all(heard) else pooled
        read.append(Hypothesis(quad, line, support_of(pooled), tuple(heard), spacing=spacing))
    return read


def mirror_image(quad: Quad) -> Quad:
    """The band read from its other end in a mirror: corners anticlockwise."""
    a, b, c, d = quad
    return b, a, d, c


def is_mirrored(quad: Quad) -> bool:
    """Whether the band is read in a mirror: its corners run anticlockwise."""
    a, b, _, d = np.asarray(quad, np.float64)
    (x, y), (u, v) = b - a, d - a
    return bool(x * v - y * u < 0)


def located_bands(images: Sequence[Image], short_sides: Iterable[int]) -> list[Quad]:
    """Bands that the general locator finds in forms of one photograph at several scales, and joins of them
    that may be one line."""
    return joined_bands(heats(images, short_sides))


def heats(images: Sequence[Image], short_sides: Iterable[int]) -> list[Heat]:
    """What the general locator sees in forms of one photograph at several scales."""
    return [heat_of(image, side) for image in images for side in short_sides]


def joined_bands(seen: Sequence[Heat]) -> list[Quad]:
    distinct_bands = distinct(band.quad for heat in seen for band in bands_in(heat))
    pairs = _joins(distinct_bands, distinct_bands)
    triples = _joins(pairs, distinct_bands)
    return distinct([*distinct_bands, *pairs, *triples])


def _joins(some: Sequence[Quad], others: Sequence[Quad]) -> list[Quad]:
    if some is others:
        tried = list(combinations(some, 2))
    else:
        tried = [(band, other) for band in some for other in others if overlap(band, other) < SAME]
    return [quad for quad in (joined(band, other) for band, other in tried) if quad is not None]


def distinct(quads: Iterable[Quad]) -> list[Quad]:
    """The quads without those that nearly coincide with an earlier one."""
    kept: list[Quad] = []
    for quad in quads:
        if not any(_coincide(quad, other) for other in kept):
            kept.append(quad)
    return kept


def _coincide(band: Quad, other: Quad) -> bool:
    areas = [cv2.contourArea(np.asarray(quad, np.float32)) for quad in (band, other)]
    return min(areas) > 0.75 * max(areas) and overlap(band, other) > 0.85


def directions(quad: Quad, upright: npt.NDArray[np.float64] | None) -> list[Quad]:
    """The band read in each direction that is possible: both, four when it is short, one when known.

    `upright`: unit vector of the known reading direction.
    """
    length, height = sides(quad)
    if upright is not None:
        return [max((turned(quad, turn) for turn in range(4)), key=lambda q: float(along(q) @ upright))]
    turns = range(4) if length < SHORT * height else (0, 2)
    return [turned(quad, turn) for turn in turns]


def along(quad: Quad) -> npt.NDArray[np.float64]:
    """Unit vector of a band's reading direction."""
    a, b, c, d = np.asarray(quad, np.float64)
    vector = (b - a) + (c - d)
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float64)


def chosen(hypotheses: Sequence[Hypothesis], least_support: float) -> list[Hypothesis]:
    """The best supported hypotheses that do not lie over each other."""
    kept: list[Hypothesis] = []
    for candidate in sorted(hypotheses, key=lambda h: -h.support):
        if candidate.support < least_support or not candidate.line.string:
            continue
        if all(overlap(candidate.quad, other.quad) < SAME for other in kept):
            kept.append(candidate)
    return kept


def main_direction(hypotheses: Sequence[Hypothesis]) -> npt.NDArray[np.float64] | None:
    """Unit vector of the direction that the evidence is for, None without evidence.

    Directions within 30° of each other support each other.
    """
    vectors = [along(h.quad) for h in hypotheses]
    weights = [max(0.0, h.support) for h in hypotheses]
    totals = [
        sum(w for v, w in zip(vectors, weights, strict=True) if v @ centre > np.cos(np.radians(30)))
        for centre in vectors
    ]
    if not totals or max(totals) <= 0:
        return None
    centre = vectors[int(np.argmax(totals))]
    near = [v * w for v, w in zip(vectors, weights, strict=True) if v @ centre > np.cos(np.radians(30))]
    total = np.sum(near, axis=0)
    return np.asarray(total / np.linalg.norm(total), np.float64)


def trimmed(h: Hypothesis) -> Hypothesis:
    """The hypothesis with its band shortened to where its characters stand."""
    cells = h.line.cells
    if not cells:
        return h
    start, end = cells[0][0], cells[-1][1]

    def along_new(value: float) -> float:
        return (value - start) / max(end - start, 1e-6)

    line = replace(
        h.line,
        cells=tuple((along_new(a), along_new(b)) for a, b in cells),
        centres=tuple(along_new(place) for place in h.line.centres),
    )
    slices = tuple(replace(s, start=along_new(s.start), end=along_new(s.end)) for s in h.slices)
    return replace(h, quad=part(h.quad, start, end), line=line, slices=slices)


def frame_round(quads: Sequence[Quad], direction: npt.NDArray[np.float64], margin: float) -> Quad:
    """The upright rectangle in reading direction round all quads, grown by `margin` mean heights."""
    down = np.array([-direction[1], direction[0]])
    points = np.concatenate([np.asarray(quad, np.float64) for quad in quads])
    reach = margin * float(np.mean([sides(quad)[1] for quad in quads]))
    x0, x1 = (points @ direction).min() - reach, (points @ direction).max() + reach
    y0, y1 = (points @ down).min() - reach, (points @ down).max() + reach
    return as_quad([direction * x + down * y for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])


def carried(quads: Iterable[Quad], matrix: npt.NDArray[np.float64]) -> list[Quad]:
    """Quads taken through a homography."""
    return [as_quad(moved(quad, matrix)) for quad in quads]


def reading_order(
    straight: Sequence[Hypothesis], rings: Sequence[Sequence[Hypothesis]], way: Way = UPRIGHT
) -> tuple[Hypothesis, ...]:
    """All lines from the top, seen that way; the lines of a ring follow its first one."""
    ordered = top_to_bottom([*straight, *(ring[0] for ring in rings)], way)
    whole = {id(ring[0]): ring for ring in rings}
    return tuple(line for first in ordered for line in whole.get(id(first), [first]))


def top_to_bottom(lines: Sequence[Hypothesis], way: Way = UPRIGHT) -> list[Hypothesis]:
    """Rows from the top, within a row from the left, seen that way; in one row are lines whose middles lie
    within half a height.

    Heights are compared along the lines' common tilt.
    """
    if not lines:
        return []
    flips = np.array([-1.0 if way.turned != way.mirrored else 1.0, -1.0 if way.turned else 1.0])
    corners = np.array([np.asarray(h.quad, np.float64) * flips for h in lines])
    runs = np.array([_run(quad) for quad in corners])
    slope = float(runs[:, 1].sum() / max(runs[:, 0].sum(), 1e-9))
    centres = corners.mean(axis=1)
    depths = centres[:, 1] - slope * centres[:, 0]
    heights = [sides(h.quad)[1] for h in lines]
    remaining = [int(i) for i in np.argsort(depths, kind="stable")]
    ordered: list[Hypothesis] = []
    while remaining:
        top = remaining[0]
        row = [i for i in remaining if depths[i] - depths[top] < 0.5 * min(heights[top], heights[i])]
        ordered += [lines[i] for i in sorted(row, key=lambda i: float(centres[i, 0]))]
        remaining = [i for i in remaining if i not in row]
    return ordered


def _run(quad: npt.NDArray[np.float64]) -> tuple[float, float]:
    """How far the line runs right and down."""
    a, b, c, d = quad
    right, down = ((b - a) + (c - d)) / 2
    return max(float(right), 0.0), float(down) if right > 0 else 0.0
