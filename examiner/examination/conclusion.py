"""From decided to signed: the second examiner's reading, what both settle on, signatures, amendments."""

from __future__ import annotations

from dataclasses import replace

from examiner.examination.acts import Amend, Mode, OrderError, Phase, Settle, Sign, TakeSecond
from examiner.examination.positions import ExaminedPosition, in_reading_order, met
from examiner.examination.readings import same_answer
from examiner.examination.state import (
    Amendment,
    Examination,
    find,
    settled_without_reason,
    undecided,
    without_reason,
)

MAX_SIGNERS = 2


def with_second(examination: Examination, act: TakeSecond) -> Examination:
    """The second examiner's positions join the decided ones by place; one that meets none becomes its own.

    Raises OrderError before every position is decided, and where a second reading was taken in already.
    """
    if examination.second_reader:
        raise OrderError(f"{examination.second_reader} has read this examination as second examiner")
    _check_decided(examination, "the second reading is compared with the final one")
    if not all(0 <= p.place.frame < examination.photos for p in act.positions):
        raise OrderError(f"the second reading names a photograph outside the series of {examination.photos}")
    pairs = met(examination.positions, act.positions)
    read = {mine.id: theirs for mine, theirs in pairs}
    joined = [
        replace(mine, second=read[mine.id].reading) if mine.id in read else mine
        for mine in examination.positions
    ]
    unmet = [theirs for theirs in act.positions if theirs not in read.values()]
    line = 1 + max((p.line for p in joined), default=-1)
    for number, theirs in enumerate(unmet):
        id = examination.next_id + number
        joined.append(
            ExaminedPosition(
                id, _line_of(joined, theirs.place.frame, line), theirs.place, second=theirs.reading
            )
        )
    return replace(
        examination,
        phase=Phase.SETTLING,
        positions=in_reading_order(joined),
        next_id=examination.next_id + len(unmet),
        second_reader=act.reader,
        second_examination=act.examination,
        earlier=None,
    )


def settled(examination: Examination, act: Settle) -> Examination:
    """After one of both settled on a reading, or gave a reason for the one that was settled on; a reading
    that says something else asks for both reasons anew. Raises OrderError where nothing is to be settled."""
    if examination.phase is not Phase.SETTLING:
        raise OrderError("differences are settled after the second examiner's reading was taken in")
    if examination.signers:
        raise OrderError(
            f"{examination.signers[0]} has signed; a settled reading cannot change after a signature"
        )
    before = find(examination, act.position)
    stands = before.settled is not None and same_answer(before.settled, act.reading)
    why = {person: reason for person, reason in before.settled_why if stands and person != act.by}
    # Earlier ledgers do not name who settled: the reason stays with the reading.
    if act.by and act.reading.reason.strip():
        why[act.by] = act.reading.reason
    changed = replace(before, settled=act.reading, settled_why=tuple(why.items()))
    positions = tuple(changed if p.id == changed.id else p for p in examination.positions)
    return replace(examination, positions=positions)


def signed(examination: Examination, act: Sign) -> Examination:
    """After a signature; with a second examiner, two of them end the examination. Raises OrderError."""
    if examination.mode is Mode.SECOND:
        raise OrderError("the second reading ends with its lock; the examination it belongs to is signed")
    if examination.phase is not Phase.SETTLING:
        _check_decided(examination, "sign after every position is decided")
        if examination.rules.second:
            raise OrderError("this laboratory signs nothing without a second examiner; have it read again")
        return replace(examination, phase=Phase.SIGNED, signers=(act.signer,), earlier=None)
    left = undecided(examination)
    if left:
        raise OrderError(f"{len(left)} positions are read differently and not settled yet")
    _check_settled_with_reasons(examination)
    if act.signer in examination.signers:
        raise OrderError(f"{act.signer} has signed already; the other examiner's signature is missing")
    signers = (*examination.signers, act.signer)
    if len(signers) == MAX_SIGNERS and examination.second_reader not in signers:
        raise OrderError(f"the second signature is that of the second examiner, {examination.second_reader}")
    phase = Phase.SIGNED if len(signers) == MAX_SIGNERS else Phase.SETTLING
    return replace(examination, phase=phase, signers=signers, earlier=None)


def amended(examination: Examination, act: Amend) -> Examination:
    """A signed examination, open again; what was signed is kept. Raises OrderError for one not signed."""
    if examination.phase is not Phase.SIGNED:
        raise OrderError("only a signed examination can be amended")
    kept = Amendment(act.reason, examination.positions, examination.signers)
    if examination.second_reader:
        phase = Phase.SETTLING
    else:
        phase = Phase.LOCKED if examination.proposal_sha256 is None else Phase.REVEALED
    return replace(
        examination, phase=phase, signers=(), amendments=(*examination.amendments, kept), earlier=None
    )


def _check_decided(examination: Examination, why: str) -> None:
    own_is_final = examination.mode is Mode.QUALITY_CONTROL and examination.phase is Phase.LOCKED
    if not (examination.phase is Phase.REVEALED or own_is_final):
        raise OrderError(f"{why}; this examination is at {examination.phase.value!r}")
    left = undecided(examination)
    if left:
        raise OrderError(f"{len(left)} positions are not decided yet; every one needs a decision")
    silent = without_reason(examination)
    if silent:
        raise OrderError(
            f"{len(silent)} decisions do not say why; this laboratory asks for a short reason for keeping "
            "as for changing"
        )


def _check_settled_with_reasons(examination: Examination) -> None:
    lacking = settled_without_reason(examination)
    if lacking:
        missing = [f"position {number}: {person}" for number, person in lacking]
        raise OrderError(
            "what was settled is signed with the reasons of both examiners; a reason is missing of "
            f"{', '.join(missing)}. Each settles on the same answer and says why"
        )


def _line_of(positions: list[ExaminedPosition], frame: int, otherwise: int) -> int:
    """The line that an unmet position joins: one of the second examiner's that met none, by photograph."""
    lines = [p.line for p in positions if p.place.frame == frame and p.final is None and p.second is not None]
    return lines[0] if lines else otherwise
