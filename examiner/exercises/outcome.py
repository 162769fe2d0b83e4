"""A finished try as plain values: what was struck, read and proposed, with its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from examiner.exercises.attempt import MOST_PHOTOGRAPHS, Attempt, Stage, stated
from examiner.exercises.exercise import GRADE_WORDS, ExerciseError, exercise_from_json
from examiner.exercises.picturing import best_visibility, taken
from examiner.exercises.scoring import Score, score
from models.plates.workpiece import Worked


def scored(attempt: Attempt) -> Score:
    """The score of a finished try. Raises ExerciseError before its end."""
    if attempt.stage is not Stage.DONE:
        raise ExerciseError("an exercise is scored once it is finished")
    return score(
        attempt.exercise.text,
        best_visibility(taken(attempt)),
        [one for one in attempt.own if one is not None],
        attempt.final,
        attempt.proposed,
        attempt.seconds,
    )


def rescored(result: Mapping[str, Any]) -> Score:
    """The score of a result, made again from what it says was photographed and read. Raises ExerciseError,
    KeyError, TypeError or ValueError where it is none."""
    attempt = Attempt(
        exercise_from_json(result["exercise"]),
        stage=Stage.DONE,
        photographs=tuple(Worked(**worked) for worked in result["photographs"][:MOST_PHOTOGRAPHS]),
        own=tuple(map(stated, result["own"])),
        final=tuple(map(stated, result["final"])),
        proposed=tuple(str(text) for text in result["proposed"]),
        seconds=float(result["score"]["seconds"]),
    )
    return scored(attempt)


def result_of(attempt: Attempt) -> dict[str, Any]:
    """Everything that a result file says of one try."""
    exercise = attempt.exercise
    return {
        "exercise": {**asdict(exercise), "kind": exercise.kind.value},
        "grade": GRADE_WORDS[exercise.grade],
        "struck": exercise.text,
        "over": {str(place): glyph for place, glyph in exercise.over.items()},
        "photographs": [asdict(worked) for worked in attempt.photographs],
        "swabs": attempt.swabs,
        "own": [asdict(one) for one in attempt.own if one is not None],
        "proposed": list(attempt.proposed),
        "final": [asdict(one) for one in attempt.final],
        "score": scored(attempt).to_json(),
    }
