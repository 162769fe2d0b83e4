"""Where photographs lie against each other: known homographies, and stepping stones that are told apart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from examiner.photographs import alignment
from examiner.photographs.alignment import SIDE, Laying, small
from pipelines.registration.alignments import Alignment
from pipelines.strip import moved


def texture(seed: int, height: int = 300, width: int = 420) -> np.ndarray:
    noise = np.random.default_rng(seed).random((height, width)).astype(np.float32)
    coarse = cv2.GaussianBlur(noise, (0, 0), 3)
    return cv2.normalize(coarse, None, 30, 220, cv2.NORM_MINMAX).astype(np.uint8)


def test_a_small_copy_knows_where_its_pixels_came_from():
    copy = small(np.zeros((3000, 4000), np.uint16), np.eye(3))
    assert copy.pixels.shape == (1500, SIDE) and copy.pixels.dtype == np.uint8
    corners = moved([(-0.5, -0.5), (SIDE - 0.5, 1499.5)], copy.to_stored)
    assert corners == pytest.approx(np.array([(-0.5, -0.5), (3999.5, 2999.5)]))


def test_a_moved_photograph_of_twice_the_resolution_is_registered_in_its_own_pixels(monkeypatch):
    plate = texture(1)
    monkeypatch.setattr(alignment, "SIDE", plate.shape[1])  # Above which copies are shrunk.
    by = np.array([(1, 0, 6.0), (0, 1, -4.0), (0, 0, 1)])
    shifted = cv2.warpPerspective(plate, by, plate.shape[::-1], borderMode=cv2.BORDER_REFLECT)
    twice = cv2.resize(shifted, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    copies = {"plate": small(plate, np.eye(3)), "moved": small(twice, np.eye(3))}
    assert copies["moved"].pixels.shape == plate.shape
    matrix = Laying(lambda key: copies[key]).laid("moved", "plate").to_reference
    assert matrix is not None
    half = np.array([(0.5, 0, -0.25), (0, 0.5, -0.25), (0, 0, 1)])
    points = np.array([(100.0, 80.0), (600.0, 500.0)])
    expected = moved(moved(points, half), np.linalg.inv(by))
    assert np.abs(moved(points, matrix) - expected).max() < 0.5


def test_what_shows_something_else_is_left_out():
    copies = {name: small(texture(seed), np.eye(3)) for name, seed in (("a", 1), ("b", 2))}
    found = Laying(lambda key: copies[key]).laid("b", "a", ["a", "b"])
    assert found.to_reference is None and "does not fit" in found.words


def shift(by: float) -> np.ndarray:
    return np.array([(1, 0, by), (0, 1, 0), (0, 0, 1)])


@pytest.fixture
def steps(monkeypatch):
    """Photographs of one value each, some pairs of which fit, and the pairs that were tried."""
    fitting, tried = {(2, 1): 10.0, (1, 0): 5.0}, []

    class Prepared:
        def __init__(self, pixels):
            self.value = int(pixels[0, 0])

    def laid(photo, reference, _thorough):
        pair = (photo.value, reference.value)
        tried.append(pair)
        return Alignment(shift(fitting[pair]) if pair in fitting else None, "correlation", 0.5)

    monkeypatch.setattr(alignment, "laid", laid)
    monkeypatch.setattr(alignment, "Prepared", Prepared)
    return Laying(lambda key: small(np.full((4, 4), key, np.uint8), np.eye(3))), tried


def test_a_stepping_stone_leads_to_the_reference_and_each_pair_is_tried_once(steps):
    series, tried = steps
    for _ in range(2):
        found = series.laid(2, 0, [0, 1, 2]).to_reference
        assert found is not None and found[0, 2] == 15
    assert series.laid(0, 0).how == "reference"
    assert sorted(tried) == [(1, 0), (2, 0), (2, 1)]


def test_what_a_person_laid_counts_before_anything_is_tried(steps):
    series, tried = steps
    by_hand = {(0, 7): shift(-3), (9, 7): shift(2)}
    assert series.laid(7, 0, [0, 7, 9], by_hand).to_reference[0, 2] == 3
    over = series.laid(9, 0, [0, 7, 9], by_hand)
    assert (over.how, over.to_reference[0, 2]) == ("by hand", 5)
    assert tried == []


def test_a_photograph_laid_by_hand_over_one_that_fits_follows_it(steps):
    series, tried = steps
    found = series.laid(8, 0, [0, 1, 8], {(8, 1): shift(1)})
    assert found.to_reference[0, 2] == 6
    assert (1, 0) in tried and (8, 1) not in tried
