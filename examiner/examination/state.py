"""Where an examination stands, and what it still lacks."""

from __future__ import annotations

from dataclasses import dataclass, field

from examiner.examination.acts import NO_DEMANDS, Mode, NoteInformed, OrderError, Phase, Rules
from examiner.examination.conditions import DescribedSeries
from examiner.examination.positions import ExaminedPosition
from examiner.examination.readings import CharacterReading, State, same_answer


@dataclass(frozen=True)
class Amendment:
    """What was signed before an examination was opened again, and why it was."""

    reason: str
    positions: tuple[ExaminedPosition, ...]
    signers: tuple[str, ...]


@dataclass(frozen=True)
class Examination:
    """Where an examination stands. `positions` are in reading order: line by line, along each line.

    `earlier` is what an Undo returns to; None right after a lock, a reveal or at the beginning. What concerns
    the photographs (`photos`, `series`) and the `context` is not undone. `proposal_photos`: as many
    photographs as there were when the proposal was shown. `nothing_seen` is the own reading of a series in
    which no character is seen. `informed`: who was shown something of a machine of these photographs before.
    """

    mode: Mode
    photos: int
    series: DescribedSeries
    phase: Phase = Phase.OBSERVE
    positions: tuple[ExaminedPosition, ...] = ()
    next_id: int = 1
    proposal_sha256: str | None = None
    proposal_photos: int = 0
    rules: Rules = NO_DEMANDS
    nothing_seen: str = ""
    context: tuple[str, ...] = ()
    informed: tuple[NoteInformed, ...] = ()
    second_reader: str = ""
    second_examination: str = ""
    signers: tuple[str, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    earlier: Examination | None = field(default=None, compare=False, repr=False)


def find(examination: Examination, position: int) -> ExaminedPosition:
    """The position with this id. Raises OrderError where there is none."""
    for candidate in examination.positions:
        if candidate.id == position:
            return candidate
    raise OrderError(f"there is no position {position}; it may have been deleted, split or merged")


def undecided(examination: Examination) -> list[ExaminedPosition]:
    """Positions that still lack the reading that the phase asks for."""
    match examination.phase:
        case Phase.OBSERVE:
            return [p for p in examination.positions if p.own is None]
        case Phase.SETTLING:
            return [p for p in examination.positions if differ(p) and p.settled is None]
        case _ if examination.second_reader:
            return []
        case _:
            return [p for p in examination.positions if p.final is None]


def differ(position: ExaminedPosition) -> bool:
    """Whether the final reading and the second examiner's say different things of what stands there.

    Where one of them has no such position, it says "no character".
    """
    final, second = position.final, position.second
    if final is None or second is None:
        there = final or second
        return there is not None and there.state is not State.NO_CHARACTER
    return not same_answer(final, second)


def agreed(position: ExaminedPosition) -> CharacterReading | None:
    """What the examination says of a position in the end, as far as it has come."""
    return position.settled or position.final


def without_reason(examination: Examination) -> list[ExaminedPosition]:
    """Decided positions that do not say why, where the rules demand it and the proposal was in view."""
    if not examination.rules.reasons or examination.proposal_sha256 is None:
        return []
    return [p for p in examination.positions if p.final is not None and not p.final.reason.strip()]


def settled_without_reason(examination: Examination) -> list[tuple[int, str]]:
    """Settled positions that lack a person's reason where the rules demand both, by number (from 1), and
    whose it is: the second examiner's name, or "the first examiner"."""
    if not examination.rules.settled_by_both or not examination.second_reader:
        return []
    lacking = []
    for number, position in enumerate(examination.positions, 1):
        if position.settled is None:
            continue
        said = {person for person, _ in position.settled_why}
        if not said - {examination.second_reader}:
            lacking.append((number, "the first examiner"))
        if examination.second_reader not in said:
            lacking.append((number, examination.second_reader))
    return lacking


def may_decide(examination: Examination) -> bool:
    """Whether final readings are made now: after the reveal, or in an amendment before it."""
    amended = examination.phase is Phase.LOCKED and bool(examination.amendments)
    return examination.phase is Phase.REVEALED or amended


def need(examination: Examination, phase: Phase, why: str) -> None:
    """Raises OrderError unless the examination is at this phase."""
    if examination.phase is not phase:
        raise OrderError(f"{why}; this examination is at {examination.phase.value!r}")
