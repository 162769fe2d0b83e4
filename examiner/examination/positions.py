"""The places on the plate that an examination is about: their order, how they are drawn, split and met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from examiner.examination.acts import DrawLine, OrderError, Place
from examiner.examination.readings import CharacterReading
from pipelines.strip import is_band, overlap, part
from pipelines.types import Quad, as_quad

SAME_PLACE = 0.4
"""Shared area over the smaller area from which two positions are the same place."""


class Placed(Protocol):
    """What has a place."""

    @property
    def place(self) -> Place: ...


Other = TypeVar("Other", bound=Placed)


@dataclass(frozen=True)
class ExaminedPosition:
    """One place on the plate with the readings of it. `id` is never used twice in an examination.

    `proposed` names the proposal's position at the same place as (line, index), after the reveal; `second` is
    what the second examiner read there, `settled` what both settled on where they differed, `settled_why` the
    reason of each person who said so, as (person, reason).
    """

    id: int
    line: int
    place: Place
    own: CharacterReading | None = None
    final: CharacterReading | None = None
    proposed: tuple[int, int] | None = None
    second: CharacterReading | None = None
    settled: CharacterReading | None = None
    settled_why: tuple[tuple[str, str], ...] = ()


def drawn(act: DrawLine, photos: int, line: int, first_id: int) -> list[ExaminedPosition]:
    """The positions of a drawn band, evenly spaced. Raises OrderError for a band that is none."""
    if not 0 <= act.place.frame < photos:
        raise OrderError(f"there is no photograph {act.place.frame}; the series has {photos}")
    if not is_band(act.place.quad):
        raise OrderError(
            "a line is a band with four corners, a pixel or more long and high, that does not cross itself"
        )
    if not 1 <= act.count <= 60:
        raise OrderError(f"a line has 1 to 60 positions, got {act.count}")
    cells = [part(act.place.quad, i / act.count, (i + 1) / act.count) for i in range(act.count)]
    return [
        ExaminedPosition(first_id + i, line, Place(act.place.frame, cell)) for i, cell in enumerate(cells)
    ]


def beside(
    positions: Sequence[ExaminedPosition], neighbour: ExaminedPosition, behind: bool, id: int
) -> ExaminedPosition:
    """A new position behind or before a neighbour in its line."""
    row = [p for p in positions if p.line == neighbour.line]
    index = row.index(neighbour)
    other = row[index + 1 : index + 2] if behind else row[max(0, index - 1) : index]
    quad = neighbour.place.quad
    if other and other[0].place.frame == neighbour.place.frame:
        first, second = (quad, other[0].place.quad) if behind else (other[0].place.quad, quad)
        between = _hull(part(first, 0.5, 1), part(second, 0, 0.5))
    else:
        between = part(quad, 1, 2) if behind else part(quad, -1, 0)
    return ExaminedPosition(id, neighbour.line, Place(neighbour.place.frame, between))


def halves(position: ExaminedPosition, first_id: int) -> list[ExaminedPosition]:
    """The two positions that one turns out to be."""
    quads = [part(position.place.quad, 0, 0.5), part(position.place.quad, 0.5, 1)]
    return [
        ExaminedPosition(first_id + i, position.line, Place(position.place.frame, half))
        for i, half in enumerate(quads)
    ]


def merged(
    positions: Sequence[ExaminedPosition], position: ExaminedPosition, id: int
) -> tuple[ExaminedPosition, ExaminedPosition]:
    """The position that this one and its follower turn out to be, and the follower. Raises OrderError."""
    row = [p for p in positions if p.line == position.line]
    follower = row[row.index(position) + 1 :][:1]
    if not follower:
        raise OrderError("the last position of a line has no next one to merge with")
    if follower[0].place.frame != position.place.frame:
        raise OrderError("the two positions lie in different photographs")
    hull = _hull(position.place.quad, follower[0].place.quad)
    return ExaminedPosition(id, position.line, Place(position.place.frame, hull)), follower[0]


def met(
    examined: Sequence[ExaminedPosition], others: Sequence[Other]
) -> list[tuple[ExaminedPosition, Other]]:
    """Own and other positions at the same place, each at most once, the pairs that share most first."""
    shares = [
        (same_place(mine.place, theirs.place), -_apart(mine.place, theirs.place), -mine.id, -index)
        for mine in examined
        for index, theirs in enumerate(others)
    ]
    by_id = {mine.id: mine for mine in examined}
    pairs: dict[int, int] = {}
    for share, _, minus_id, minus_index in sorted(shares, reverse=True):
        if share >= SAME_PLACE and -minus_id not in pairs and -minus_index not in pairs.values():
            pairs[-minus_id] = -minus_index
    return [(by_id[id], others[index]) for id, index in pairs.items()]


def same_place(first: Place, second: Place) -> float:
    """Shared area over the smaller area, 0..1; 0 for places in different photographs."""
    return overlap(first.quad, second.quad) if first.frame == second.frame else 0.0


def in_reading_order(positions: Iterable[ExaminedPosition]) -> tuple[ExaminedPosition, ...]:
    """Line by line, along the direction that the line's own quads are read in."""
    rows: dict[int, list[ExaminedPosition]] = {}
    for position in positions:
        rows.setdefault(position.line, []).append(position)
    ordered: list[ExaminedPosition] = []
    for line in sorted(rows):
        quads = [np.asarray(p.place.quad) for p in rows[line]]
        along = np.sum([q[1] - q[0] + q[2] - q[3] for q in quads], axis=0)
        keys = {p.id: float(q.mean(axis=0) @ along) for p, q in zip(rows[line], quads, strict=True)}
        ordered += sorted(rows[line], key=lambda p: (keys[p.id], p.id))
    return tuple(ordered)


def _apart(first: Place, second: Place) -> float:
    """Distance between the centres in pixels."""
    return float(np.linalg.norm(np.mean(first.quad, axis=0) - np.mean(second.quad, axis=0)))


def _hull(first: Quad, second: Quad) -> Quad:
    """One band from the beginning of the first to the end of the second."""
    return as_quad([first[0], second[1], second[2], first[3]])
