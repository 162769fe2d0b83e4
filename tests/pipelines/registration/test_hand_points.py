"""Photographs laid by hand: analytic motions, points that lay nothing, and the table in the folder."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import AlignmentError
from pipelines.registration.hand_points import FILE_NAME, both_ways, homography_by_points, read_alignment
from pipelines.strip import moved

AFFINE = np.array([[0.9, 0.2, 30.0], [-0.1, 1.1, -12.0], [0, 0, 1]])
TILTED = np.array([[0.9, 0.2, 30.0], [-0.1, 1.1, -12.0], [2e-4, 1e-4, 1]])
SQUARE = [(10.0, 20.0), (400.0, 30.0), (380.0, 300.0), (20.0, 280.0), (200.0, 150.0)]


def pairs(matrix, points):
    return [(p, tuple(q)) for p, q in zip(points, moved(points, matrix), strict=True)]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 3000)), min_size=3, max_size=3, unique=True))
def test_three_points_give_the_affine_motion_through_them_or_are_refused(points):
    try:
        found = homography_by_points(pairs(AFFINE, points))
    except AlignmentError as error:
        assert "one line" in str(error)
    else:
        assert found == pytest.approx(AFFINE, abs=1e-3)


def test_four_and_more_give_the_homography():
    for count in (4, 5):
        found = homography_by_points(pairs(TILTED, SQUARE[:count]))
        assert found / found[2, 2] == pytest.approx(TILTED, abs=1e-5)


def test_an_unsteady_hand_is_averaged_over_many_points():
    rng = np.random.default_rng(3)
    points = [tuple(p) for p in rng.random((30, 2)) * (400, 300)]
    shaken = [(p, tuple(q + rng.normal(0, 1, 2))) for p, q in pairs(TILTED, points)]
    off = moved(SQUARE, homography_by_points(shaken)) - moved(SQUARE, TILTED)
    assert np.abs(off).max() < 2.5


@pytest.mark.parametrize(
    "given,said",
    [
        (pairs(AFFINE, SQUARE[:2]), "2 points"),
        (pairs(AFFINE, [(0, 0), (10, 10), (20, 20)]), "one line"),
        (pairs(AFFINE, [(5, 5), (5, 5), (20, 90)]), "one line"),
        ([((0, 0), (0, 0)), ((9, 0), (-9, 0)), ((0, 9), (0, 9))], "no camera"),
        ([((0, 0), (0, 0)), ((9, 0), (9, 9)), ((9, 9), (9, 0)), ((0, 9), (0, 9))], "no camera"),
        ([((0, 0), (0, 0)), ((9, 0), (float("nan"), 0)), ((0, 9), (0, 9))], "not a place"),
    ],
    ids=["two", "on a line", "twice the same", "mirrored", "crossed", "no number"],
)
def test_points_that_lay_nothing_are_refused_with_the_reason(given, said):
    with pytest.raises(AlignmentError, match=said):
        homography_by_points(given, "photograph 2 over 1")


def test_the_way_back_is_added_but_takes_no_other_ones_place():
    ways = both_ways({(1, 0): AFFINE, (2, 1): TILTED, (1, 2): AFFINE})
    assert ways[0, 1] == pytest.approx(np.linalg.inv(AFFINE))
    assert ways[1, 2] is AFFINE


def table(folder, *rows):
    for name in ("a.jpg", "b.jpg"):
        (folder / name).touch()
    text = "\n".join(["file,x,y,other,other_x,other_y", *rows])
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def test_rows_of_two_files_are_one_motion(tmp_path):
    rows = [f"b.jpg,{x},{y},a.jpg,{q[0]},{q[1]}" for (x, y), q in pairs(AFFINE, SQUARE[:3])]
    found = read_alignment(table(tmp_path, *rows))
    assert list(found) == [("b.jpg", "a.jpg")]
    assert found["b.jpg", "a.jpg"] == pytest.approx(AFFINE)


def test_a_folder_without_the_table_has_none(tmp_path):
    assert read_alignment(tmp_path) == {}


@pytest.mark.parametrize(
    "row,said",
    [
        ("b.jpg,1,2,a.jpg,3", "other_y"),
        ("b.jpg,1,2,gone.jpg,3,4", "another file"),
        ("b.jpg,1,2,b.jpg,3,4", "another file"),
        ("gone.jpg,1,2,a.jpg,3,4", "no file"),
        ("b.jpg,one,2,a.jpg,3,4", "number of pixels"),
        ("b.jpg,1,inf,a.jpg,3,4", "number of pixels"),
        ("b.jpg,1,2,a.jpg,3,4", "1 points"),
    ],
)
def test_a_row_that_says_nothing_is_named(tmp_path, row, said):
    with pytest.raises(AlignmentError, match=said):
        read_alignment(table(tmp_path, row))
