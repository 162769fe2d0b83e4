"""When a reading and the proposal count as different."""

from __future__ import annotations

from typing import Any

import pytest

from examiner.examination.readings import CharacterReading, State
from examiner.page.casework.cells import differs
from pipelines.types import Candidate, Position
from tests.examiner.page.machine_proposal import box


def proposed(glyph: str, state: Any = "proposed") -> Position:
    return Position((Candidate(glyph, 0.9),), box(0, 0, 9, 9), state)


@pytest.mark.parametrize(
    ("own", "machine", "flagged"),
    [
        (CharacterReading(State.DEFINITE, "А"), proposed("A"), False),
        (CharacterReading(State.DEFINITE, "0"), proposed("O"), True),
        (CharacterReading(State.PROBABLE, "8"), proposed("8"), False),
        (CharacterReading(State.ALTERNATIVES, alternatives=("8", "3")), proposed("8"), True),
        (CharacterReading(State.UNREADABLE), proposed("8", "unreadable"), False),
        (CharacterReading(State.NO_CHARACTER), proposed("", "no_character"), False),
        (None, proposed("8"), True),
        (CharacterReading(State.DEFINITE, "8"), None, True),
    ],
)
def test_differences_are_flagged(
    own: CharacterReading | None, machine: Position | None, flagged: bool
) -> None:
    assert differs(own, machine) is flagged
