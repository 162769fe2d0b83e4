"""When a reading and the proposal count as different, and the candidate set in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from examiner.examination.notation import set_words
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


@pytest.mark.parametrize(
    "candidate_set, likelihoods, words",
    [
        ((), (("8", 0.0), ("3", -1.0)), ""),
        (
            ("8", "3"),
            (("8", 0.0), ("3", -1.0), ("", -2.0)),
            "Meant to hold 95 in 100: 3 or 8. LR 8 to 3: 10.",
        ),
        (("3",), (("3", 0.0), ("8", 0.3)), "Meant to hold 95 in 100: 3. LR 8 to 3: 2.0."),
        (("3",), (("3", 0.0), ("", -5.0)), "Meant to hold 95 in 100: 3."),
        (
            ("", "I"),
            (("I", 0.0), ("1", -4.0)),
            "Meant to hold 95 in 100: I or no character. LR I to 1: over 1000.",
        ),
        (tuple("ABCDEFGH"), (("A", 0.0),), "No short set at 95 in 100."),
    ],
)
def test_the_candidate_set_is_said_in_words(
    candidate_set: tuple[str, ...], likelihoods: tuple[tuple[str, float], ...], words: str
) -> None:
    position = replace(proposed("8"), candidate_set=candidate_set, log10_likelihoods=likelihoods)
    assert set_words(position) == words
