"""The order of work: observe alone, lock, reveal, decide, sign. A pure state machine over acts.

`apply` takes an examination and an act to the next examination or raises OrderError and changes nothing. The
gate stands here: `proposal_in_view` is the only way by which a proposal may reach a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from examiner import taking
from examiner.records import (
    Act,
    AddPhotos,
    CharacterReading,
    Decide,
    DeletePosition,
    DescribePhotos,
    DrawLine,
    InsertBefore,
    InsertPosition,
    LayPhoto,
    Lock,
    MergePositions,
    Mode,
    Observe,
    OrderError,
    OrderPhotos,
    Phase,
    Place,
    ProposedPosition,
    Reveal,
    Sign,
    SplitPosition,
    Undo,
)
from examiner.taking import Taking
from pipelines.strip import is_band, overlap, part
from pipelines.types import Proposal, Quad, as_quad

if TYPE_CHECKING:
    from pipelines.suggest import Suggestion

MAX_POSITIONS = 200
"""Positions of one examination."""

SAME_PLACE = 0.4
"""Shared area over the smaller area from which an own and a proposed position are the same place."""


@dataclass(frozen=True)
class ExaminedPosition:
    """One place on the plate with the readings of it. `id` is never used twice in an examination.

    `proposed` names the proposal's position at the same place as (line, index), after the reveal.
    """

    id: int
    line: int
    place: Place
    own: CharacterReading | None = None
    final: CharacterReading | None = None
    proposed: tuple[int, int] | None = None


@dataclass(frozen=True)
class Examination:
    """Where an examination stands. `positions` are in reading order: line by line, along each line.

    `earlier` is what an Undo returns to; None right after a lock, a reveal or at the beginning. What concerns
    the photographs (`photos`, `taking`) is not undone. `proposal_photos`: as many photographs as there were
    when the proposal was shown.
    """

    mode: Mode
    photos: int
    taking: Taking
    phase: Phase = Phase.OBSERVE
    positions: tuple[ExaminedPosition, ...] = ()
    next_id: int = 1
    proposal_sha256: str | None = None
    proposal_photos: int = 0
    earlier: Examination | None = field(default=None, compare=False, repr=False)


def begin(mode: Mode, photos: int) -> Examination:
    """An examination of a series of `photos` photographs (1 or more)."""
    if photos < 1:
        raise OrderError("an examination needs at least one photograph that can be read")
    return Examination(mode=mode, photos=photos, taking=taking.undescribed(photos))


def apply(examination: Examination, act: Act) -> Examination:
    """The examination after the act. Raises OrderError where the act is not allowed."""
    if examination.phase is Phase.SIGNED:
        raise OrderError("this examination is signed; nothing can be changed")
    match act:
        case Undo():
            if examination.earlier is None:
                raise OrderError("nothing to undo since the last lock or reveal")
            # An id, once given, stays used: the ledger names positions by it.
            return replace(
                examination.earlier,
                next_id=examination.next_id,
                photos=examination.photos,
                taking=examination.taking,
            )
        case DescribePhotos() | OrderPhotos() | LayPhoto():
            return replace(examination, taking=taking.after(examination.taking, act))
        case AddPhotos():
            return _grown(examination, act)
        case Lock():
            return _locked(examination)
        case Reveal():
            return _revealed(examination, act)
        case Sign():
            return _signed(examination)
        case Observe(position=position, reading=reading):
            _need(examination, Phase.OBSERVE, "own readings are made before the lock")
            changed = _changed(examination, replace(find(examination, position), own=reading))
        case Decide(position=position, reading=reading):
            _need(examination, Phase.REVEALED, "decisions are made after the reveal")
            changed = _changed(examination, replace(find(examination, position), final=reading))
        case DrawLine():
            changed = _with_line(examination, act)
        case InsertPosition(after=neighbour):
            changed = _inserted(examination, neighbour, behind=True)
        case InsertBefore(before=neighbour):
            changed = _inserted(examination, neighbour, behind=False)
        case DeletePosition(position=position):
            changed = _replaced(examination, [find(examination, position)], [])
        case SplitPosition(position=position):
            changed = _split(examination, find(examination, position))
        case MergePositions(position=position):
            changed = _merged(examination, find(examination, position))
        case _:
            raise OrderError(f"unknown act {act!r}")
    return replace(changed, earlier=examination)


def replay(mode: Mode, photos: int, acts: Iterable[Act]) -> Examination:
    """The examination that these acts lead to."""
    return reduce(apply, acts, begin(mode, photos))


def proposal_in_view(examination: Examination, proposal: Proposal | None) -> Proposal | None:
    """The gate: the proposal where the person may see it, else None. Nothing else hands one out."""
    return proposal if examination.phase in (Phase.REVEALED, Phase.SIGNED) else None


def suggestions_in_view(examination: Examination, ranked: Sequence[Suggestion]) -> list[Suggestion]:
    """The same gate for a ranking of recipes, which readers made as well: nothing before the lock, and what
    they read, position by position, not before the reveal."""
    if examination.phase is Phase.OBSERVE:
        return []
    return [replace(one, positions=()) for one in ranked] if examination.phase is Phase.LOCKED else [*ranked]


def awaits_proposal(examination: Examination) -> bool:
    """Whether a proposal may be kept: until one is shown, and in training once photographs have joined."""
    if examination.phase is Phase.REVEALED:
        return examination.mode is Mode.TRAINING and examination.photos > examination.proposal_photos
    return examination.phase is not Phase.SIGNED


def undecided(examination: Examination) -> list[ExaminedPosition]:
    """Positions that still lack the reading that the phase asks for."""
    if examination.phase is Phase.OBSERVE:
        return [p for p in examination.positions if p.own is None]
    return [p for p in examination.positions if p.final is None]


def find(examination: Examination, position: int) -> ExaminedPosition:
    """The position with this id. Raises OrderError where there is none."""
    for candidate in examination.positions:
        if candidate.id == position:
            return candidate
    raise OrderError(f"there is no position {position}; it may have been deleted, split or merged")


def revealing(proposal: Proposal, sha256: str) -> Reveal:
    """The act that shows a proposal whose JSON has this SHA-256."""
    return Reveal(
        sha256,
        tuple(
            ProposedPosition(line, index, Place(row.frame, position.box))
            for line, row in enumerate(proposal.lines)
            for index, position in enumerate(row.positions)
        ),
    )


def _need(examination: Examination, phase: Phase, why: str) -> None:
    if examination.phase is not phase:
        raise OrderError(f"{why}; this examination is at {examination.phase.value!r}")


def _open_for_places(examination: Examination) -> None:
    if examination.phase is Phase.LOCKED:
        raise OrderError("positions cannot change between the lock and the reveal")


def _grown(examination: Examination, act: AddPhotos) -> Examination:
    if examination.phase is Phase.LOCKED:
        raise OrderError(
            "no photograph joins between the lock and the reveal: it was not seen before the lock"
        )
    grown = taking.grown(examination.taking, len(act.added))
    return replace(examination, photos=len(grown.conditions), taking=grown)


def _changed(examination: Examination, changed: ExaminedPosition) -> Examination:
    return replace(
        examination, positions=tuple(changed if p.id == changed.id else p for p in examination.positions)
    )


def _locked(examination: Examination) -> Examination:
    _need(examination, Phase.OBSERVE, "a lock ends the observation")
    if not examination.positions:
        raise OrderError("nothing to lock: draw the line and say how many characters it has")
    open_positions = undecided(examination)
    if open_positions:
        raise OrderError(f"{len(open_positions)} positions have no reading of your own yet")
    return replace(examination, phase=Phase.LOCKED, earlier=None)


def _revealed(examination: Examination, act: Reveal) -> Examination:
    if examination.mode is Mode.CASEWORK:
        _need(examination, Phase.LOCKED, "in casework the proposal is shown after your own reading is locked")
    elif not awaits_proposal(examination):
        raise OrderError("the proposal is already shown")
    if not all(0 <= p.place.frame < examination.photos for p in act.positions):
        raise OrderError(f"the proposal names a photograph outside the series of {examination.photos}")
    pairs = _pairs(examination.positions, act.positions)
    matched = [replace(own, proposed=(proposed.line, proposed.index)) for own, proposed in pairs]
    gone = {own.id for own, _ in pairs}
    # Of an earlier proposal, what nobody has read goes with it.
    free = [
        replace(own, proposed=None)
        for own in examination.positions
        if own.id not in gone and (own.proposed is None or own.own or own.final)
    ]
    met = {proposed for _, proposed in pairs}
    unmatched = [proposed for proposed in act.positions if proposed not in met]
    next_id = examination.next_id
    known = [*matched, *free]
    for proposed in unmatched:
        line = _line_at(known, proposed.line)
        known.append(
            ExaminedPosition(next_id, line, proposed.place, proposed=(proposed.line, proposed.index))
        )
        next_id += 1
    return replace(
        examination,
        phase=Phase.REVEALED,
        positions=in_reading_order(known),
        next_id=next_id,
        proposal_sha256=act.proposal_sha256,
        proposal_photos=examination.photos,
        earlier=None,
    )


def _pairs(
    own: Sequence[ExaminedPosition], proposed: Sequence[ProposedPosition]
) -> list[tuple[ExaminedPosition, ProposedPosition]]:
    """Own and proposed positions at the same place, each at most once, the pairs that share most first."""
    shares = [
        (same_place(mine.place, theirs.place), -_apart(mine.place, theirs.place), -mine.id, -index)
        for mine in own
        for index, theirs in enumerate(proposed)
    ]
    by_id = {mine.id: mine for mine in own}
    pairs: dict[int, int] = {}
    for share, _, minus_id, minus_index in sorted(shares, reverse=True):
        if share >= SAME_PLACE and -minus_id not in pairs and -minus_index not in pairs.values():
            pairs[-minus_id] = -minus_index
    return [(by_id[id], proposed[index]) for id, index in pairs.items()]


def _apart(one: Place, other: Place) -> float:
    """Distance between the centres in pixels."""
    return float(np.linalg.norm(np.mean(one.quad, axis=0) - np.mean(other.quad, axis=0)))


def _signed(examination: Examination) -> Examination:
    _need(examination, Phase.REVEALED, "signing follows the decisions")
    open_positions = undecided(examination)
    if open_positions:
        raise OrderError(f"{len(open_positions)} positions are not decided yet; every one needs a decision")
    return replace(examination, phase=Phase.SIGNED, earlier=None)


def _with_line(examination: Examination, act: DrawLine) -> Examination:
    _open_for_places(examination)
    if not 0 <= act.place.frame < examination.photos:
        raise OrderError(f"there is no photograph {act.place.frame}; the series has {examination.photos}")
    if not is_band(act.place.quad):
        raise OrderError(
            "a line is a band with four corners, a pixel or more long and high, that does not cross itself"
        )
    if not 1 <= act.count <= 60:
        raise OrderError(f"a line has 1 to 60 positions, got {act.count}")
    line = 1 + max((p.line for p in examination.positions), default=-1)
    cells = [part(act.place.quad, i / act.count, (i + 1) / act.count) for i in range(act.count)]
    new = [
        ExaminedPosition(examination.next_id + i, line, Place(act.place.frame, cell))
        for i, cell in enumerate(cells)
    ]
    return _replaced(examination, [], new)


def _inserted(examination: Examination, neighbour_id: int, behind: bool) -> Examination:
    neighbour = find(examination, neighbour_id)
    row = [p for p in examination.positions if p.line == neighbour.line]
    index = row.index(neighbour)
    other = row[index + 1 : index + 2] if behind else row[max(0, index - 1) : index]
    quad = neighbour.place.quad
    if other and other[0].place.frame == neighbour.place.frame:
        first, second = (quad, other[0].place.quad) if behind else (other[0].place.quad, quad)
        between = _hull(part(first, 0.5, 1), part(second, 0, 0.5))
    else:
        between = part(quad, 1, 2) if behind else part(quad, -1, 0)
    new = ExaminedPosition(examination.next_id, neighbour.line, Place(neighbour.place.frame, between))
    return _replaced(examination, [], [new])


def _split(examination: Examination, position: ExaminedPosition) -> Examination:
    halves = [part(position.place.quad, 0, 0.5), part(position.place.quad, 0.5, 1)]
    new = [
        ExaminedPosition(examination.next_id + i, position.line, Place(position.place.frame, half))
        for i, half in enumerate(halves)
    ]
    return _replaced(examination, [position], new)


def _merged(examination: Examination, position: ExaminedPosition) -> Examination:
    row = [p for p in examination.positions if p.line == position.line]
    follower = row[row.index(position) + 1 :][:1]
    if not follower:
        raise OrderError("the last position of a line has no next one to merge with")
    if follower[0].place.frame != position.place.frame:
        raise OrderError("the two positions lie in different photographs")
    hull = _hull(position.place.quad, follower[0].place.quad)
    new = ExaminedPosition(examination.next_id, position.line, Place(position.place.frame, hull))
    return _replaced(examination, [position, follower[0]], [new])


def _replaced(
    examination: Examination, gone: Sequence[ExaminedPosition], new: Sequence[ExaminedPosition]
) -> Examination:
    _open_for_places(examination)
    kept = [p for p in examination.positions if p not in gone]
    if len(new) > len(gone) and len(kept) + len(new) > MAX_POSITIONS:
        raise OrderError(f"an examination has at most {MAX_POSITIONS} positions")
    return replace(
        examination,
        positions=in_reading_order([*kept, *new]),
        next_id=examination.next_id + len(new),
    )


def same_place(one: Place, other: Place) -> float:
    """Shared area over the smaller area, 0..1; 0 for places in different photographs."""
    return overlap(one.quad, other.quad) if one.frame == other.frame else 0.0


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


def _line_at(known: Sequence[ExaminedPosition], proposed_line: int) -> int:
    """The line that an unmatched proposed position joins: that of its matched neighbours, or a new one."""
    for position in known:
        if position.proposed is not None and position.proposed[0] == proposed_line:
            return position.line
    return 1 + max((p.line for p in known), default=-1)


def _hull(first: Quad, second: Quad) -> Quad:
    """One band from the beginning of the first to the end of the second."""
    return as_quad([first[0], second[1], second[2], first[3]])
