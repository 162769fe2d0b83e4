"""What the readers see at the places that a person marked: which evidence belongs to which position, and the
likelihood ratio of the person's reading against the best other one.

Nothing here changes an examination: a reveal joins positions by place as the record has it, and what is here
is worked out anew each time from the positions and a proposal that has passed the gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from examiner.examination.positions import ExaminedPosition
from examiner.examination.readings import CharacterReading, State
from pipelines.glyphs import glyph_class
from pipelines.probability.candidate_sets import ratio_against_others
from pipelines.types import LineProposal, Position, Proposal, Quad

Floats = npt.NDArray[np.float64]

SAME_EXTENT = 0.6
"""Shared over joint extent along the row from which a position still has the place that was read. Half of it
has 0.5, and so have two merged into one: nothing was read at those."""


@dataclass(frozen=True)
class EvidenceAtPlace:
    """What was read at one place that the person marked.

    `line`, `index`: which of the proposal's `at_places` it is. `counted`: the position that the machine has
    there in its own count of the row, as (line, index); None where it has none.
    """

    line: int
    index: int
    position: Position
    counted: tuple[int, int] | None


@dataclass(frozen=True)
class RatioOfReading:
    """log10 of how many times more probable the photographs are if `glyph`, which the person read, stands at
    the place than if `other` does; "" is no character."""

    glyph: str
    other: str
    log10: float


def evidence_at_places(
    positions: Sequence[ExaminedPosition], proposal: Proposal
) -> Mapping[int, EvidenceAtPlace]:
    """The evidence at the examiner's positions, by the position's id.

    A position that has no longer the place that was read (split, merged, added since), that the proposal
    brought, or whose proposal has no such evidence, is not in it.
    """
    rows: dict[tuple[int, int], list[ExaminedPosition]] = {}
    for position in positions:
        if not _brought(position, proposal):
            rows.setdefault((position.line, position.place.frame), []).append(position)
    evidence: dict[int, EvidenceAtPlace] = {}
    for (_, frame), row in rows.items():
        evidence |= _of_row(row, frame, proposal.lines)
    return evidence


def ratio_of_reading(reading: CharacterReading | None, at_place: Position) -> RatioOfReading | None:
    """The ratio of what was read against the best other; of alternatives, of the likeliest of them against
    the best that is none of them. None where nothing was read, or nothing that the readers know."""
    ratio = ratio_against_others(at_place, glyphs_of(reading))
    return None if ratio is None else RatioOfReading(*ratio)


def glyphs_of(reading: CharacterReading | None) -> tuple[str, ...]:
    """The glyph classes that a reading names, "" for no character; empty where it names none. A twin of
    another script is the same class (А is A)."""
    if reading is None:
        return ()
    match reading.state:
        case State.NO_CHARACTER:
            return ("",)
        case State.DEFINITE | State.PROBABLE:
            named: tuple[str, ...] = (reading.reading,)
        case State.ALTERNATIVES:
            named = reading.alternatives
        case _:
            return ()
    return tuple(dict.fromkeys(glyph for text in named if (glyph := glyph_class(text))))


def in_order(nearness: Floats) -> list[tuple[int, int]]:
    """Pairs (i, j) of two rows with the greatest sum of `nearness` (n, m); each i and j at most once, both
    growing from pair to pair. Only what is nearer than 0 is paired. Takes n × m steps."""
    n, m = nearness.shape
    best = np.zeros((n + 1, m + 1))
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            paired = nearness[i, j] + best[i + 1, j + 1] if nearness[i, j] > 0 else 0.0
            best[i, j] = max(paired, best[i + 1, j], best[i, j + 1])
    pairs, i, j = [], 0, 0
    while i < n and j < m:
        if nearness[i, j] > 0 and best[i, j] == nearness[i, j] + best[i + 1, j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i, j] == best[i + 1, j]:
            i += 1
        else:
            j += 1
    return pairs


def nearness_along(row: Sequence[Quad], others: Sequence[Quad]) -> Floats:
    """(n, m) nearness of the positions of a row and others: 1 at the same centre, 0 from one width on along
    the row, or from half a height on across it. The row's own quads say where it runs."""
    axis, across, height = _axes(row)
    (starts, ends), (other_starts, other_ends) = _extents(row, axis), _extents(others, axis)
    widths = (_widths(starts, ends)[:, None] + _widths(other_starts, other_ends)[None]) / 2
    along = np.abs((starts + ends)[:, None] - (other_starts + other_ends)[None]) / 2
    off = np.abs(_centres(row, across)[:, None] - _centres(others, across)[None])
    return np.where(off < height / 2, np.maximum(1 - along / widths, 0), 0.0)


def shared_extent(row: Sequence[Quad], others: Sequence[Quad]) -> Floats:
    """(n, m) shared over joint extent along the row, 0..1."""
    axis, _, _ = _axes(row)
    (starts, ends), (other_starts, other_ends) = _extents(row, axis), _extents(others, axis)
    shared = np.minimum(ends[:, None], other_ends) - np.maximum(starts[:, None], other_starts)
    joint = np.maximum(ends[:, None], other_ends) - np.minimum(starts[:, None], other_starts)
    return np.asarray(np.maximum(shared, 0) / np.maximum(joint, 1e-9))


def _of_row(
    row: Sequence[ExaminedPosition], frame: int, lines: Sequence[LineProposal]
) -> dict[int, EvidenceAtPlace]:
    """The evidence of the line that lies nearest to the row."""
    quads = [position.place.quad for position in row]
    nearest: tuple[float, dict[int, EvidenceAtPlace]] = (0.0, {})
    for number, line in enumerate(lines):
        if line.frame != frame or not line.at_places:
            continue
        boxes = [position.box for position in line.at_places]
        nearness = np.where(shared_extent(quads, boxes) >= SAME_EXTENT, nearness_along(quads, boxes), 0.0)
        pairs = in_order(nearness)
        total = float(sum(nearness[pair] for pair in pairs))
        if total > nearest[0]:
            counted = dict(in_order(nearness_along(quads, [p.box for p in line.positions])))
            nearest = (
                total,
                {
                    row[i].id: EvidenceAtPlace(
                        number, j, line.at_places[j], (number, counted[i]) if i in counted else None
                    )
                    for i, j in pairs
                },
            )
    return nearest[1]


def _brought(position: ExaminedPosition, proposal: Proposal) -> bool:
    """Whether the proposal brought the position: nobody marked it, its place is the machine's."""
    if position.proposed is None or position.own is not None:
        return False
    line, index = position.proposed
    return position.place.quad == proposal.lines[line].positions[index].box


def _axes(row: Sequence[Quad]) -> tuple[Floats, Floats, float]:
    """Unit vectors along and across the row, and its mean height in pixels."""
    corners = np.asarray(row, np.float64)
    along = np.sum(corners[:, 1] - corners[:, 0] + corners[:, 2] - corners[:, 3], axis=0)
    axis = along / max(float(np.linalg.norm(along)), 1e-9)
    across = np.array([-axis[1], axis[0]])
    height = np.abs((corners[:, 3] + corners[:, 2] - corners[:, 0] - corners[:, 1]) @ across / 2).mean()
    return axis, across, float(height)


def _extents(quads: Sequence[Quad], axis: Floats) -> tuple[Floats, Floats]:
    """(n,) where each quad starts and ends along the axis, at half its height."""
    at = np.asarray(quads, np.float64).reshape(-1, 4, 2) @ axis
    return (at[:, 0] + at[:, 3]) / 2, (at[:, 1] + at[:, 2]) / 2


def _widths(starts: Floats, ends: Floats) -> Floats:
    return np.maximum(np.abs(ends - starts), 1e-9)


def _centres(quads: Sequence[Quad], axis: Floats) -> Floats:
    return np.asarray(quads, np.float64).reshape(-1, 4, 2).mean(axis=1) @ axis
