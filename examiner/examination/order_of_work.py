"""The order of work: observe alone, lock, reveal, decide, second examiner, settle, sign; over acts, pure.

`apply` takes an examination and an act to the next examination or raises OrderError and changes nothing. The
gate stands here: `proposal_in_view` is the only way by which a proposal may reach a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from examiner.examination import conclusion, conditions
from examiner.examination.acts import (
    NO_DEMANDS,
    Act,
    AddPhotos,
    Amend,
    Decide,
    DeletePosition,
    DescribePhotos,
    DrawLine,
    InsertBefore,
    InsertPosition,
    Lock,
    MergePositions,
    Mode,
    NoteContext,
    NoteInformed,
    NothingSeen,
    Observe,
    OrderError,
    OrderPhotos,
    OrientPhotos,
    Phase,
    Place,
    ProposedPosition,
    RegisterByHand,
    Reveal,
    Rules,
    Settle,
    Sign,
    SplitPosition,
    TakeSecond,
    Undo,
)
from examiner.examination.positions import (
    ExaminedPosition,
    beside,
    drawn,
    halves,
    in_reading_order,
    merged,
    met,
)
from examiner.examination.state import Examination, find, may_decide, need, undecided
from pipelines.types import Proposal

if TYPE_CHECKING:
    from pipelines.suggest import Suggestion

MAX_POSITIONS = 200
"""Positions of one examination."""

MAX_CONTEXT = 100
"""Notes of what the examiner was told."""


def begin(mode: Mode, photos: int, rules: Rules = NO_DEMANDS) -> Examination:
    """An examination of a series of `photos` photographs (1 or more)."""
    if photos < 1:
        raise OrderError("an examination needs at least one photograph that can be read")
    return Examination(mode=mode, photos=photos, series=conditions.undescribed(photos), rules=rules)


def apply(examination: Examination, act: Act) -> Examination:
    """The examination after the act. Raises OrderError where the act is not allowed."""
    match act:
        case Amend():
            return conclusion.amended(examination, act)
        case Reveal():
            return _revealed(examination, act)
    if examination.phase is Phase.SIGNED:
        raise OrderError("this examination is signed; nothing can be changed unless it is amended")
    match act:
        case Undo():
            return _undone(examination)
        case DescribePhotos() | OrderPhotos() | RegisterByHand():
            return replace(examination, series=conditions.after(examination.series, act))
        case OrientPhotos():
            return _oriented(examination, act)
        case AddPhotos():
            return _grown(examination, act)
        case Lock():
            return _locked(examination)
        case NoteInformed():
            return _informed(examination, act)
        case NoteContext(note=note):
            return _told(examination, note)
        case TakeSecond():
            return conclusion.with_second(examination, act)
        case Sign():
            return conclusion.signed(examination, act)
        case Settle():
            changed = conclusion.settled(examination, act)
        case _:
            changed = _read(examination, act)
    return replace(changed, earlier=examination)


def proposal_in_view(examination: Examination, proposal: Proposal | None) -> Proposal | None:
    """The gate: the proposal where the person may see it, else None. Nothing else hands one out."""
    return proposal if examination.proposal_sha256 is not None else None


def suggestions_in_view(examination: Examination, ranked: Sequence[Suggestion]) -> list[Suggestion]:
    """The same gate for a ranking of recipes, which readers made as well: nothing before the lock, and what
    they read, position by position, not before the reveal. Nothing at all where the reading is to stay
    without the machine until it is signed."""
    if examination.proposal_sha256 is not None:
        return [*ranked]
    alone = examination.mode in (Mode.QUALITY_CONTROL, Mode.SECOND)
    if alone or examination.phase is Phase.OBSERVE:
        return []
    return [replace(suggestion, positions=()) for suggestion in ranked]


def awaits_proposal(examination: Examination) -> bool:
    """Whether a proposal may be kept: until one is shown, and in training once photographs have joined."""
    if examination.mode is Mode.SECOND:
        return False
    if examination.proposal_sha256 is None:
        return examination.phase is not Phase.SIGNED or examination.mode is Mode.QUALITY_CONTROL
    grown = examination.photos > examination.proposal_photos
    return examination.phase is Phase.REVEALED and examination.mode is Mode.TRAINING and grown


def may_reveal(examination: Examination) -> str:
    """Why the proposal may not be shown now; empty where it may."""
    match examination.mode:
        case Mode.SECOND:
            return "the second examiner reads without any proposal"
        case Mode.QUALITY_CONTROL if examination.phase is not Phase.SIGNED:
            return "in quality control the proposal is shown after your own reading is signed"
        case Mode.CASEWORK if examination.phase in (Phase.OBSERVE, Phase.SIGNED):
            return "in casework the proposal is shown after your own reading is locked"
    return "" if awaits_proposal(examination) else "the proposal is already shown"


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


def _read(examination: Examination, act: Act) -> Examination:
    """After a reading of a position, or a change of the positions."""
    match act:
        case Observe(position=position, reading=reading):
            need(examination, Phase.OBSERVE, "own readings are made before the lock")
            return _changed(examination, replace(find(examination, position), own=reading))
        case Decide(position=position, reading=reading):
            if not may_decide(examination):
                need(examination, Phase.REVEALED, "decisions are made after the reveal")
            return _changed(examination, replace(find(examination, position), final=reading))
        case NothingSeen(reason=reason):
            need(examination, Phase.OBSERVE, "own readings are made before the lock")
            if examination.positions:
                raise OrderError("positions are marked here; each of them is read, or all are deleted")
            return replace(examination, nothing_seen=reason)
    _open_for_places(examination)
    next_id = examination.next_id
    match act:
        case DrawLine():
            line = 1 + max((p.line for p in examination.positions), default=-1)
            return _replaced(examination, [], drawn(act, examination.photos, line, next_id))
        case InsertPosition(after=id) | InsertBefore(before=id):
            behind = isinstance(act, InsertPosition)
            new = beside(examination.positions, find(examination, id), behind, next_id)
            return _replaced(examination, [], [new])
        case DeletePosition(position=id):
            return _replaced(examination, [find(examination, id)], [])
        case SplitPosition(position=id):
            split = find(examination, id)
            return _replaced(examination, [split], halves(split, next_id))
        case MergePositions(position=id):
            first = find(examination, id)
            whole, follower = merged(examination.positions, first, next_id)
            return _replaced(examination, [first, follower], [whole])
    raise OrderError(f"unknown act {act!r}")


def _undone(examination: Examination) -> Examination:
    if examination.earlier is None:
        raise OrderError("nothing to undo since the last lock or reveal")
    # An id, once given, stays used: the ledger names positions by it.
    return replace(
        examination.earlier,
        next_id=examination.next_id,
        photos=examination.photos,
        series=examination.series,
        context=examination.context,
        informed=examination.informed,
    )


def _informed(examination: Examination, act: NoteInformed) -> Examination:
    known = {(note.person, note.what, note.examination) for note in examination.informed}
    if (act.person, act.what, act.examination) in known:
        raise OrderError(f"{act.person} is named as informed already")
    return replace(examination, informed=(*examination.informed, act))


def _told(examination: Examination, note: str) -> Examination:
    if examination.mode in (Mode.CASEWORK, Mode.QUALITY_CONTROL) and examination.proposal_sha256 is None:
        raise OrderError("note what you were told of maker or case after your own reading and the proposal")
    if examination.mode is Mode.SECOND:
        raise OrderError("the second examiner is told nothing of maker or case")
    if len(examination.context) == MAX_CONTEXT:
        raise OrderError(f"at most {MAX_CONTEXT} notes of what you were told")
    return replace(examination, context=(*examination.context, note))


def _open_for_places(examination: Examination) -> None:
    if examination.phase not in (Phase.OBSERVE, Phase.REVEALED):
        raise OrderError(f"positions cannot change now; this examination is at {examination.phase.value!r}")


def _grown(examination: Examination, act: AddPhotos) -> Examination:
    if examination.mode is Mode.SECOND or examination.phase is Phase.SETTLING:
        raise OrderError("both examiners read the same photographs; no photograph can be added now")
    if examination.phase is Phase.LOCKED:
        raise OrderError(
            "no photograph can be added between the lock and the reveal: you did not see it before the lock"
        )
    grown = conditions.grown(examination.series, len(act.added))
    return replace(examination, photos=len(grown.conditions), series=grown)


def _changed(examination: Examination, changed: ExaminedPosition) -> Examination:
    for reading in (changed.own, changed.final):
        if reading is not None and not all(photo < examination.photos for photo in reading.photos):
            raise OrderError(f"a reading names a photograph outside the series of {examination.photos}")
    return replace(
        examination, positions=tuple(changed if p.id == changed.id else p for p in examination.positions)
    )


def _locked(examination: Examination) -> Examination:
    need(examination, Phase.OBSERVE, "a lock ends the observation")
    if not examination.positions and not examination.nothing_seen:
        raise OrderError(
            "nothing to lock: draw the line and say how many characters it has, or say that nothing is seen"
        )
    left = undecided(examination)
    if left:
        raise OrderError(f"{len(left)} positions have no reading of your own yet")
    positions = examination.positions
    if examination.mode is Mode.QUALITY_CONTROL:
        positions = tuple(replace(p, final=p.own) for p in positions)
    return replace(examination, phase=Phase.LOCKED, positions=positions, earlier=None)


def _revealed(examination: Examination, act: Reveal) -> Examination:
    refused = may_reveal(examination)
    if refused:
        raise OrderError(f"{refused}; this examination is at {examination.phase.value!r}")
    if not all(0 <= p.place.frame < examination.photos for p in act.positions):
        raise OrderError(f"the proposal names a photograph outside the series of {examination.photos}")
    pairs = met(examination.positions, act.positions)
    matched = [replace(examined, proposed=(proposed.line, proposed.index)) for examined, proposed in pairs]
    gone = {examined.id for examined, _ in pairs}
    # Of an earlier proposal, what nobody has read goes with it.
    free = [
        replace(examined, proposed=None)
        for examined in examination.positions
        if examined.id not in gone and (examined.proposed is None or examined.own or examined.final)
    ]
    known, next_id = [*matched, *free], examination.next_id
    is_signed = examination.phase is Phase.SIGNED
    if not is_signed:
        seen = {proposed for _, proposed in pairs}
        for proposed in (p for p in act.positions if p not in seen):
            line = _line_at(known, proposed.line)
            known.append(
                ExaminedPosition(next_id, line, proposed.place, proposed=(proposed.line, proposed.index))
            )
            next_id += 1
    return replace(
        examination,
        phase=Phase.SIGNED if is_signed else Phase.REVEALED,
        positions=in_reading_order(known),
        next_id=next_id,
        proposal_sha256=act.proposal_sha256,
        proposal_photos=examination.photos,
        earlier=None,
    )


def _oriented(examination: Examination, act: OrientPhotos) -> Examination:
    # A band says where a row begins and ends: it must be drawn in the photograph as it lies.
    if any(position.place.frame in act.photos for position in examination.positions):
        raise OrderError(
            "say how a photograph lies before you draw bands in it: take the positions away (undo), say it, "
            "then draw the band again"
        )
    return replace(examination, series=conditions.after(examination.series, act))


def _replaced(
    examination: Examination, gone: Sequence[ExaminedPosition], new: Sequence[ExaminedPosition]
) -> Examination:
    kept = [p for p in examination.positions if p not in gone]
    if len(new) > len(gone) and len(kept) + len(new) > MAX_POSITIONS:
        raise OrderError(f"an examination has at most {MAX_POSITIONS} positions")
    return replace(
        examination,
        positions=in_reading_order([*kept, *new]),
        next_id=examination.next_id + len(new),
        nothing_seen="",
    )


def _line_at(known: Sequence[ExaminedPosition], proposed_line: int) -> int:
    """The line that an unmatched proposed position joins: that of its matched neighbours, or a new one."""
    for position in known:
        if position.proposed is not None and position.proposed[0] == proposed_line:
            return position.line
    return 1 + max((p.line for p in known), default=-1)
