"""Signs at the ends of a line that no glyph class covers: a star before a number, a proof mark behind it.

They speak against a band while bands compete, so that the one that is chosen leaves them out. Here the chosen
line is made longer to where they stand: each is a position, which cannot be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipelines.search.hypotheses import Hypothesis, read_in_full, trimmed
from pipelines.search.sheets import Form, Panel, Sheet, slices_of
from pipelines.strip import part, sides

REACH = 1.2
"""Line heights beyond either end in which signs are looked for."""

SEEN = 0.8
"""Probability of a sign outside the classes that every form must show."""

ROOM = 0.35
"""Line heights beyond a sign's middle to which the line is made longer."""

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
        grid = np.linspace(slices[0].start, slices[0].end, 200)
        shown = np.min(
            [
                np.interp(grid, s.start + s.centres.astype(np.float64) * (s.end - s.start), s.outside)
                for s in slices
            ],
            axis=0,
        )
        places = grid[shown > SEEN]
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
