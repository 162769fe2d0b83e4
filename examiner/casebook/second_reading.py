"""A second examiner's reading: how it begins without the first, and how it is taken in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from examiner.casebook.ledger import LedgerLine
from examiner.casebook.replay import photo_entries
from examiner.examination.acts import Mode, OrderError, Phase, SecondPosition, TakeSecond
from examiner.examination.state import Examination


def second_of(
    examination_id: str, examination: Examination, lines: Sequence[LedgerLine], actor: str
) -> dict[str, Any]:
    """What a second reading's first ledger line says. Raises OrderError where `actor` may not make one."""
    if examination.mode in (Mode.SECOND, Mode.TRAINING):
        raise OrderError("only casework has a second examiner, not an exercise or a second reading")
    if examination.phase in (Phase.SETTLING, Phase.SIGNED):
        raise OrderError("a second reading was taken in already, or the examination is signed")
    if any(line.actor == actor for line in lines):
        raise OrderError(
            f"{actor} has read or seen this examination; the second examiner is somebody who has not"
        )
    begun = lines[0].value()
    return {
        "mode": Mode.SECOND.value,
        "title": begun["title"],
        "photos": photo_entries(lines),
        "second_of": examination_id,
    }


def reading_of(examination_id: str, reader: str, examination: Examination) -> TakeSecond:
    """The act by which a locked second reading is taken in."""
    return TakeSecond(
        examination_id,
        reader,
        tuple(SecondPosition(p.id, p.place, p.own) for p in examination.positions if p.own is not None),
    )
