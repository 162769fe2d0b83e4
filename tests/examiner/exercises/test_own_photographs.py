"""A laboratory's own photographs with truth: read from a table, scored, refused where the table is wrong."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from examiner.exercises.attempt import stated
from examiner.exercises.exercise import ExerciseError
from examiner.exercises.own_photographs import own_photographs, own_score, pixels_of


def folder_with(tmp_path, table):
    cv2.imwrite(str(tmp_path / "one.png"), np.full((40, 60), 90, np.uint8))
    (tmp_path / "truth.csv").write_text(table, encoding="utf-8")
    return tmp_path


def test_photographs_come_with_their_truth(tmp_path):
    [photograph] = own_photographs(folder_with(tmp_path, "file,text,lost\none.png,A 47,2 3\n"))
    assert (photograph.text, photograph.lost) == ("A47", (1, 2)) and pixels_of(photograph).shape == (40, 60)
    said = [
        stated({"reading": {"state": s, **r}, "confidence": 0.9})
        for s, r in (
            ("definite", {"reading": "A"}),
            ("unreadable", {}),
            ("definite", {"reading": "1"}),
        )
    ]
    counts = own_score(photograph, said, 5.0).counts
    assert (counts["right"], counts["rightly unreadable"], counts["wrong"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("file,text\n", "names no photograph"),
        ("file,text\nno.png,A\n", "row 2"),
        ("file,text\n../one.png,A\n", "row 2"),
        ("file,text,lost\none.png,A,x\n", "numbers of places"),
        ("file,text,lost\none.png,A,5\n", "from 1 to 1"),
        ("file,text\none.png," + "A" * 41 + "\n", "at most 40"),
    ],
)
def test_a_wrong_table_is_named(tmp_path, table, why):
    with pytest.raises(ExerciseError, match=why):
        own_photographs(folder_with(tmp_path, table))


def test_without_a_table_the_folder_is_named(tmp_path):
    with pytest.raises(ExerciseError, match=r"truth\.csv"):
        own_photographs(tmp_path)
