"""A proposal's candidate set, likelihood ratio and the evidence at a place in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from examiner.examination.notation import evidence_words, ratio_words, set_words
from examiner.examination.readings import CharacterReading, State
from pipelines.types import Candidate, Position


@pytest.mark.parametrize(
    "candidate_set, likelihoods, words",
    [
        ((), (("8", 0.0), ("3", -1.0)), ""),
        (
            ("8", "3"),
            (("8", 0.0), ("3", -1.0), ("", -2.0)),
            "95 % candidate set: 3 or 8. Likelihood ratio 8 : 3 = 10.",
        ),
        (("3",), (("3", 0.0), ("8", 0.3)), "95 % candidate set: 3. Likelihood ratio 8 : 3 = 2.0."),
        (("3",), (("3", 0.0), ("", -5.0)), "95 % candidate set: 3."),
        (
            ("", "I"),
            (("I", 0.0), ("1", -4.0)),
            "95 % candidate set: I or no character. Likelihood ratio I : 1 > 1000.",
        ),
        (tuple("ABCDEFGH"), (("A", 0.0),), "95 % candidate set: more than 6 characters."),
    ],
)
def test_the_candidate_set_is_said_in_words(
    candidate_set: tuple[str, ...], likelihoods: tuple[tuple[str, float], ...], words: str
) -> None:
    position = Position(
        (Candidate("8", 0.9),),
        ((0, 0), (9, 0), (9, 9), (0, 9)),
        "proposed",
        candidate_set=candidate_set,
        log10_likelihoods=likelihoods,
    )
    assert set_words(position) == words


AT_PLACE = Position(
    (Candidate("8", 0.62), Candidate("3", 0.31), Candidate("", 0.04), Candidate("B", 0.01)),
    ((0, 0), (9, 0), (9, 9), (0, 9)),
    "alternatives",
    candidate_set=("8", "3"),
    log10_likelihoods=(("8", 0.0), ("3", -1.08), ("", -2.0), ("B", -400.0)),
)
SEEN = "At this place: 8 (0.62), 3 (0.31), no character (0.04). 95 % candidate set: 3 or 8."


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (CharacterReading(State.DEFINITE, "8"), "The reading: likelihood ratio 8 : 3 = 12."),
        (CharacterReading(State.DEFINITE, "3"), "The reading: likelihood ratio 3 : 8 = 0.083."),
        (CharacterReading(State.DEFINITE, "В"), "The reading: likelihood ratio B : 8 < 0.001."),
        (
            CharacterReading(State.ALTERNATIVES, "", ("3", "8", "B")),
            "The reading, likeliest alternative: likelihood ratio 8 : no character = 100.",
        ),
        (
            CharacterReading(State.NO_CHARACTER),
            "The reading: likelihood ratio no character : 8 = 0.01.",
        ),
        (CharacterReading(State.SYMBOL, "star"), "The reading is a symbol: there is no likelihood ratio."),
        (
            CharacterReading(State.DEFINITE, "Ω"),
            "The reading is no character that the readers know: there is no likelihood ratio.",
        ),
        (CharacterReading(State.UNREADABLE), ""),
        (None, ""),
    ],
)
def test_the_evidence_at_a_place_is_said_in_words(reading: CharacterReading | None, words: str) -> None:
    assert evidence_words(AT_PLACE, reading) == f"{SEEN} {words}".strip()


def test_evidence_beyond_any_number_is_said_too() -> None:
    sure = replace(AT_PLACE, log10_likelihoods=(("8", 0.0), ("3", -400.0)))
    assert ratio_words(sure, CharacterReading(State.DEFINITE, "8")).endswith("8 : 3 > 1000.")


def test_a_candidate_set_that_stands_beside_is_not_said_again() -> None:
    words = evidence_words(AT_PLACE, None, replace(AT_PLACE, candidate_set=("3", "8")))
    assert words == "At this place: 8 (0.62), 3 (0.31), no character (0.04)."
    assert evidence_words(AT_PLACE, None, replace(AT_PLACE, candidate_set=("8",))) == SEEN
