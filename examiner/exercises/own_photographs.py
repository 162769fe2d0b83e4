"""Exercises with a laboratory's own photographs: a folder with `truth.csv` (file, text, lost).

`lost` names places in the text, from 1, where nothing can be seen any more: there "unreadable" is right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from examiner.exercises.attempt import StatedReading
from examiner.exercises.exercise import ExerciseError
from examiner.exercises.scoring import Score, score
from examiner.photographs.crops import shrunk
from pipelines.photographs.photo import read_photo, upright_image
from pipelines.spreadsheet import text_of
from pipelines.tables import TableRow, changed_by_spreadsheet, read_table

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
    """The photographs that `truth.csv` names. Raises ExerciseError, which names the row that is wrong."""
    table = folder / TRUTH
    rows = read_table(table, ("file", "text"), ", lost", ExerciseError).rows
    if not rows:
        raise ExerciseError(f"{table}: names no photograph; the columns are file, text, lost")
    if len(rows) > MOST:
        raise ExerciseError(f"{table}: more than {MOST} photographs; take some out")
    return tuple(_row(folder, row) for row in rows)


def pixels_of(photograph: OwnPhotograph) -> npt.NDArray[np.uint8]:
    """(H, W) or (H, W, 3), upright, 8 bits, at most `SIDE` wide or high. Raises PhotoError."""
    image = upright_image(read_photo(photograph.path))
    return shrunk(np.asarray(np.round(np.clip(image, 0, 1) * 255), np.uint8), SIDE)


def own_score(photograph: OwnPhotograph, readings: list[StatedReading], seconds: float) -> Score:
    """The score of a reading: every character that is not lost can be read."""
    visibility = [0.0 if place in photograph.lost else 1.0 for place in range(len(photograph.text))]
    return score(photograph.text, visibility, readings, readings, [], seconds)


def _row(folder: Path, row: TableRow) -> OwnPhotograph:
    where, name, text = row.where, row.cells["file"], text_of(row.cells["text"])
    path = folder / name if (folder / name).is_file() else folder / text_of(name)
    if not name or path.resolve().parent != folder.resolve() or not path.is_file():
        raise ExerciseError(f"{where}: there is no photograph {name[:80]!r} in this folder")
    if len(text) > 40 or not text.isprintable():
        raise ExerciseError(f"{where}: the text must be at most 40 printable characters")
    try:
        lost = tuple(int(part) - 1 for part in re.split(r"[\s,;]+", row.cells.get("lost", "")) if part)
    except ValueError as error:
        raise ExerciseError(
            f"{where}: lost must be numbers of places in the text, for instance 2 5"
        ) from error
    if changed_by_spreadsheet(text):
        raise ExerciseError(
            f"{where}: the text {text!r} is what a spreadsheet makes of a number; write it anew, in a column "
            "of the kind Text"
        )
    if any(not 0 <= place < len(text) for place in lost):
        raise ExerciseError(f"{where}: lost must be numbers from 1 to {len(text)}")
    return OwnPhotograph(path, text.replace(" ", ""), lost)
