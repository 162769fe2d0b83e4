"""Rows where a person says that they are: in a band that was drawn, and in a region in which no locator found
one. A row is read there always; how little it may say is said by its probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipelines.reading.lines import DRAWN, MARKED
from pipelines.reading.positions import Spacing
from pipelines.search.hypotheses import Hypothesis, read_in_full, weighed
from pipelines.search.sheets import Panel, Sheet
from pipelines.strip import grown, moved
from pipelines.types import Quad, as_quad

HEIGHTS = (1.0, 0.85, 0.7)
"""Shares of its height at which a drawn band is tried: people draw bands a little higher than the row."""

SHIFTS = (-0.1, 0.0, 0.1)
"""Heights by which it is tried higher and lower."""

TURNS = (-3.0, -1.5, 1.5, 3.0)
"""Degrees by which a band is tried turned about its middle."""

ROWS = ((0.9, 1), (0.65, 3), (0.45, 5), (0.32, 7))
"""Heights of rows tried in a region, as shares of its height, and in how many places."""

LOOKED_AT = 3
"""Photographs of a series in which the variants are weighed; the best one is read in all."""


def line_in_band(
    panel: Panel, sheets: Sequence[Sheet], band: Quad, places: tuple[tuple[float, float], ...] = ()
) -> Hypothesis:
    """The row in a band that a person drew, its tilt and height refined, read in every photograph. `places`
    along the band stay as they are: its ends are not moved."""
    tried = weighed(_quick(panel), sheets[:LOOKED_AT], _higher_and_lower(band))
    line = _best(panel, sheets, tried, DRAWN)
    return replace(line, places=places)


def line_in_region(
    panel: Panel, sheets: Sequence[Sheet], limits: Quad, screened: Sequence[Hypothesis]
) -> Hypothesis:
    """The likeliest row of a region (a quad in reading direction), however little speaks for it.

    `screened`: bands that were weighed there already.
    """
    tried = [
        _across(limits, top, top + share)
        for share, places in ROWS
        for top in ((1 - share) * place / max(1, places - 1) for place in range(places))
    ]
    rows = weighed(_quick(panel), sheets[:LOOKED_AT], tried)
    return _best(panel, sheets, [*screened, *rows], MARKED)


def _best(panel: Panel, sheets: Sequence[Sheet], tried: Sequence[Hypothesis], spacing: Spacing) -> Hypothesis:
    best = _likeliest(tried)
    turns = weighed(_quick(panel), sheets[:LOOKED_AT], [_turned(best.quad, turn) for turn in TURNS])
    return read_in_full(panel, sheets, [_likeliest([best, *turns]).quad], spacing)[0]


def _likeliest(tried: Sequence[Hypothesis]) -> Hypothesis:
    """The best supported of those in which characters are read, else of all; the first of equals."""
    return max(tried, key=lambda h: (bool(h.line.string), h.support))


def _quick(panel: Panel) -> Panel:
    """Our own reader alone where it is there: it sees what the general one passes over."""
    return panel if panel.together is None else Panel(None, panel.together)


def _higher_and_lower(band: Quad) -> list[Quad]:
    (ax, ay), _, _, (dx, dy) = band
    down = np.array([dx - ax, dy - ay])
    lower = [[np.asarray(corner) + shift * down for corner in band] for shift in SHIFTS]
    return [grown(as_quad(quad), 0.0, -(1 - share) / 2) for quad in lower for share in HEIGHTS]


def _turned(quad: Quad, degrees: float) -> Quad:
    """The quad turned clockwise about its middle."""
    x, y = np.asarray(quad, np.float64).mean(axis=0)
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y], [0, 0, 1]])
    return as_quad(moved(quad, turn))


def _across(quad: Quad, top: float, bottom: float) -> Quad:
    """The part of a band between two fractions of its height."""
    a, b, c, d = np.asarray(quad)
    return as_quad([a + (d - a) * top, b + (c - b) * top, b + (c - b) * bottom, a + (d - a) * bottom])
