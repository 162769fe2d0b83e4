"""Matched features against known homographies."""

import cv2
import numpy as np
import pytest

from pipelines.registration.features import Features, features, matched
from tests.pipelines.plates_seen import SIZE, corner_error, photographed, plate, turned


@pytest.mark.parametrize("degrees", [7, -170])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_moved_photograph_is_matched_in_either_polarity(degrees, inverted):
    metal, matrix = plate(1), turned(degrees, 1.1, (6, 3))
    found = matched(
        features(photographed(1 - metal if inverted else metal, matrix)),
        features(photographed(metal, np.eye(3))),
    )
    assert found is not None and corner_error(found, matrix) < 2.0


def test_a_photograph_twice_as_large_is_matched_to_a_part_of_a_pixel():
    small = photographed(plate(8), np.eye(3))
    large = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    found = matched(features(large), features(small))
    # Pixel centres: x of the large photograph is (x + 0.5) / 2 - 0.5 of the small one.
    true = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]])
    assert found is not None
    centre = np.array([[[SIZE[0], SIZE[1]]]], np.float64)
    ours, theirs = (cv2.perspectiveTransform(centre, m) for m in (found, true))
    assert np.abs(ours - theirs).max() < 0.3


def pair(target: np.ndarray, strays: int = 0) -> tuple[Features, Features]:
    """Two photographs with 60 features, each with its match; `strays` of these lie anywhere."""
    rng = np.random.default_rng(7)
    points = (rng.random((60, 2)) * SIZE).astype(np.float32)
    places = cv2.perspectiveTransform(points.reshape(-1, 1, 2), target).reshape(-1, 2).astype(np.float32)
    places[:strays] = rng.random((strays, 2)) * SIZE
    descriptors = rng.random((60, 128)).astype(np.float32)
    first, second = (Features(own, descriptors, -descriptors, SIZE) for own in (points, places))
    return first, second


@pytest.mark.parametrize("strays", [0, 10, 40])
def test_matches_that_agree_are_enough_whatever_the_others_say(strays):
    found = matched(*pair(turned(5), strays))
    assert found is not None and corner_error(found, turned(5)) < 0.1


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_photograph_has_no_match(value):
    flat = np.full((300, 400), value, np.uint8)
    assert matched(features(flat), features(photographed(plate(4), np.eye(3)))) is None


def test_the_same_photographs_give_the_same_matrix():
    seen = [features(photographed(plate(5), m)) for m in (turned(4), np.eye(3))]
    assert np.array_equal(matched(*seen), matched(*seen))
