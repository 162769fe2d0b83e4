"""Where photographs lie against each other: known homographies, and stepping stones that are told apart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from examiner import alignment
from examiner.alignment import SIDE, Alignment, small
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


def test_a_moved_photograph_is_laid_back_whatever_its_resolution():
    plate = texture(1)
    by = np.array([(1, 0, 6.0), (0, 1, -4.0), (0, 0, 1)])
    shifted = cv2.warpPerspective(plate, by, plate.shape[::-1], borderMode=cv2.BORDER_REFLECT)
    twice = cv2.resize(shifted, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    half = np.array([(0.5, 0, -0.25), (0, 0.5, -0.25), (0, 0, 1)])
    # A copy made from a picture of twice the size, in the pixels of that picture.
    copies = {
        "plate": small(plate, np.eye(3)),
        "moved": alignment.Small(small(shifted, np.eye(3)).pixels, np.linalg.inv(half)),
    }
    assert twice.shape[0] == 2 * plate.shape[0]
    found = Alignment(lambda key: copies[key]).to_reference("moved", "plate")
    assert found is not None
    points = np.array([(100.0, 80.0), (600.0, 500.0)])
    expected = moved(moved(points, half), np.linalg.inv(by))
    assert np.abs(moved(points, found) - expected).max() < 0.5


def test_what_shows_something_else_is_left_out():
    copies = {name: small(texture(seed), np.eye(3)) for name, seed in (("a", 1), ("b", 2))}
    assert Alignment(lambda key: copies[key]).to_reference("b", "a", ["a", "b"]) is None


def test_a_stepping_stone_leads_to_the_reference_and_each_pair_is_tried_once(monkeypatch):
    tried = []
    steps = {(2, 1): 10.0, (1, 0): 5.0}

    def registered(pictures, reference):
        pair = (int(pictures[1][0, 0]), int(pictures[reference][0, 0]))
        tried.append(pair)
        shift = np.array([(1, 0, steps.get(pair, 0)), (0, 1, 0), (0, 0, 1)])
        return {0: np.eye(3)} | ({1: shift} if pair in steps else {})

    monkeypatch.setattr(alignment, "registered", registered)
    series = Alignment(lambda key: small(np.full((4, 4), key, np.uint8), np.eye(3)))
    found = series.to_reference(2, 0, [0, 1, 2])
    assert found is not None and found[0, 2] == 15
    assert series.to_reference(2, 0, [0, 1, 2])[0, 2] == 15
    assert series.to_reference(0, 0) == pytest.approx(np.eye(3))
    assert sorted(tried) == [(1, 0), (2, 0), (2, 1)]
