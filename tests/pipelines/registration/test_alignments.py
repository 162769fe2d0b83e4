"""A series registered to one of its photographs: known homographies, points by hand and stepping
stones."""

from __future__ import annotations

import itertools
import json

import cv2
import numpy as np
import pytest

from pipelines.photographs.photo import upright_matrix
from pipelines.registration import alignments as module
from pipelines.registration.alignments import (
    SIDE,
    Registration,
    UprightCopy,
    alignments,
    copy_of,
    fitting,
    key_of,
    upright_copy,
)
from pipelines.registration.pairs import Alignment
from pipelines.strip import inverse, moved
from pipelines.types import Photo
from tests.pipelines.plates_seen import corner_error, photographed, plate, turned


def photo(pixels: np.ndarray, name: object = "", orientation: int = 1) -> Photo:
    return Photo(str(name), str(name), pixels, "PNG", orientation)


def test_an_upright_copy_knows_where_its_pixels_came_from():
    copy = upright_copy(np.zeros((3000, 4000, 3), np.uint16), np.eye(3))
    assert copy.pixels.shape == (1500, SIDE) and copy.pixels.dtype == np.uint16
    corners = moved([(-0.5, -0.5), (SIDE - 0.5, 1499.5)], copy.to_stored)
    assert corners == pytest.approx(np.array([(-0.5, -0.5), (3999.5, 2999.5)]))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_copy_of_a_photograph_is_upright_and_leads_back_to_stored_pixels(orientation):
    stored = np.zeros((30, 50), np.uint8)
    stored[4, 7] = 255
    copy = copy_of(photo(stored, orientation=orientation))
    row, column = np.argwhere(copy.pixels == 255)[0]
    assert moved([(column, row)], copy.to_stored) == pytest.approx(np.array([(7, 4)]))
    upright = moved([(7.0, 4.0)], upright_matrix(photo(stored, orientation=orientation)))
    assert upright == pytest.approx(np.array([(column, row)]))


def test_a_moved_photograph_of_twice_the_resolution_is_registered_in_its_own_pixels(monkeypatch):
    metal = photographed(plate(1), np.eye(3))
    monkeypatch.setattr(module, "SIDE", metal.shape[1])  # Above which copies are shrunk.
    twice = cv2.resize(photographed(plate(1), turned(2)), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert copy_of(photo(twice)).pixels.shape == metal.shape
    matrix = fitting(alignments({0: photo(metal, 0), 1: photo(twice, 1)}, 0))[1]
    half = np.array([(0.5, 0, -0.25), (0, 0.5, -0.25), (0, 0, 1)])
    points = np.array([(200.0, 160.0), (900.0, 500.0)])
    assert np.abs(moved(points, matrix) - moved(moved(points, half), turned(2))).max() < 1.0


def test_a_series_keeps_its_numbers_and_names_what_does_not_fit():
    metal, far, near = plate(7), turned(-160), turned(4, shift=(10, 5))
    series = {
        5: photo(photographed(metal, np.eye(3)), "a"),
        2: photo(255 - photographed(metal, near), "b"),
        9: photo(photographed(metal, far), "c"),
        1: photo(photographed(plate(8, ""), np.eye(3)), "d"),
    }
    placed = alignments(series, 5)
    assert list(placed) == [5, 2, 9, 1]
    assert sorted(fitting(placed)) == [2, 5, 9]
    assert placed[5].how == "reference" and corner_error(placed[5].to_reference, np.eye(3)) == 0
    assert corner_error(placed[2].to_reference, near) < 1.0
    assert corner_error(placed[9].to_reference, far) < 1.0
    assert "does not fit" in placed[1].words


def test_a_photograph_by_itself_is_its_own_reference():
    matrices = fitting(alignments({3: photo(np.zeros((8, 8), np.uint8))}, 3))
    assert list(matrices) == [3] and np.array_equal(matrices[3], np.eye(3))


def test_the_same_photograph_twice_lies_where_the_first_lies():
    metal = photo(photographed(plate(5), np.eye(3)), "same")
    placed = alignments({0: metal, 1: metal}, 1)
    assert [placed[i].how for i in (0, 1)] == ["reference", "reference"]


def test_photographs_held_differently_are_registered_by_correlation():
    """One was stored on its side, as a camera does that was held so: upright they hardly differ."""
    metal = plate(6)
    sideways = np.rot90(photographed(metal, turned(2)))  # EXIF orientation 6 brings it back
    series = {0: photo(photographed(metal, np.eye(3)), 0), 1: photo(np.ascontiguousarray(sideways), 1, 6)}
    alignment = alignments(series, 0)[1]
    assert alignment.how == "correlation"
    to_upright = upright_matrix(series[1])
    assert corner_error(alignment.to_reference @ inverse(to_upright), turned(2)) < 1.0


def test_what_does_not_fit_the_reference_is_registered_over_one_that_does():
    """Photographs that share only a part: the first and the last do not overlap, both do with the middle."""
    wide = photographed(plate(9), np.eye(3))
    left, middle, right = wide[:, :310], wide[:, 130:510], wide[:, 330:]
    series = {0: photo(left, "left"), 2: photo(right, "right")}
    assert sorted(fitting(alignments(series, 0))) == [0]
    placed = alignments({**series, 1: photo(middle, "middle")}, 0)
    corner = moved([(10.0, 200.0)], placed[2].to_reference)
    assert np.abs(corner - (340, 200)).max() < 1


def test_what_a_person_set_counts_first_and_carries_others():
    """Photograph 1 shows another plate: only a person can place it; photograph 2 follows it by hand."""
    metal, other = photographed(plate(2), np.eye(3)), photographed(plate(3, "B7"), np.eye(3))
    series = {0: photo(metal, 0), 1: photo(other, 1), 2: photo(255 - other, 2)}
    by_hand = {(1, 0): turned(5), (1, 2): turned(3)}
    placed = alignments(series, 0, by_hand)
    assert [placed[i].how for i in (0, 1, 2)] == ["reference", "by hand", "by hand"]
    assert placed[1].to_reference == pytest.approx(turned(5)) and placed[1].agreeing is None
    assert placed[2].to_reference == pytest.approx(turned(5) @ np.linalg.inv(turned(3)))


def shift(by: float) -> np.ndarray:
    return np.array([(1, 0, by), (0, 1, 0), (0, 0, 1)])


FITTING = {(2, 1): 10.0, (1, 0): 5.0, (4, 0): 7.0}


@pytest.fixture
def steps(monkeypatch):
    """Photographs of one value each, some pairs of which fit, and the pairs that were tried."""
    tried = []

    class Prepared:
        def __init__(self, pixels):
            self.value = int(pixels[0, 0])

    def pair_alignment(prepared, reference, _thorough):
        pair = (prepared.value, reference.value)
        tried.append(pair)
        return Alignment(shift(FITTING[pair]) if pair in FITTING else None, "correlation", 0.5)

    monkeypatch.setattr(module, "pair_alignment", pair_alignment)
    monkeypatch.setattr(module, "Prepared", Prepared)
    return Registration(lambda key: UprightCopy(np.full((4, 4), key, np.uint8), np.eye(3))), tried


def test_a_stepping_stone_leads_to_the_reference_and_each_pair_is_tried_once(steps):
    registration, tried = steps
    for _ in range(2):
        assert registration.alignment(2, [0, 1, 2], 0).to_reference[0, 2] == 15
    assert registration.alignment(0, [0, 1, 2], 0).how == "reference"
    assert sorted(tried) == [(1, 0), (2, 0), (2, 1)]


def test_what_a_person_set_counts_before_anything_is_tried(steps):
    registration, tried = steps
    by_hand = {(0, 7): shift(-3), (9, 7): shift(2)}
    assert registration.alignment(7, [0, 7, 9], 0, by_hand).to_reference[0, 2] == 3
    over = registration.alignment(9, [0, 7, 9], 0, by_hand)
    assert (over.how, over.to_reference[0, 2]) == ("by hand", 5)
    assert tried == []


def test_a_photograph_placed_by_hand_on_one_that_fits_follows_it(steps):
    registration, tried = steps
    alignment = registration.alignment(4, [0, 1, 4], 0, {(4, 1): shift(1)})
    # It would have fitted by itself as well, elsewhere: what a person set counts first.
    assert (alignment.how, alignment.to_reference[0, 2]) == ("by hand", 6)
    assert (1, 0) in tried and (4, 0) not in tried


def test_one_placed_by_hand_on_what_does_not_fit_is_registered_by_itself(steps):
    registration, _ = steps
    alignment = registration.alignment(4, [0, 4, 8], 0, {(4, 8): shift(1)})
    assert (alignment.how, alignment.to_reference[0, 2]) == ("correlation", 7)
    # And that one then lies where the person set it against the other.
    assert registration.alignment(8, [0, 4, 8], 0, {(4, 8): shift(1)}).to_reference[0, 2] == 6


@pytest.mark.parametrize("hand", [{}, {(4, 1): shift(1)}, {(4, 8): shift(1), (2, 8): shift(9)}])
def test_one_photograph_and_the_whole_series_say_the_same_in_any_order(steps, hand):
    registration, _ = steps
    whole = registration.alignments([0, 1, 2, 4, 8], 0, hand)
    for order in itertools.permutations([0, 1, 2, 4, 8]):
        for key, alignment in registration.alignments(order, 0, hand).items():
            single = registration.alignment(key, order, 0, hand)
            for other in (alignment, single):
                assert other.how == whole[key].how
                assert np.array_equal(other.to_reference, whole[key].to_reference)


def test_keys_tell_frames_of_a_video_apart_and_can_be_put_in_order():
    keys = [key_of("b", 0.5), key_of("b", None), key_of("a", 2.0)]
    assert sorted(keys) == [("a", 2.0), ("b", -1.0), ("b", 0.5)]
    assert json.loads(json.dumps(keys)) == [list(key) for key in keys]
