"""Exercises with a laboratory's own photographs: a folder with `truth.csv` (file, text, lost).

`lost` names places in the text, from 1, where nothing can be seen any more: there "unreadable" is right.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from examiner.exercises.attempt import StatedReading
from examiner.exercises.exercise import ExerciseError
from examiner.exercises.scoring import Score, score
from examiner.photographs.crops import shrunk
from pipelines.photographs.photo import read_photo, upright_image

TRUTH = "truth.csv"
MOST = 500
SIDE = 1600
"""Pixels of the longer side at which they are shown."""


@dataclass(frozen=True)
class OwnPhotograph:
    """`lost`: places in the text, from 0, that cannot be read any more."""

    path: Path
    text: str
    lost: tuple[int, ...] = ()


def own_photographs(folder: Path) -> tuple[OwnPhotograph, ...]:
    """The photographs that `truth.csv` names. Raises ExerciseError, which names the line that is wrong."""
    table = folder / TRUTH
    photographs = []
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                photographs.append(_row(folder, row, f"{table}, line {number}"))
                if len(photographs) > MOST:
                    raise ExerciseError(f"{table}: more than {MOST} photographs")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExerciseError(f"{table}: cannot be read ({error})") from error
    if not photographs:
        raise ExerciseError(f"{table}: names no photograph; the columns are file, text, lost")
    return tuple(photographs)


def pixels_of(photograph: OwnPhotograph) -> npt.NDArray[np.uint8]:
    """(H, W) or (H, W, 3), upright, 8 bits, at most `SIDE` wide or high. Raises PhotoError."""
    image = upright_image(read_photo(photograph.path))
    return shrunk(np.asarray(np.round(np.clip(image, 0, 1) * 255), np.uint8), SIDE)


def own_score(photograph: OwnPhotograph, readings: list[StatedReading], seconds: float) -> Score:
    """The score of a reading: every character that is not lost can be read."""
    visibility = [0.0 if place in photograph.lost else 1.0 for place in range(len(photograph.text))]
    return score(photograph.text, visibility, readings, readings, [], seconds)


def _row(folder: Path, row: dict[str, str], where: str) -> OwnPhotograph:
    name, text = (row.get("file") or "").strip(), (row.get("text") or "").strip()
    path = folder / name
    if not name or path.resolve().parent != folder.resolve() or not path.is_file():
        raise ExerciseError(f"{where}: there is no photograph {name[:80]!r} in this folder")
    if len(text) > 40 or not text.isprintable():
        raise ExerciseError(f"{where}: the text must be at most 40 printable characters")
    try:
        lost = tuple(int(part) - 1 for part in (row.get("lost") or "").split())
    except ValueError as error:
        raise ExerciseError(
            f"{where}: lost must be numbers of places in the text, for instance 2 5"
        ) from error
    if any(not 0 <= place < len(text) for place in lost):
        raise ExerciseError(f"{where}: lost must be numbers from 1 to {len(text)}")
    return OwnPhotograph(path, text.replace(" ", ""), lost)
