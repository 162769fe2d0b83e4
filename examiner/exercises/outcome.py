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

from examiner.exercises.attempt import MOST_PHOTOGRAPHS, Attempt, Stage, stated
from examiner.exercises.exercise import GRADE_WORDS, Exercise, ExerciseError, exercise_from_json, plate_of
from examiner.exercises.scoring import Score, aligned, score
from examiner.photographs.crops import write_png
from models.plates.workpiece import Seen, Worked, Workpiece, seen, workpiece

KEPT = 8
"""Plates held in memory."""

MISTAKEN = dict(zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", "8773685539R8GOFEGNTXLNMFBZIVUNKT2", strict=True))
"""By sign, another that it is taken for."""


@lru_cache(KEPT)
def piece_of(exercise: Exercise) -> Workpiece:
    """The plate of an exercise, made once."""
    return workpiece(plate_of(exercise))


def picture(exercise: Exercise, worked: Worked, number: int = 0) -> npt.NDArray[np.uint8]:
    """(H, W, 3) RGB, 8 bits, after this work."""
    return seen(piece_of(exercise), worked, number).pixels


def taken(attempt: Attempt) -> list[Seen]:
    """Every photograph of a try, made again."""
    piece = piece_of(attempt.exercise)
    return [seen(piece, worked, number) for number, worked in enumerate(attempt.photographs)]


def best_visibility(photographs: Sequence[Seen]) -> list[float]:
    """Of each character the most that a photograph shows; over-stamped ones count by half."""
    if not photographs:
        return []
    shown = np.max([one.visibility for one in photographs], axis=0)
    over = [character.overstruck is not None for character in photographs[0].characters]
    return [float(0.5 * v if covered else v) for v, covered in zip(shown, over, strict=True)]


def proposed_for(attempt: Attempt) -> list[str]:
    """The proposal by position of the own reading, empty where it has none; wrong on purpose where the
    exercise misleads. Takes seconds a photograph."""
    best = _read([seen.pixels for seen in taken(attempt)])
    if attempt.exercise.misleading:
        best = misled(attempt.exercise.text, attempt.exercise.seed)
    return laid_beside(best, attempt)


def misled(text: str, seed: int) -> str:
    """A text with two of its signs taken for others, the same each time."""
    rng = np.random.default_rng([seed, 11])
    places = rng.choice(len(text), size=min(2, len(text)), replace=False)
    return "".join(MISTAKEN.get(sign, sign) if place in places else sign for place, sign in enumerate(text))


def laid_beside(best: str, attempt: Attempt) -> list[str]:
    """A text's signs by position of the own reading, in their order."""
    found = [""] * len(attempt.own)
    for at, position in aligned(best, [one.reading for one in attempt.final]):
        if at is not None and position is not None:
            found[position] = best[at]
    return found


def _read(photographs: Sequence[npt.NDArray[np.uint8]]) -> str:
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
