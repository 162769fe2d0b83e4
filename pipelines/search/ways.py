"""Which way round the lines of a marking are read: every way is read and weighed, none is taken for granted.

A band is looked at quickly in all ways that are possible. Where that leaves doubt, the likely ones are read
in full and weighed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.probability.direction import (
    UPRIGHT,
    Floats,
    Prior,
    Way,
    direction,
    evidence_of,
    seen_by,
)
from pipelines.reading.lines import FOUND
from pipelines.reading.pooling import Slice
from pipelines.reading.positions import Spacing
from pipelines.search.hypotheses import (
    SAME,
    Hypothesis,
    better_supported,
    chosen,
    mirror_image,
    read_in_full,
    support_of,
    trimmed,
)
from pipelines.search.sheets import Panel, Sheet, full_slices, screened_slices
from pipelines.strip import grown, overlap, turned
from pipelines.types import Quad

GLANCE = 3
"""Photographs that are looked at quickly."""

REACH = 1.2
"""Line heights by which a band is made longer at either end as well: trimmed to what one way read, it may
have lost a character."""

BANDS = 3
"""Bands tried where nothing was read the first way."""

NAMED = 0.02
"""Probability from which a way is read in full, and named beside the likeliest."""

PLAIN = 0.99
"""Probability of the way that the sheets show from which no band is looked at longer."""

SETTLED = 1 - NAMED
"""Probability from which a way is left as it is."""


@dataclass(frozen=True, eq=False)
class ReadWay:
    """The lines of a marking as they are read one way, and the probability of that way."""

    way: Way
    p: float
    lines: tuple[Hypothesis, ...]


def seen_in(quad: Quad, way: Way) -> Quad:
    """The band as it is read that way."""
    quad = turned(quad, 2) if way.turned else quad
    return mirror_image(quad) if way.mirrored else quad


def read_ways(
    panel: Panel,
    sheets: Sequence[Sheet],
    lines: Sequence[Hypothesis],
    likely: Sequence[Quad],
    prior: Prior,
    least: float,
    spacing: Spacing = FOUND,
) -> list[ReadWay]:
    """The ways in which the prior allows the lines to be read, the likeliest first, with their probabilities,
    which sum to 1; only those from NAMED on have lines.

    `lines`: read in full as the sheets show them; where there are none, the `likely` bands are tried.
    `least`: support of a line at least; where a person says that there is a row (`spacing`), it does not
    count. Cost: two strips a band, way and photograph (GLANCE of them), and a full reading for every way in
    doubt.
    """
    first = [h.quad for h in lines] or list(likely[:BANDS])
    allowed = sorted(way for way, p in prior.items() if p > 0)
    if allowed == [UPRIGHT] or not first:
        return [ReadWay(UPRIGHT, 1.0, tuple(lines))]
    fixed = spacing is not FOUND
    looks = {way: _looks(panel, sheets, [seen_in(quad, way) for quad in first]) for way in allowed}
    quick, ps = _quick_ways(looks, prior)
    if not fixed and ps.get(UPRIGHT, 0.0) < PLAIN:
        for way, seen in looks.items():
            seen += _looks(panel, sheets, [seen_in(grown(quad, REACH, 0.0), way) for quad in first])
        quick, ps = _quick_ways(looks, prior)
    likely_ways = [way for way in allowed if ps[way] >= NAMED]
    if likely_ways == [UPRIGHT]:
        return _in_order([ReadWay(way, p, tuple(lines) if way == UPRIGHT else ()) for way, p in ps.items()])
    read: dict[Way, tuple[Hypothesis, ...]] = {}
    slices: dict[Way, list[Sequence[Slice]]] = {}
    for way in likely_ways:
        quads = [h.quad for h in (lines if way == UPRIGHT and lines else quick[way])]
        slices[way] = list(full_slices(panel, sheets, quads))
        if way == UPRIGHT:
            read[way] = tuple(lines)
            continue
        full = read_in_full(panel, sheets, quads, spacing)
        kept = full if fixed else chosen([trimmed(h) for h in full], least)
        read[way] = tuple(replace(h, way=way) for h in kept)
    if len(likely_ways) > 1:
        total = sum(ps[way] for way in likely_ways)
        again = _probabilities(slices, prior)
        ps |= {way: p * total for way, p in again.items()}
    return _in_order([ReadWay(way, p, read.get(way, ())) for way, p in ps.items()])


def with_others(ways: Sequence[ReadWay], main: Way | None = None) -> list[Hypothesis]:
    """The lines of the likeliest way (or of `main`) that has any, each with its probability and with the
    lines that lie over it in the other ways."""
    ordered = sorted(ways, key=lambda read: read.way != main)
    first = next((read for read in ordered if read.lines), None)
    if first is None:
        return []
    others = [
        replace(h, direction=read.p)
        for read in ways
        if read is not first and read.p >= NAMED
        for h in read.lines
    ]
    return [
        replace(
            h,
            direction=first.p,
            others=tuple(other for other in others if overlap(h.quad, other.quad) >= SAME),
        )
        for h in first.lines
    ]


def _in_order(ways: Sequence[ReadWay]) -> list[ReadWay]:
    return sorted(ways, key=lambda read: (-read.p, read.way))


def _quick_ways(
    looks: dict[Way, list[Hypothesis]], prior: Prior
) -> tuple[dict[Way, list[Hypothesis]], dict[Way, float]]:
    """Of the bands that were looked at each way the best of those that lie over each other, however little
    speaks for them, and the probability of each way by these."""
    quick = {way: chosen(seen, -np.inf) or seen[:1] for way, seen in looks.items()}
    return quick, _probabilities({way: [h.slices for h in seen] for way, seen in quick.items()}, prior)


def _looks(panel: Panel, sheets: Sequence[Sheet], quads: Sequence[Quad]) -> list[Hypothesis]:
    """The bands read quickly, with all that was seen in them."""
    read = []
    for quad, seen in zip(quads, screened_slices(panel, sheets[:GLANCE], quads), strict=True):
        line, _ = better_supported(seen)
        read.append(Hypothesis(quad, line, support_of(line), tuple(seen)))
    return read


def _probabilities(seen: dict[Way, list[Sequence[Slice]]], prior: Prior) -> dict[Way, float]:
    evidence: dict[Way, Floats] = {way: evidence_of(lines) for way, lines in seen.items()}
    slices = [piece for lines in seen.values() for line in lines for piece in line]
    return direction(evidence, seen_by(slices), prior)
