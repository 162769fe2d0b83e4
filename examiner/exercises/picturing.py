"""The pictures of an exercise, and what of the plate they show."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from examiner.exercises.attempt import Attempt
from examiner.exercises.exercise import Exercise, plate_of
from models.plates.workpiece import Seen, Worked, Workpiece, seen, workpiece

KEPT = 8
"""Plates held in memory."""


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
