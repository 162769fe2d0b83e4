"""Signs at the ends of a line that no glyph class covers: a star before a number, a proof mark behind it.

They speak against a band while bands compete, so that the one that is chosen leaves them out. Here the chosen
line is made longer to where they stand: each is a position, which cannot be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from pipelines.reading.pooling import Slice
from pipelines.search.hypotheses import Hypothesis, read_in_full, trimmed
from pipelines.search.sheets import Form, Panel, Sheet, slices_of
from pipelines.strip import part, sides

REACH = 1.2
"""Line heights beyond either end in which signs are looked for."""

SEEN = 0.8
"""Probability of a sign outside the classes that every form must show."""

ROOM = 0.35
"""Line heights beyond a sign's middle to which the line is made longer."""

NEAR = 0.25
"""Line heights by which forms may differ on where a sign stands."""

GRID = 200
"""Places along a band that are looked at."""

LOOKED_AT = (Form("as taken", False, REACH, 0.0), Form("levelled", True, REACH, 0.0))


def with_signs_at_the_ends(
    panel: Panel, sheets: Sequence[Sheet], lines: Sequence[Hypothesis]
) -> list[Hypothesis]:
    """The lines, those read again longer that have such signs beside them. Without a reader of single
    photographs, the only one that knows them, as they are. Cost: two strips a line."""
    if panel.lead is None or not lines:
        return list(lines)
    seen = slices_of(panel.lead, sheets[:1], [h.quad for h in lines], LOOKED_AT)
    longer = []
    for h, slices in zip(lines, seen, strict=True):
        length, height = sides(h.quad)
        room = ROOM * height / max(length, 1e-9)
        grid = np.linspace(slices[0].start, slices[0].end, GRID)
        near = NEAR * height / max(length, 1e-9)
        places = grid[np.min([_greatest_near(piece, grid, near) for piece in slices], axis=0) > SEEN]
        start = min((float(p) - room for p in places if p < 0), default=0.0)
        end = max((float(p) + room for p in places if p > 1), default=1.0)
        if start == 0.0 and end == 1.0:
            longer.append(h)
            continue
        (again,) = read_in_full(panel, sheets, [part(h.quad, start, end)], h.spacing)
        more = len(again.line.string) > len(h.line.string)
        read = replace(again, way=h.way, direction=h.direction, others=h.others)
        longer.append(trimmed(read) if more else h)
    return longer


def _greatest_near(piece: Slice, grid: npt.NDArray[np.float64], near: float) -> npt.NDArray[np.float64]:
    """The greatest probability of such a sign within `near` of each place along the band: readers say in one
    or two columns what stands there, forms do so in different ones."""
    places = piece.start + piece.centres.astype(np.float64) * (piece.end - piece.start)
    within = np.abs(places[None, :] - grid[:, None]) <= near
    return np.max(np.where(within, piece.outside.astype(np.float64)[None, :], 0.0), axis=1)
