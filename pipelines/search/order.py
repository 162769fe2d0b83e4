"""In which order the lines of a marking are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.search.hypotheses import Hypothesis
from pipelines.strip import sides


def reading_order(
    straight: Sequence[Hypothesis], rings: Sequence[Sequence[Hypothesis]]
) -> tuple[Hypothesis, ...]:
    """All lines from the top; the lines of a ring follow its first one."""
    ordered = top_to_bottom([*straight, *(ring[0] for ring in rings)])
    whole = {id(ring[0]): ring for ring in rings}
    return tuple(line for first in ordered for line in whole.get(id(first), [first]))


def top_to_bottom(lines: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Rows from the top, within a row from the left; in one row are lines whose middles lie within half a
    height.

    Heights are compared along the lines' common tilt.
    """
    if not lines:
        return []
    runs = np.array([_run(h) for h in lines])
    slope = float(runs[:, 1].sum() / max(runs[:, 0].sum(), 1e-9))
    centres = np.array([np.asarray(h.quad).mean(axis=0) for h in lines])
    depths = centres[:, 1] - slope * centres[:, 0]
    remaining = [int(i) for i in np.argsort(depths, kind="stable")]
    ordered: list[Hypothesis] = []
    while remaining:
        top = remaining[0]
        height = sides(lines[top].quad)[1]
        row = [i for i in remaining if depths[i] - depths[top] < 0.5 * min(height, sides(lines[i].quad)[1])]
        ordered += [lines[i] for i in sorted(row, key=lambda i: float(centres[i, 0]))]
        remaining = [i for i in remaining if i not in row]
    return ordered


def _run(h: Hypothesis) -> tuple[float, float]:
    """How far the line runs right and down."""
    a, b, c, d = np.asarray(h.quad, np.float64)
    right, down = ((b - a) + (c - d)) / 2
    return max(float(right), 0.0), float(down) if right > 0 else 0.0
