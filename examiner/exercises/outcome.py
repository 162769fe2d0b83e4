"""What comes of a try: its pictures, what the readers propose for them, its score and its result."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from examiner.exercises.attempt import MOST_PHOTOGRAPHS, Attempt, Stage, StatedReading, stated
from examiner.exercises.exercise import (
    GRADE_WORDS,
    Exercise,
    ExerciseError,
    exercise_from_json,
    exercise_json,
    plate_of,
)
from examiner.exercises.scoring import Score, aligned, score
from examiner.photographs.crops import write_png
from models.plates.workpiece import Worked, Workpiece, WorkpieceView, view_of, workpiece

KEPT = 8
"""Plates held in memory."""

MISTAKEN = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", "8773685539R8GOFEGNTXLNMFBZIVUNKT2", strict=True))
"""For each glyph, another one that it is easily taken for."""


@lru_cache(KEPT)
def piece_of(exercise: Exercise) -> Workpiece:
    """The plate of an exercise, made once."""
    return workpiece(plate_of(exercise))


def picture(exercise: Exercise, worked: Worked, number: int = 0) -> npt.NDArray[np.uint8]:
    """(H, W, 3) RGB, 8 bits, after this work."""
    return view_of(piece_of(exercise), worked, number).pixels


def photographs_of(attempt: Attempt) -> list[WorkpieceView]:
    """Every photograph of a try, rendered again."""
    piece = piece_of(attempt.exercise)
    return [view_of(piece, worked, number) for number, worked in enumerate(attempt.photographs)]


def best_visibility(photographs: Sequence[WorkpieceView]) -> list[float]:
    """For each character the most that a photograph shows of it, 0..1; over-stamped ones count by half."""
    if not photographs:
        return []
    best = np.max([photograph.visibility for photograph in photographs], axis=0)
    over = [character.overstruck is not None for character in photographs[0].characters]
    return [float(0.5 * v if covered else v) for v, covered in zip(best, over, strict=True)]


def proposed_for(attempt: Attempt) -> list[str]:
    """What is proposed at each position of the trainee's reading, empty where nothing is; wrong on purpose
    where the exercise misleads. Takes seconds a photograph."""
    best = _read([photograph.pixels for photograph in photographs_of(attempt)])
    if attempt.exercise.misleading:
        best = misled(attempt.exercise.text, attempt.exercise.seed)
    return by_position(best, attempt)


def misled(text: str, seed: int) -> str:
    """A text with two of its characters exchanged for similar ones; the same seed gives the same text."""
    rng = np.random.default_rng([seed, 11])
    places = rng.choice(len(text), size=min(2, len(text)), replace=False)
    return "".join(
        MISTAKEN.get(glyph, glyph) if place in places else glyph for place, glyph in enumerate(text)
    )


def by_position(best: str, attempt: Attempt) -> list[str]:
    """The characters of a text at the positions of the trainee's reading that they are aligned to."""
    proposed = [""] * len(attempt.own)
    for place, position in aligned(best, [answer.reading for answer in attempt.final]):
        if place is not None and position is not None:
            proposed[position] = best[place]
    return proposed


def _read(photographs: Sequence[npt.NDArray[np.uint8]]) -> str:
    # Loads the readers, which takes seconds: the training page opens before that.
    from pipelines.propose import Source, propose_series

    with tempfile.TemporaryDirectory(prefix="examiner-training-") as room:
        sources = []
        for number, pixels in enumerate(photographs):
            path = Path(room) / f"{number}.png"
            write_png(path, pixels)
            sources.append(Source(path))
        proposal = propose_series(sources)
    return proposal.lines[0].best if proposal.lines else ""


def scored(attempt: Attempt) -> Score:
    """The score of a finished try. Raises ExerciseError before its end."""
    if attempt.stage is not Stage.DONE:
        raise ExerciseError("an exercise is scored once it is finished")
    return score(
        attempt.exercise.text,
        best_visibility(photographs_of(attempt)),
        _stated(attempt.own),
        attempt.final,
        attempt.proposed,
        attempt.seconds,
    )


def rescored(result: Mapping[str, Any]) -> Score:
    """The score worked out again from the photographs and readings of a result. Raises ExerciseError,
    KeyError, TypeError or ValueError where it is no result."""
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
    """One try as plain values, as a file of results holds it."""
    exercise = attempt.exercise
    return {
        "exercise": exercise_json(exercise),
        "grade": GRADE_WORDS[exercise.grade],
        "struck": exercise.text,
        "over": {str(place): glyph for place, glyph in exercise.over.items()},
        "photographs": [asdict(worked) for worked in attempt.photographs],
        "swabs": attempt.swabs,
        "own": list(map(asdict, _stated(attempt.own))),
        "proposed": list(attempt.proposed),
        "final": list(map(asdict, attempt.final)),
        "score": scored(attempt).to_json(),
    }


def _stated(readings: Sequence[StatedReading | None]) -> list[StatedReading]:
    return [stated_reading for stated_reading in readings if stated_reading is not None]
