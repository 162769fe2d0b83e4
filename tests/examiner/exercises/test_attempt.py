"""A try at an exercise: time moves on, what is locked stays, every act says what was expected of it."""

from __future__ import annotations

import pytest

from examiner.exercises.attempt import Stage, acted, begun, with_proposal
from examiner.exercises.exercise import (
    GRADES,
    Exercise,
    ExerciseError,
    ExerciseKind,
    exercise_from_json,
    plate_of,
)

EXERCISE = Exercise(7, 4)
FOUR = {"reading": {"state": "definite", "reading": "4"}, "confidence": 0.8}
SEVEN = {"reading": {"state": "definite", "reading": "7"}, "confidence": 0.8}


def after(attempt, *acts):
    for act in acts:
        attempt = acted(attempt, act)
    return attempt


def test_the_reagent_only_moves_on_and_polishing_takes_metal():
    attempt = after(
        begun(EXERCISE), {"do": "swab", "seconds": 20}, {"do": "swab", "seconds": 30, "strength": 2.0}
    )
    assert attempt.worked.dwell == 80 and attempt.swabs == 2 and attempt.worked.wet
    polished = after(attempt, {"do": "polish"})
    assert polished.worked.dwell == 0 and polished.worked.ground_mm > attempt.worked.ground_mm
    assert not polished.worked.wet


def test_a_whole_try():
    attempt = after(
        begun(EXERCISE),
        {"do": "light", "azimuth": 400 - 360, "elevation": 20},
        {"do": "photograph"},
        {"do": "read", "readings": [FOUR, SEVEN]},
        {"do": "lock", "at": 31.5},
    )
    assert attempt.stage is Stage.LOCKED and attempt.photographs[0].azimuth == 40
    attempt = with_proposal(attempt, ["4", "1"])
    attempt = after(attempt, {"do": "finish", "readings": [FOUR, FOUR], "at": 40})
    assert attempt.stage is Stage.DONE and attempt.seconds == 40
    assert [answer.reading.reading for answer in attempt.own] == ["4", "7"]
    assert [answer.reading.reading for answer in attempt.final] == ["4", "4"]


def test_a_proficiency_test_has_no_proposal_and_no_second_try():
    attempt = after(
        begun(EXERCISE, proficiency=True),
        {"do": "photograph"},
        {"do": "read", "readings": [FOUR]},
        {"do": "lock"},
    )
    assert with_proposal(attempt, ["4"]).proposed == ()
    done = after(attempt, {"do": "finish", "readings": [SEVEN]})
    assert [answer.reading.reading for answer in done.final] == ["4"]
    with pytest.raises(ExerciseError, match="locked once"):
        acted(done, {"do": "lock"})


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ({"do": "lock"}, "photograph first"),
        ({"do": "swab", "seconds": 0}, "seconds"),
        ({"do": "swab", "seconds": float("nan")}, "seconds"),
        ({"do": "swab", "seconds": 10, "strength": 9}, "strength"),
        ({"do": "light", "azimuth": 10, "elevation": 3}, "elevation"),
        ({"do": "read", "readings": "4"}, "list"),
        ({"do": "read", "readings": [{"reading": {"state": "definite"}, "confidence": 1}]}, "not a reading"),
        ({"do": "read", "readings": [{**FOUR, "confidence": 2}]}, "confidence"),
        ({"do": "finish"}, "after the lock"),
        ({"do": "explode"}, "there is no act"),
        ({}, "there is no act"),
    ],
)
def test_what_is_no_act_is_refused(act, why):
    with pytest.raises(ExerciseError, match=why):
        acted(begun(EXERCISE), act)


def test_every_position_needs_an_answer():
    attempt = after(begun(EXERCISE), {"do": "photograph"}, {"do": "read", "readings": [FOUR, None]})
    with pytest.raises(ExerciseError, match="every position"):
        acted(attempt, {"do": "lock"})


def test_a_seed_gives_the_text_that_it_gave_when_courses_and_results_were_written():
    """A result is scored again from its seed: another text would call every old reading wrong."""
    assert {Exercise(3, grade).text for grade in GRADES} == {"K329596"}
    assert Exercise(7, 4).text == "JZ578002"
    assert Exercise(3, 5, ExerciseKind.OVERSTAMPED).over == {0: "9"}


def test_blank_and_over_stamped_plates_and_grades():
    assert (
        Exercise(3, 1, ExerciseKind.BLANK).text == ""
        and plate_of(Exercise(3, 1, ExerciseKind.BLANK)).lines == ()
    )
    over = Exercise(3, 5, ExerciseKind.OVERSTAMPED)
    [(place, glyph)] = over.over.items()
    assert over.text[place] != glyph
    assert Exercise(3, 2).ground_mm < Exercise(3, 6).ground_mm


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"seed": -1, "grade": 1},
        {"seed": 1, "grade": 9},
        {"seed": True, "grade": 1},
        {"seed": 1, "grade": 1, "kind": "x"},
    ],
)
def test_what_is_no_exercise_is_refused(value):
    with pytest.raises(ExerciseError):
        exercise_from_json(value)
